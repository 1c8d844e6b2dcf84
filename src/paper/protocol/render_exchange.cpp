#include "paper/protocol/render_exchange.hpp"

#include "paper/protocol/json_text.hpp"

namespace obscura::paper {
namespace {

void add_limit(JsonText& json, char const* type, char const* interval, int count,
               std::uint64_t limit) {
    json.begin_object()
        .text("rateLimitType", type)
        .text("interval", interval)
        .number("intervalNum", count)
        .number("limit", static_cast<std::int64_t>(limit))
        .end_object();
}

void add_lot_size(JsonText& json, char const* type, base::Quantity min, base::Quantity max,
                  base::Quantity step) {
    json.begin_object()
        .text("filterType", type)
        .amount("minQty", min)
        .amount("maxQty", max)
        .amount("stepSize", step)
        .end_object();
}

void add_filters(JsonText& json, PaperInstrument const& instrument, std::size_t max_open_orders) {
    json.begin_array("filters");
    json.begin_object()
        .text("filterType", "PRICE_FILTER")
        .amount("minPrice", instrument.min_price)
        .amount("maxPrice", instrument.max_price)
        .amount("tickSize", instrument.tick)
        .end_object();
    add_lot_size(json, "LOT_SIZE", instrument.min_quantity, instrument.max_quantity,
                 instrument.step);
    // As on the venue: no step of its own, LOT_SIZE's holds.
    add_lot_size(json, "MARKET_LOT_SIZE", {}, instrument.max_market_quantity, {});
    json.begin_object()
        .text("filterType", "NOTIONAL")
        .amount("minNotional", instrument.min_notional)
        .flag("applyMinToMarket", true)
        .amount("maxNotional", instrument.max_notional)
        .flag("applyMaxToMarket", false)
        .number("avgPriceMins", 0)
        .end_object();
    json.begin_object()
        .text("filterType", "MAX_NUM_ORDERS")
        .number("maxNumOrders", static_cast<std::int64_t>(max_open_orders))
        .end_object()
        .end_array();
}

void add_symbol(JsonText& json, Catalogue const& catalogue, PaperInstrument const& instrument,
                std::size_t max_open_orders) {
    json.begin_object()
        .text("symbol", instrument.symbol)
        .text("status", "TRADING")
        .text("baseAsset", catalogue.asset(instrument.base_asset))
        .number("baseAssetPrecision", 8)
        .text("quoteAsset", catalogue.asset(instrument.quote_asset))
        .number("quotePrecision", 8)
        .number("quoteAssetPrecision", 8)
        .number("baseCommissionPrecision", 8)
        .number("quoteCommissionPrecision", 8);
    json.begin_array("orderTypes")
        .text_item("LIMIT")
        .text_item("LIMIT_MAKER")
        .text_item("MARKET")
        .end_array();
    for (auto const* absent :
         {"icebergAllowed", "ocoAllowed", "otoAllowed", "allowTrailingStop", "cancelReplaceAllowed",
          "amendAllowed", "pegInstructionsAllowed", "isMarginTradingAllowed"}) {
        json.flag(absent, false);
    }
    json.flag("quoteOrderQtyMarketAllowed", true).flag("isSpotTradingAllowed", true);
    add_filters(json, instrument, max_open_orders);
    json.begin_array("permissions").end_array();
    json.begin_array("permissionSets").begin_array().text_item("SPOT").end_array().end_array();
    json.text("defaultSelfTradePreventionMode", "NONE");
    json.begin_array("allowedSelfTradePreventionModes").text_item("NONE").end_array().end_object();
}

}  // namespace

std::string render_exchange_info(Catalogue const& catalogue, std::span<SymbolId const> symbols,
                                 RateLimitSettings const& limits, std::size_t max_open_orders,
                                 base::Timestamp now) {
    JsonText json(16 * 1024);
    json.begin_object()
        .text("timezone", "UTC")
        .number("serverTime", base::to_unix_ms(now))
        .begin_array("rateLimits");
    add_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute);
    add_limit(json, "ORDERS", "SECOND", 10, limits.orders_per_10s);
    add_limit(json, "ORDERS", "DAY", 1, limits.orders_per_day);
    json.end_array().begin_array("exchangeFilters").end_array().begin_array("symbols");
    for (auto const symbol : symbols) {
        add_symbol(json, catalogue, catalogue.instrument(symbol), max_open_orders);
    }
    json.end_array().end_object();
    return json.take();
}

std::string render_no_symbols(base::Timestamp now) {
    JsonText json;
    json.begin_object().text("timezone", "UTC").number("serverTime", base::to_unix_ms(now));
    for (auto const* list : {"rateLimits", "exchangeFilters", "assets", "symbols"}) {
        json.begin_array(list).end_array();
    }
    json.end_object();
    return json.take();
}

std::string render_error(VenueError const& error) {
    JsonText json(128);
    json.begin_object().number("code", error.code).text("msg", error.message).end_object();
    return json.take();
}

}  // namespace obscura::paper
