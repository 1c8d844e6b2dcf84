#include "venue/binance_codec.hpp"
#include "venue/binance_futures_codec.hpp"

#include <algorithm>
#include <array>

namespace obscura::venue {
namespace {

using base::Decimal;
using base::Json;
using model::InstrumentKind;

// "PERPETUAL" and the contracts with a date, which end as "... DELIVERING". Kinds that Binance adds
// are left out until somebody has looked at them.
constexpr std::array<base::EnumName<InstrumentKind>, 7> contract_names{
    {{"PERPETUAL", InstrumentKind::linear_perpetual},
     {"CURRENT_MONTH", InstrumentKind::linear_delivery},
     {"NEXT_MONTH", InstrumentKind::linear_delivery},
     {"CURRENT_QUARTER", InstrumentKind::linear_delivery},
     {"NEXT_QUARTER", InstrumentKind::linear_delivery},
     {"CURRENT_QUARTER DELIVERING", InstrumentKind::linear_delivery},
     {"NEXT_QUARTER DELIVERING", InstrumentKind::linear_delivery}}};

/// Zero in MARKET_LOT_SIZE means "no rule of its own".
Decimal smaller_limit(Decimal a, Decimal b) {
    if (!a.is_positive()) return b;
    if (!b.is_positive()) return a;
    return std::min(a, b);
}

/// Beyond it a venue talks nonsense.
constexpr Decimal largest(1'000'000'000'000'000);

/// The number in a filter of the symbol; 0 where there is none, or none that a limit can be.
Decimal number_in(Json const& symbol, std::string_view filter_type, std::string_view key) {
    auto const& filters = symbol["filters"];
    if (!filters.is_array()) return {};
    for (auto const& filter : filters.as_array()) {
        if (filter["filterType"].to_text() != filter_type) continue;
        auto const number = filter[key].to_decimal();
        return number && number->is_positive() && *number <= largest ? *number : Decimal{};
    }
    return {};
}

/// What spot and futures say in the same way. nullopt where no order could be sized: without usable
/// lot and price filters.
std::optional<model::Instrument> read_instrument(Json const& json) {
    Fields in(json, "symbol");
    model::Instrument out;
    out.symbol = in.text("symbol");
    out.base_asset = in.text("baseAsset", 32);
    out.quote_asset = in.text("quoteAsset", 32);
    out.is_trading = in.text("status", 32) == "TRADING";
    auto const number = [&](std::string_view filter, std::string_view key) {
        return number_in(json, filter, key);
    };
    // Both lot filters bind a market order; where both have a step, one is a multiple of the other.
    auto const stricter = [&](std::string_view key) {
        return std::max(number("LOT_SIZE", key), number("MARKET_LOT_SIZE", key));
    };
    out.tick = base::Price{number("PRICE_FILTER", "tickSize")};
    out.step = base::Quantity{stricter("stepSize")};
    out.min_quantity = base::Quantity{stricter("minQty")};
    out.max_quantity = base::Quantity{
        smaller_limit(number("LOT_SIZE", "maxQty"), number("MARKET_LOT_SIZE", "maxQty"))};
    // Futures call it `notional`.
    out.min_notional = base::Money{
        std::max({number("NOTIONAL", "minNotional"), number("MIN_NOTIONAL", "minNotional"),
                  number("MIN_NOTIONAL", "notional")})};
    if (!in.ok() || !out.tick.is_positive() || !out.step.is_positive() ||
        !out.max_quantity.is_positive())
        return std::nullopt;
    return out;
}

std::optional<model::Instrument> decode_spot_symbol(Json const& json) {
    auto out = read_instrument(json);
    auto const& spot = json["isSpotTradingAllowed"];
    if (out && spot.is_bool() && !spot.as_bool()) out->is_trading = false;
    return out;
}

std::optional<model::Instrument> decode_contract(Json const& json) {
    auto out = read_instrument(json);
    if (!out) return out;
    Fields in(json, "contract");
    auto const kind = model::value_of(in.text("contractType", 32), contract_names);
    out->margin_asset = in.text("marginAsset", 32);
    // What is settled in another asset than it is quoted in is no linear contract.
    if (!in.ok() || !kind || out->margin_asset != out->quote_asset) return std::nullopt;
    out->market = model::Market::futures;
    out->kind = *kind;
    out->limit_max_quantity = base::Quantity{number_in(json, "LOT_SIZE", "maxQty")};
    return out;
}

base::Result<std::vector<model::Instrument>> decode_symbols(
    Json const& json, std::optional<model::Instrument> (*decode_symbol)(Json const&)) {
    auto const& symbols = json["symbols"];
    if (!symbols.is_array()) return unreadable("exchangeInfo has no symbols");
    std::vector<model::Instrument> out;
    out.reserve(symbols.as_array().size());
    for (auto const& symbol : symbols.as_array())
        if (auto instrument = decode_symbol(symbol)) out.push_back(std::move(*instrument));
    if (out.empty()) return unreadable("exchangeInfo has no usable symbol");
    return out;
}

}  // namespace

base::Result<std::vector<model::Instrument>> decode_instruments(Json const& json) {
    return decode_symbols(json, decode_spot_symbol);
}

base::Result<std::vector<model::Instrument>> decode_futures_instruments(Json const& json) {
    return decode_symbols(json, decode_contract);
}

}  // namespace obscura::venue
