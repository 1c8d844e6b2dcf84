#include "model/position_count.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace obscura::model {

PositionKind position_kind(Market market, PositionSide side) {
    if (market == Market::spot || side == PositionSide::long_side) return PositionKind::never_short;
    return side == PositionSide::short_side ? PositionKind::never_long : PositionKind::either;
}

base::Quantity position_after(PositionKind kind, base::Quantity before, base::Quantity change) {
    auto const after = before + change;
    switch (kind) {
        case PositionKind::never_short:
            return std::max(after, base::Quantity{});
        case PositionKind::never_long:
            return std::min(after, base::Quantity{});
        case PositionKind::either:
            return after;
    }
    std::unreachable();
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
            .change = signed_change(trade.side, net_quantity(trade)),
            .closes = trade.realised_pnl && !trade.realised_pnl->is_zero()};
}

bool happened_before(CountedFill const& a, CountedFill const& b) {
    // Of two numbers without leading zeros the longer is the greater.
    auto const key = [](CountedFill const& fill) {
        return std::tuple(fill.executed_at, fill.venue_trade_id.size(),
                          std::string_view(fill.venue_trade_id));
    };
    return key(a) < key(b);
}

PositionCount::PositionCount(PositionKind kind, base::Quantity start,
                             std::vector<CountedFill> known)
    : kind_(kind), start_(start), fills_(std::move(known)) {
    std::ranges::sort(fills_, happened_before);
    replay();
}

void PositionCount::apply(CountedFill const& fill) {
    bool const closes_what_is_counted =
        fill.change.is_positive() ? quantity_.is_negative() : quantity_.is_positive();
    if (kind_ == PositionKind::either && fill.closes && !closes_what_is_counted) return;
    quantity_ = position_after(kind_, quantity_, fill.change);
}

void PositionCount::replay() {
    quantity_ = start_;
    for (auto const& fill : fills_) apply(fill);
}

PositionMove PositionCount::add(CountedFill fill) {
    PositionMove move{.before = quantity_, .after = {}};
    move.in_order = fills_.empty() || happened_before(fills_.back(), fill);
    auto const place = std::ranges::upper_bound(fills_, fill, happened_before);
    auto const added = fills_.insert(place, std::move(fill));
    if (move.in_order)
        apply(*added);
    else
        replay();
    move.after = quantity_;
    return move;
}

PositionMove reduction_of(PositionMove move) {
    base::Quantity const none{};
    move.after = std::clamp(move.after, std::min(move.before, none), std::max(move.before, none));
    return move;
}

PositionMove followed(PositionMove move) { return move.in_order ? move : reduction_of(move); }

Side side_of(PositionMove const& to_follow, Side of_fill) {
    if (to_follow.after == to_follow.before) return of_fill;
    return to_follow.after > to_follow.before ? Side::buy : Side::sell;
}

}  // namespace obscura::model
