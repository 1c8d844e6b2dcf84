#include "model/closed_elsewhere.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace obscura::model {
namespace {

using base::Decimal;
using base::Money;
using base::Price;
using base::Quantity;
using base::Rounding;

Quantity gone_from(HeldElsewhere const& held) {
    bool const is_long = held.quantity.is_positive();
    auto const left = is_long ? held.left : -held.left;
    return held.quantity.abs() - std::clamp(left, Quantity{}, held.quantity.abs());
}

bool is_older(Trade const& a, Trade const& b) {
    // Of two numbers without leading zeros the longer is the greater.
    auto const key = [](Trade const& t) {
        return std::tuple(t.executed_at, t.venue_trade_id.size(),
                          std::string_view(t.venue_trade_id));
    };
    return key(a) < key(b);
}

void cut(Trade& trade, Quantity to) {
    trade.fee = divide(multiply(trade.fee, to.value, Rounding::half_even), trade.quantity.value,
                       Rounding::half_even);
    trade.quantity = to;
}

/// At which a unit is closed without a win, or with the worst loss of a contract.
Price neutral_price(HeldElsewhere const& held) {
    auto const size = held.quantity.abs();
    Money total = held.cost;
    if (held.market == Market::futures)
        total = held.quantity.is_positive() ? held.entry_quote - held.cost
                                            : held.entry_quote + held.cost;
    return Price{divide(std::max(total, Money{}).value, size.value, Rounding::half_even)};
}

}  // namespace

std::vector<Trade> closed_elsewhere(HeldElsewhere const& held, std::vector<Trade> told,
                                    std::string const& unexplained, base::Timestamp now) {
    std::vector<Trade> out;
    auto gone = gone_from(held);
    auto const side = held.quantity.is_positive() ? Side::sell : Side::buy;
    std::erase_if(told, [&](Trade const& trade) {
        return trade.side != side || trade.position_side != held.position_side ||
               trade.executed_at < held.opened_at || held.ours.contains(trade.venue_trade_id) ||
               !trade.quantity.is_positive();
    });
    std::ranges::sort(told, is_older);
    for (auto trade = told.rbegin(); trade != told.rend() && gone.is_positive(); ++trade) {
        if (trade->quantity > gone) cut(*trade, gone);
        gone -= trade->quantity;
        out.push_back(std::move(*trade));
    }
    if (gone.is_positive()) {
        Trade rest;
        rest.market = held.market;
        rest.symbol = held.symbol;
        rest.venue_trade_id = unexplained;
        rest.side = side;
        rest.price = neutral_price(held);
        rest.quantity = gone;
        rest.fee_asset = held.quote_asset;
        rest.executed_at = now;
        rest.position_side = held.position_side;
        out.push_back(std::move(rest));
    }
    std::ranges::reverse(out);
    return out;
}

}  // namespace obscura::model
