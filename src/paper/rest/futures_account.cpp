#include "paper/engine/futures/brackets.hpp"
#include "paper/protocol/futures_names.hpp"
#include "paper/protocol/json_text.hpp"
#include "paper/protocol/render_futures_account.hpp"
#include "paper/rest/endpoint.hpp"
#include "paper/rest/history.hpp"

#include <algorithm>
#include <array>

namespace obscura::paper {
namespace {

constexpr char const* success = R"({"code":200,"msg":"success"})";

FuturesEngine const& contracts(Call const& call) { return call.exchange.engine().futures(); }

FuturesAccount const& margin_account(Call const& call) {
    return contracts(call).state().account(call.account->id);
}

std::optional<SymbolId> read_optional_symbol(Call& call) {
    if (!call.params.optional_text("symbol")) return std::nullopt;
    return read_symbol(call.params, contracts(call).catalogue());
}

template <AccountVersion Version>
Outcome<std::string> account_information(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_futures_account(contracts(call), margin_account(call), Version);
}

Outcome<std::string> balance(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_futures_balance(contracts(call), margin_account(call));
}

template <AccountVersion Version>
Outcome<std::string> position_risk(Call& call) {
    auto const symbol = read_optional_symbol(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_position_risk(contracts(call), margin_account(call), symbol, Version);
}

Outcome<std::string> leverage_brackets(Call& call) {
    auto const symbol = read_optional_symbol(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_brackets(contracts(call), symbol);
}

Outcome<std::string> symbol_config(Call& call) {
    auto const symbol = read_optional_symbol(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_symbol_config(contracts(call), margin_account(call), symbol);
}

Outcome<std::string> account_config(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    JsonText json;
    json.begin_object()
        .number("feeTier", 0)
        .flag("canTrade", call.account->credential.can_trade)
        .flag("canDeposit", true)
        .flag("canWithdraw", call.account->credential.can_withdraw)
        .flag("dualSidePosition", margin_account(call).hedge)
        .number("updateTime", 0)
        .flag("multiAssetsMargin", false)
        .number("tradeGroupId", -1)
        .end_object();
    return json.take();
}

Outcome<std::string> commission_rate(Call& call) {
    auto const symbol = read_symbol(call.params, contracts(call).catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    JsonText json;
    json.begin_object()
        .text("symbol", contracts(call).catalogue().instrument(symbol).symbol)
        .amount("makerCommissionRate", contracts(call).settings().maker_fee)
        .amount("takerCommissionRate", contracts(call).settings().taker_fee)
        .end_object();
    return json.take();
}

Outcome<std::string> set_leverage(Call& call) {
    auto const symbol = read_symbol(call.params, contracts(call).catalogue());
    (void)call.params.text("leverage");
    auto const leverage = call.params.optional_integer("leverage", INT64_MIN, INT64_MAX);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const set =
        call.exchange.change_futures([&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.set_leverage(call.account->id, symbol, *leverage, now, batch);
        });
    if (!set) return std::unexpected(set.error());
    JsonText json;
    json.begin_object()
        .number("leverage", *leverage)
        .text("maxNotionalValue", max_notional(symbol, *leverage).to_string())
        .text("symbol", contracts(call).catalogue().instrument(symbol).symbol)
        .end_object();
    return json.take();
}

Outcome<std::string> set_margin_type(Call& call) {
    auto const symbol = read_symbol(call.params, contracts(call).catalogue());
    auto const mode = read_enum(call.params, "marginType", margin_type_wire_names, -1130,
                                "Data sent for parameter 'marginType' is not valid.");
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const set =
        call.exchange.change_futures([&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.set_margin_mode(call.account->id, symbol, mode, now, batch);
        });
    if (!set) return std::unexpected(set.error());
    return success;
}

Outcome<std::string> set_position_mode(Call& call) {
    (void)call.params.text("dualSidePosition");
    auto const hedge = call.params.optional_boolean("dualSidePosition");
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const set =
        call.exchange.change_futures([&](FuturesEngine& market, base::Timestamp, Batch& batch) {
            return market.set_position_mode(call.account->id, *hedge, batch);
        });
    if (!set) return std::unexpected(set.error());
    return success;
}

Outcome<std::string> position_mode(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return std::string(R"({"dualSidePosition":)") +
           (margin_account(call).hedge ? "true}" : "false}");
}

Outcome<std::string> income(Call& call) {
    constexpr std::int64_t usual = 100;
    constexpr std::chrono::days usual_range(7);
    auto const symbol = read_optional_symbol(call);
    auto const type = call.params.optional_text("incomeType");
    auto const page = call.params.optional_integer("page", 1, 1'000'000).value_or(1);
    auto range = read_range(call.params, usual);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    if (!range.has_start() && !range.has_end()) range.start = call.now - usual_range;
    std::vector<Income> found;
    for (auto const& entry : margin_account(call).income) {
        if (symbol && (entry.kind == IncomeKind::transfer || entry.symbol != *symbol)) continue;
        if (type && wire(entry.kind) != *type) continue;
        if (entry.time < range.start || entry.time > range.end) continue;
        found.push_back(entry);
    }
    auto const skipped = std::min(found.size(), static_cast<std::size_t>(page - 1) * range.limit);
    auto const shown = std::min(range.limit, found.size() - skipped);
    return render_income(std::span(found).subspan(skipped, shown), contracts(call).catalogue());
}

/// The stream's key takes no parameters; clients send the key and more.
void ignore_listen_key(Call& call) { call.params.ignore("listenKey"); }

Outcome<std::string> open_listen_key(Call& call) {
    ignore_listen_key(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return R"({"listenKey":")" + call.exchange.open_listen_key(call.account->id) + "\"}";
}

Outcome<std::string> keep_listen_key(Call& call) {
    ignore_listen_key(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const kept =
        call.exchange.change_futures([&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.keep_listen_key(call.account->id, now, batch);
        });
    if (!kept) return std::unexpected(kept.error());
    return R"({"listenKey":")" + margin_account(call).listen_key + "\"}";
}

Outcome<std::string> close_listen_key(Call& call) {
    ignore_listen_key(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    call.exchange.change_futures([&](FuturesEngine& market, base::Timestamp, Batch& batch) {
        market.close_listen_key(call.account->id, batch);
    });
    return "{}";
}

constexpr auto account_signs = Security::signature;
constexpr auto v2 = AccountVersion::v2;
constexpr auto v3 = AccountVersion::v3;
constexpr std::array futures_account_table{
    Endpoint{"GET", "/fapi/v1/account", account_signs, "", weighs<5>, account_information<v2>},
    Endpoint{"GET", "/fapi/v2/account", account_signs, "", weighs<5>, account_information<v2>},
    Endpoint{"GET", "/fapi/v3/account", account_signs, "", weighs<5>, account_information<v3>},
    Endpoint{"GET", "/fapi/v2/balance", account_signs, "", weighs<5>, balance},
    Endpoint{"GET", "/fapi/v3/balance", account_signs, "", weighs<5>, balance},
    Endpoint{"GET", "/fapi/v2/positionRisk", account_signs, "", weighs<5>, position_risk<v2>},
    Endpoint{"GET", "/fapi/v3/positionRisk", account_signs, "", weighs<5>, position_risk<v3>},
    Endpoint{"GET", "/fapi/v1/leverageBracket", account_signs, "", weighs<1>, leverage_brackets},
    Endpoint{"GET", "/fapi/v1/symbolConfig", account_signs, "", weighs<5>, symbol_config},
    Endpoint{"GET", "/fapi/v1/accountConfig", account_signs, "", weighs<5>, account_config},
    Endpoint{"GET", "/fapi/v1/commissionRate", account_signs, "", weighs<20>, commission_rate},
    Endpoint{"POST", "/fapi/v1/leverage", account_signs, "", weighs<1>, set_leverage},
    Endpoint{"POST", "/fapi/v1/marginType", account_signs, "", weighs<1>, set_margin_type},
    Endpoint{"POST", "/fapi/v1/positionSide/dual", account_signs, "", weighs<1>, set_position_mode},
    Endpoint{"GET", "/fapi/v1/positionSide/dual", account_signs, "", weighs<30>, position_mode},
    Endpoint{"GET", "/fapi/v1/income", account_signs, "", weighs<30>, income},
    Endpoint{"POST", "/fapi/v1/listenKey", Security::key, "", weighs<1>, open_listen_key},
    Endpoint{"PUT", "/fapi/v1/listenKey", Security::key, "", weighs<1>, keep_listen_key},
    Endpoint{"DELETE", "/fapi/v1/listenKey", Security::key, "", weighs<1>, close_listen_key},
};

}  // namespace

std::span<Endpoint const> futures_account_endpoints() { return futures_account_table; }

}  // namespace obscura::paper
