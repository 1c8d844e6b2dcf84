#include "paper/engine/futures/filters.hpp"

namespace obscura::paper {
namespace {

template <class Amount>
bool is_multiple(Amount amount, Amount step) {
    return to_step(amount, step, base::Rounding::toward_zero) == amount;
}

}  // namespace

Outcome<void> check_futures_price(PaperInstrument const& instrument, base::Price price) {
    if (!price.is_positive()) return refuse(-4001, "Price less than 0.");
    if (price > instrument.max_price) return refuse(-4002, "Price greater than max price.");
    if (!is_multiple(price, instrument.tick)) {
        return refuse(-4014, "Price not increased by tick size.");
    }
    if (price < instrument.min_price) return refuse(-4013, "Price less than min price.");
    return {};
}

Outcome<void> check_futures_quantity(PaperInstrument const& instrument, base::Quantity quantity,
                                     bool is_market) {
    if (!quantity.is_positive()) return refuse(-4003, "Quantity less than or equal to zero.");
    if (!is_multiple(quantity, instrument.step)) {
        return refuse(-1111, "Precision is over the maximum defined for this asset.");
    }
    if (quantity < instrument.min_quantity)
        return refuse(-4004, "Quantity less than min quantity.");
    auto const most = is_market ? instrument.max_market_quantity : instrument.max_quantity;
    if (quantity > most) return refuse(-4005, "Quantity greater than max quantity.");
    return {};
}

Outcome<void> check_futures_filters(PaperInstrument const& instrument, NewOrder const& order) {
    bool const is_market = order.kind == OrderKind::market;
    auto const quantity = check_futures_quantity(instrument, order.quantity, is_market);
    if (!quantity || is_market) return quantity;
    return check_futures_price(instrument, order.price);
}

Outcome<void> check_futures_value(PaperInstrument const& instrument, NewOrder const& order,
                                  base::Price mark) {
    auto const price = order.kind == OrderKind::market ? mark : order.price;
    if (notional(price, order.quantity, base::Rounding::toward_zero) >= instrument.min_notional) {
        return {};
    }
    return refuse(-4164, "Order's notional must be no smaller than " +
                             instrument.min_notional.to_string() +
                             " (unless you choose reduce only).");
}

}  // namespace obscura::paper
