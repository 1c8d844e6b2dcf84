#include "paper/protocol/render_futures_account.hpp"

#include "paper/engine/futures/brackets.hpp"
#include "paper/engine/futures/position.hpp"
#include "paper/protocol/futures_names.hpp"
#include "paper/protocol/json_text.hpp"

#include <algorithm>
#include <vector>

namespace obscura::paper {
namespace {

constexpr std::string_view quote = "USDT";

/// A position with all that is computed of it.
struct PositionFigures {
    PositionKey key;
    Position position;
    SymbolTerms terms;
    base::Price mark{};
    base::Price liquidation{};
    base::Money value{};
    base::Money result{};
    base::Money initial{};
    base::Money orders{};
    base::Money maintenance{};

    [[nodiscard]] base::Money isolated_margin() const {
        if (terms.margin_mode == MarginMode::cross) return {};
        return position.isolated + result;
    }
};

PositionFigures figures_of(FuturesEngine const& market, FuturesAccount const& account,
                           PositionKey key) {
    PositionFigures figures{.key = key,
                            .position = account.position(key),
                            .terms = account.terms_of(key.symbol),
                            .mark = market.mark_price(key.symbol)};
    auto const exposure = exposure_of(market.state(), account, key, figures.mark);
    figures.value = exposure.position;
    figures.result = unrealised(figures.position, figures.mark);
    figures.initial = margin_for(exposure.position.abs(), figures.terms.leverage);
    figures.orders = order_margin(exposure, key.side, figures.terms.leverage);
    if (figures.position.quantity.is_zero()) return figures;
    figures.maintenance = maintenance_margin(key.symbol, exposure.position.abs());
    figures.liquidation = liquidation_price(market.state(), account, key, market.marks());
    return figures;
}

std::vector<PositionKey> sides_of(FuturesAccount const& account, SymbolId symbol) {
    if (!account.hedge) return {{symbol, PositionSide::both}};
    return {{symbol, PositionSide::long_side}, {symbol, PositionSide::short_side}};
}

/// The positions of the symbols wanted: all of them, or those with a position or open orders.
std::vector<PositionFigures> shown_positions(FuturesEngine const& market,
                                             FuturesAccount const& account,
                                             std::optional<SymbolId> wanted, bool all) {
    auto const used = keys_in_use(market.state(), account);
    std::vector<PositionFigures> shown;
    for (std::size_t i = 0; i < market.catalogue().instruments().size(); ++i) {
        auto const symbol = SymbolId(static_cast<std::uint16_t>(i));
        if (wanted && symbol != *wanted) continue;
        bool const in_use =
            std::ranges::any_of(used, [&](PositionKey const& key) { return key.symbol == symbol; });
        if (!all && !in_use) continue;
        for (auto const& key : sides_of(account, symbol)) {
            shown.push_back(figures_of(market, account, key));
        }
    }
    return shown;
}

void add_totals(JsonText& json, MarginFigures const& figures) {
    auto const margin_balance = figures.wallet + figures.unrealised.value;
    json.amount("totalInitialMargin", figures.position_margin + figures.order_margin)
        .amount("totalMaintMargin", figures.maintenance)
        .amount("totalWalletBalance", figures.wallet)
        .amount("totalUnrealizedProfit", figures.unrealised)
        .amount("totalMarginBalance", margin_balance)
        .amount("totalPositionInitialMargin", figures.position_margin)
        .amount("totalOpenOrderInitialMargin", figures.order_margin)
        .amount("totalCrossWalletBalance", figures.cross_wallet)
        .amount("totalCrossUnPnl", figures.cross_unrealised)
        .amount("availableBalance", figures.available)
        .amount("maxWithdrawAmount", std::min(figures.available, figures.cross_wallet));
}

void add_assets(JsonText& json, MarginFigures const& figures, FuturesAccount const& account,
                AccountVersion version) {
    json.begin_array("assets")
        .begin_object()
        .text("asset", quote)
        .amount("walletBalance", figures.wallet)
        .amount("unrealizedProfit", figures.unrealised)
        .amount("marginBalance", figures.wallet + figures.unrealised.value)
        .amount("maintMargin", figures.maintenance)
        .amount("initialMargin", figures.position_margin + figures.order_margin)
        .amount("positionInitialMargin", figures.position_margin)
        .amount("openOrderInitialMargin", figures.order_margin)
        .amount("crossWalletBalance", figures.cross_wallet)
        .amount("crossUnPnl", figures.cross_unrealised)
        .amount("availableBalance", figures.available)
        .amount("maxWithdrawAmount", std::min(figures.available, figures.cross_wallet));
    if (version == AccountVersion::v2) json.flag("marginAvailable", true);
    json.number("updateTime", base::to_unix_ms(account.updated_at)).end_object().end_array();
}

void add_account_position(JsonText& json, PositionFigures const& figures,
                          Catalogue const& catalogue, AccountVersion version) {
    auto const& position = figures.position;
    json.begin_object()
        .text("symbol", catalogue.instrument(figures.key.symbol).symbol)
        .text("positionSide", wire(figures.key.side))
        .amount("positionAmt", position.quantity)
        .amount("unrealizedProfit", figures.result)
        .amount("isolatedMargin", figures.isolated_margin())
        .amount("notional", figures.value)
        .amount("isolatedWallet", position.isolated)
        .amount("initialMargin", figures.initial + figures.orders)
        .amount("maintMargin", figures.maintenance);
    if (version == AccountVersion::v2) {
        json.amount("positionInitialMargin", figures.initial)
            .amount("openOrderInitialMargin", figures.orders)
            .text("leverage", std::to_string(figures.terms.leverage))
            .flag("isolated", figures.terms.margin_mode == MarginMode::isolated)
            .amount("entryPrice", position.entry_price())
            .amount("breakEvenPrice", position.entry_price())
            .text("maxNotional",
                  max_notional(figures.key.symbol, figures.terms.leverage).to_string())
            .amount("bidNotional", base::Decimal{})
            .amount("askNotional", base::Decimal{});
    }
    json.number("updateTime", base::to_unix_ms(position.updated_at)).end_object();
}

void add_risk(JsonText& json, PositionFigures const& figures, Catalogue const& catalogue,
              AccountVersion version) {
    auto const& position = figures.position;
    auto const& terms = figures.terms;
    json.begin_object()
        .text("symbol", catalogue.instrument(figures.key.symbol).symbol)
        .text("positionSide", wire(figures.key.side))
        .amount("positionAmt", position.quantity)
        .amount("entryPrice", position.entry_price())
        .amount("breakEvenPrice", position.entry_price())
        .amount("markPrice", figures.mark)
        .amount("unRealizedProfit", figures.result)
        .amount("liquidationPrice", figures.liquidation)
        .amount("isolatedMargin", figures.isolated_margin())
        .amount("notional", figures.value)
        .amount("isolatedWallet", position.isolated);
    if (version == AccountVersion::v2) {
        json.text("leverage", std::to_string(terms.leverage))
            .text("maxNotionalValue", max_notional(figures.key.symbol, terms.leverage).to_string())
            .text("marginType", lower_margin_type(terms.margin_mode))
            .text("isAutoAddMargin", "false");
    } else {
        json.text("marginAsset", quote)
            .amount("initialMargin", figures.initial + figures.orders)
            .amount("maintMargin", figures.maintenance)
            .amount("positionInitialMargin", figures.initial)
            .amount("openOrderInitialMargin", figures.orders)
            .number("adl", 0)
            .amount("bidNotional", base::Decimal{})
            .amount("askNotional", base::Decimal{});
    }
    json.number("updateTime", base::to_unix_ms(position.updated_at)).end_object();
}

void add_bracket_table(JsonText& json, SymbolId symbol, Catalogue const& catalogue) {
    json.begin_object().text("symbol", catalogue.instrument(symbol).symbol).begin_array("brackets");
    for (auto const& bracket : brackets_of(symbol)) {
        json.begin_object()
            .number("bracket", bracket.number)
            .number("initialLeverage", bracket.max_leverage)
            .raw("notionalCap", bracket.cap.to_string())
            .raw("notionalFloor", bracket.floor.to_string())
            .raw("maintMarginRatio", bracket.maintenance_rate.to_string())
            .raw("cum", bracket.cumulated.to_string())
            .end_object();
    }
    json.end_array().end_object();
}

}  // namespace

std::string render_futures_account(FuturesEngine const& market, FuturesAccount const& account,
                                   AccountVersion version) {
    auto const figures = margin_of(market.state(), account, market.marks());
    bool const all = version == AccountVersion::v2;
    JsonText json(4096);
    json.begin_object();
    if (all) {
        json.number("feeTier", 0)
            .flag("feeBurn", false)
            .flag("canTrade", true)
            .flag("canDeposit", true)
            .flag("canWithdraw", false)
            .number("updateTime", 0)
            .flag("multiAssetsMargin", false)
            .number("tradeGroupId", -1);
    }
    add_totals(json, figures);
    add_assets(json, figures, account, version);
    json.begin_array("positions");
    for (auto const& shown : shown_positions(market, account, std::nullopt, all)) {
        add_account_position(json, shown, market.catalogue(), version);
    }
    json.end_array().end_object();
    return json.take();
}

std::string render_futures_balance(FuturesEngine const& market, FuturesAccount const& account) {
    auto const figures = margin_of(market.state(), account, market.marks());
    JsonText json;
    json.begin_array()
        .begin_object()
        .text("accountAlias", "paper" + std::to_string(account.id.value))
        .text("asset", quote)
        .amount("balance", figures.wallet)
        .amount("crossWalletBalance", figures.cross_wallet)
        .amount("crossUnPnl", figures.cross_unrealised)
        .amount("availableBalance", figures.available)
        .amount("maxWithdrawAmount", std::min(figures.available, figures.cross_wallet))
        .flag("marginAvailable", true)
        .number("updateTime", base::to_unix_ms(account.updated_at))
        .end_object()
        .end_array();
    return json.take();
}

std::string render_position_risk(FuturesEngine const& market, FuturesAccount const& account,
                                 std::optional<SymbolId> symbol, AccountVersion version) {
    JsonText json(4096);
    json.begin_array();
    for (auto const& shown :
         shown_positions(market, account, symbol, version == AccountVersion::v2)) {
        add_risk(json, shown, market.catalogue(), version);
    }
    json.end_array();
    return json.take();
}

std::string render_brackets(FuturesEngine const& market, std::optional<SymbolId> symbol) {
    JsonText json(8192);
    if (symbol) {
        add_bracket_table(json, *symbol, market.catalogue());
        return json.take();
    }
    json.begin_array();
    for (std::size_t i = 0; i < market.catalogue().instruments().size(); ++i) {
        add_bracket_table(json, SymbolId(static_cast<std::uint16_t>(i)), market.catalogue());
    }
    json.end_array();
    return json.take();
}

std::string render_symbol_config(FuturesEngine const& market, FuturesAccount const& account,
                                 std::optional<SymbolId> symbol) {
    JsonText json(2048);
    json.begin_array();
    for (std::size_t i = 0; i < market.catalogue().instruments().size(); ++i) {
        auto const id = SymbolId(static_cast<std::uint16_t>(i));
        if (symbol && id != *symbol) continue;
        auto const terms = account.terms_of(id);
        json.begin_object()
            .text("symbol", market.catalogue().instrument(id).symbol)
            .text("marginType", wire(terms.margin_mode))
            .text("isAutoAddMargin", "false")
            .number("leverage", terms.leverage)
            .text("maxNotionalValue", max_notional(id, terms.leverage).to_string())
            .end_object();
    }
    json.end_array();
    return json.take();
}

std::string render_income(std::span<Income const> entries, Catalogue const& catalogue) {
    JsonText json(4096);
    json.begin_array();
    for (auto const& entry : entries) {
        bool const has_symbol = entry.kind != IncomeKind::transfer;
        json.begin_object()
            .text("symbol", has_symbol ? catalogue.instrument(entry.symbol).symbol : "")
            .text("incomeType", wire(entry.kind))
            .amount("income", entry.amount)
            .text("asset", quote)
            .text("info", wire(entry.kind))
            .number("time", base::to_unix_ms(entry.time))
            .number("tranId", static_cast<std::int64_t>(entry.id))
            .text("tradeId", entry.trade.value == 0 ? "" : std::to_string(entry.trade.value))
            .end_object();
    }
    json.end_array();
    return json.take();
}

}  // namespace obscura::paper
