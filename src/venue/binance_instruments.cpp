#include "venue/binance_codec.hpp"
#include "venue/fields.hpp"

#include <algorithm>

namespace obscura::venue {
namespace {

using base::Decimal;
using base::Json;

/// The filter of a symbol, or a null value.
Json const& filter_of(Json const& symbol, std::string_view type) {
    static Json const none;
    auto const& filters = symbol["filters"];
    if (!filters.is_array()) return none;
    for (auto const& filter : filters.as_array())
        if (filter["filterType"].to_text() == type) return filter;
    return none;
}

Decimal number_in(Json const& filter, std::string_view key) {
    return filter[key].to_decimal().value_or(Decimal{});
}

/// Zero in MARKET_LOT_SIZE means "no rule of its own".
Decimal smaller_limit(Decimal a, Decimal b) {
    if (!a.is_positive()) return b;
    if (!b.is_positive()) return a;
    return std::min(a, b);
}

std::optional<model::Instrument> decode_instrument(Json const& json) {
    Fields in(json, "symbol");
    model::Instrument out;
    out.symbol = in.text("symbol");
    out.base_asset = in.text("baseAsset", 32);
    out.quote_asset = in.text("quoteAsset", 32);
    out.is_trading = in.text("status", 32) == "TRADING";
    auto const& spot = json["isSpotTradingAllowed"];
    if (spot.is_bool() && !spot.as_bool()) out.is_trading = false;

    auto const& lot = filter_of(json, "LOT_SIZE");
    auto const& market_lot = filter_of(json, "MARKET_LOT_SIZE");
    out.tick = base::Price{number_in(filter_of(json, "PRICE_FILTER"), "tickSize")};
    // Both filters bind a market order; where both have a step, one is a multiple of the other.
    out.step =
        base::Quantity{std::max(number_in(lot, "stepSize"), number_in(market_lot, "stepSize"))};
    out.min_quantity =
        base::Quantity{std::max(number_in(lot, "minQty"), number_in(market_lot, "minQty"))};
    out.max_quantity =
        base::Quantity{smaller_limit(number_in(lot, "maxQty"), number_in(market_lot, "maxQty"))};
    auto const notional = std::max(number_in(filter_of(json, "NOTIONAL"), "minNotional"),
                                   number_in(filter_of(json, "MIN_NOTIONAL"), "minNotional"));
    out.min_notional = base::Money{notional};
    if (!in.ok() || !out.tick.is_positive() || !out.step.is_positive() ||
        !out.max_quantity.is_positive())
        return std::nullopt;
    return out;
}

}  // namespace

base::Result<std::vector<model::Instrument>> decode_instruments(Json const& json) {
    auto const& symbols = json["symbols"];
    if (!symbols.is_array()) return unreadable("exchangeInfo has no symbols");
    std::vector<model::Instrument> out;
    out.reserve(symbols.as_array().size());
    for (auto const& symbol : symbols.as_array())
        if (auto instrument = decode_instrument(symbol)) out.push_back(std::move(*instrument));
    if (out.empty()) return unreadable("exchangeInfo has no usable symbol");
    return out;
}

}  // namespace obscura::venue
