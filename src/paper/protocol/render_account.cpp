#include "paper/protocol/render_account.hpp"

#include "paper/protocol/json_text.hpp"

namespace obscura::paper {
namespace {

/// The old integer form of a commission rate: basis points.
std::int64_t basis_points(base::Decimal rate) {
    auto const points = multiply(rate, base::Decimal(10'000), base::Rounding::floor);
    return static_cast<std::int64_t>(points.raw() / base::Decimal::one_raw);
}

void add_rates(JsonText& json, Account const& account) {
    json.number("makerCommission", basis_points(account.maker_fee))
        .number("takerCommission", basis_points(account.taker_fee))
        .number("buyerCommission", 0)
        .number("sellerCommission", 0)
        .begin_object("commissionRates")
        .amount("maker", account.maker_fee)
        .amount("taker", account.taker_fee)
        .amount("buyer", base::Decimal{})
        .amount("seller", base::Decimal{})
        .end_object();
}

}  // namespace

std::string render_account(Account const& account, Catalogue const& catalogue, ZeroBalances zeros) {
    JsonText json(2048);
    json.begin_object();
    add_rates(json, account);
    json.flag("canTrade", account.credential.can_trade)
        .flag("canWithdraw", account.credential.can_withdraw)
        .flag("canDeposit", true)
        .flag("brokered", false)
        .flag("requireSelfTradePrevention", false)
        .flag("preventSor", false)
        .number("updateTime", base::to_unix_ms(account.updated_at))
        .text("accountType", "SPOT")
        .begin_array("balances");
    for (std::size_t i = 0; i < account.balances.size(); ++i) {
        auto const& balance = account.balances[i];
        bool const is_zero = balance.free.is_zero() && balance.locked.is_zero();
        if (is_zero && zeros == ZeroBalances::omit) continue;
        json.begin_object()
            .text("asset", catalogue.assets()[i])
            .amount("free", balance.free)
            .amount("locked", balance.locked)
            .end_object();
    }
    json.end_array();
    json.begin_array("permissions").text_item("SPOT").end_array();
    json.number("uid", account.id.value).end_object();
    return json.take();
}

std::string render_coins(Account const& account, Catalogue const& catalogue) {
    JsonText json(4096);
    json.begin_array();
    for (std::size_t i = 0; i < account.balances.size(); ++i) {
        json.begin_object()
            .text("coin", catalogue.assets()[i])
            .text("name", catalogue.assets()[i])
            .flag("depositAllEnable", false)
            .flag("withdrawAllEnable", false)
            .flag("isLegalMoney", false)
            .flag("trading", true)
            .amount("free", account.balances[i].free)
            .amount("locked", account.balances[i].locked);
        for (auto const* name : {"freeze", "ipoable", "ipoing", "storage", "withdrawing"}) {
            json.amount(name, base::Decimal{});
        }
        json.begin_array("networkList").end_array().end_object();
    }
    json.end_array();
    return json.take();
}

std::string render_restrictions(Account const& account) {
    JsonText json;
    json.begin_object()
        .flag("ipRestrict", false)
        .number("createTime", base::to_unix_ms(account.opened_at))
        .flag("enableReading", true)
        .flag("enableSpotAndMarginTrading", account.credential.can_trade)
        .flag("enableFutures", account.credential.can_trade)
        .flag("enableWithdrawals", account.credential.can_withdraw);
    for (auto const* name : {"enableInternalTransfer", "enableMargin", "permitsUniversalTransfer",
                             "enableVanillaOptions", "enableFixApiTrade", "enableFixReadOnly",
                             "enablePortfolioMarginTrading"}) {
        json.flag(name, false);
    }
    json.end_object();
    return json.take();
}

}  // namespace obscura::paper
