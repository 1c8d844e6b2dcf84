#include "paper/engine/filters.hpp"

namespace obscura::paper {
namespace {

std::unexpected<VenueError> failed(char const* filter) {
    return refuse(-1013, std::string("Filter failure: ") + filter);
}

bool keeps_price_filter(PaperInstrument const& instrument, base::Price price) {
    return price >= instrument.min_price && price <= instrument.max_price &&
           to_step(price, instrument.tick, base::Rounding::toward_zero) == price;
}

bool keeps_lot_size(PaperInstrument const& instrument, base::Quantity quantity) {
    return quantity >= instrument.min_quantity && quantity <= instrument.max_quantity &&
           to_step(quantity, instrument.step, base::Rounding::toward_zero) == quantity;
}

}  // namespace

Outcome<void> check_filters(PaperInstrument const& instrument, NewOrder const& order,
                            base::Price last_price) {
    bool const is_market = order.kind == OrderKind::market;
    if (!is_market && !keeps_price_filter(instrument, order.price)) return failed("PRICE_FILTER");
    auto value = order.quote_quantity;
    if (!order.quantity.is_zero()) {
        if (!keeps_lot_size(instrument, order.quantity)) return failed("LOT_SIZE");
        if (is_market && order.quantity > instrument.max_market_quantity) {
            return failed("MARKET_LOT_SIZE");
        }
        value = notional(is_market ? last_price : order.price, order.quantity,
                         base::Rounding::toward_zero);
    }
    if (value < instrument.min_notional) return failed("NOTIONAL");
    if (!is_market && value > instrument.max_notional) return failed("NOTIONAL");
    return {};
}

}  // namespace obscura::paper
