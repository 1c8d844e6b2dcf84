#include "model/position_count.hpp"

#include <algorithm>
#include <tuple>

namespace obscura::model {

base::Quantity position_after(Market market, base::Quantity before, base::Quantity change) {
    auto const after = before + change;
    return market == Market::spot ? std::max(after, base::Quantity{}) : after;
}

base::Quantity signed_change(Side side, base::Quantity quantity) {
    return side == Side::buy ? quantity : -quantity;
}

base::Quantity net_quantity(Trade const& trade) {
    // "BTCUSDT" starts with its base asset; a fee in the quote asset or in BNB leaves the base
    // alone. Contracts pay no fee in what they are of.
    bool const fee_in_base =
        trade.market == Market::spot && trade.side == Side::buy && !trade.fee_asset.empty() &&
        trade.symbol.size() > trade.fee_asset.size() && trade.symbol.starts_with(trade.fee_asset);
    return fee_in_base ? trade.quantity - base::Quantity{trade.fee} : trade.quantity;
}

CountedFill counted(Trade const& trade) {
    return {.executed_at = trade.executed_at,
            .venue_trade_id = trade.venue_trade_id,
            .change = signed_change(trade.side, net_quantity(trade))};
}

bool happened_before(CountedFill const& a, CountedFill const& b) {
    // Of two numbers without leading zeros the longer is the greater.
    auto const key = [](CountedFill const& fill) {
        return std::tuple(fill.executed_at, fill.venue_trade_id.size(),
                          std::string_view(fill.venue_trade_id));
    };
    return key(a) < key(b);
}

PositionCount::PositionCount(Market market, base::Quantity start, std::vector<CountedFill> known)
    : market_(market), start_(start), fills_(std::move(known)) {
    std::ranges::sort(fills_, happened_before);
    replay();
}

void PositionCount::replay() {
    quantity_ = start_;
    for (auto const& fill : fills_) quantity_ = position_after(market_, quantity_, fill.change);
}

PositionMove PositionCount::add(CountedFill fill) {
    PositionMove move{.before = quantity_, .after = {}};
    move.in_order = fills_.empty() || happened_before(fills_.back(), fill);
    auto const place = std::ranges::upper_bound(fills_, fill, happened_before);
    auto const change = fill.change;
    fills_.insert(place, std::move(fill));
    if (move.in_order)
        quantity_ = position_after(market_, quantity_, change);
    else
        replay();
    move.after = quantity_;
    return move;
}

PositionMove followed(PositionMove move) {
    if (move.in_order) return move;
    base::Quantity const none{};
    move.after = std::clamp(move.after, std::min(move.before, none), std::max(move.before, none));
    return move;
}

}  // namespace obscura::model
