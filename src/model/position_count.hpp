#pragma once

#include "model/trade.hpp"

#include <string>
#include <vector>

namespace obscura::model {

/// Which values a position can have.
enum class PositionKind {
    never_short,  ///< spot, and the long position of an account in hedge mode
    never_long,   ///< the short position of an account in hedge mode
    either,       ///< a contract in one-way mode
};
[[nodiscard]] PositionKind position_kind(Market market, PositionSide side);

/// The position after a signed change. What is closed beyond it was opened before we watched, and
/// counts for nothing.
[[nodiscard]] base::Quantity position_after(PositionKind kind, base::Quantity before,
                                            base::Quantity change);

/// What a trade adds to or takes from the leader's position: Binance takes the fee of a spot
/// purchase out of the base asset unless it is paid in another.
[[nodiscard]] base::Quantity net_quantity(Trade const& trade);

/// A fill as the count of a position sees it.
struct CountedFill {
    base::Timestamp executed_at{};
    std::string venue_trade_id;
    base::Quantity change{};  ///< signed, net of fees
    /// The venue said that it closed something (a result that is not 0). Where nothing of the other
    /// direction is counted that was opened before we watched, and the fill counts for nothing.
    /// What closed at its entry price to the cent cannot be told from an open.
    bool closes = false;
};
[[nodiscard]] CountedFill counted(Trade const& trade);
/// The order in which it happened: the venue's time, then its trade id as a number.
[[nodiscard]] bool happened_before(CountedFill const& a, CountedFill const& b);

/// What one fill did to a position.
struct PositionMove {
    base::Quantity before{};
    base::Quantity after{};
    bool in_order = true;  ///< no later fill had been counted
};

/// The position that the fills counted so far make in the order in which they *happened*. It does
/// not depend on the order in which they came.
class PositionCount {
public:
    /// `start` is the position before all fills of `known` and all that will be added.
    PositionCount(PositionKind kind, base::Quantity start, std::vector<CountedFill> known = {});

    /// `before` and `after` are positions now, without and with this fill: a fill that came late
    /// and was overtaken moves less than its quantity, or nothing.
    PositionMove add(CountedFill fill);
    [[nodiscard]] base::Quantity quantity() const { return quantity_; }

private:
    void apply(CountedFill const& fill);
    void replay();

    PositionKind kind_;
    base::Quantity start_;
    std::vector<CountedFill> fills_;  ///< in the order in which they happened
    base::Quantity quantity_;
};

/// The part of a move that brings the position nearer to nothing, and no further.
[[nodiscard]] PositionMove reduction_of(PositionMove move);

/// What followers do about a move. A fill in order: all of it. One that came after later fills were
/// counted: its reduction only. An open that was overtaken is a price gone by, and may have been
/// closed again by what is counted already; copying it could open what was just closed.
[[nodiscard]] PositionMove followed(PositionMove move);

/// The side of what followers do: the fill's own nearly always. One that came late can show that
/// what later fills seemed to open was a close; then it takes away what they added, and a sale ends
/// a short that never was.
[[nodiscard]] Side side_of(PositionMove const& to_follow, Side of_fill);

}  // namespace obscura::model
