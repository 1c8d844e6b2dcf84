#include "model/position_count.hpp"

#include "model/intake.hpp"
#include "sizing_case.hpp"

#include <algorithm>
#include <numeric>

namespace obscura::model::test {
namespace {

Trade fill(Side side, std::string_view quantity, std::string_view fee, std::string fee_asset) {
    Trade t;
    t.symbol = "BTCUSDT";
    t.side = side;
    t.quantity = qty(quantity);
    t.fee = dec(fee);
    t.fee_asset = std::move(fee_asset);
    return t;
}

TEST(PositionCount, AFeeInTheBaseAssetLeavesLessOfIt) {
    struct Expected {
        Trade trade;
        std::string_view net;
    };
    for (auto const& [trade, net] : {
             Expected{fill(Side::buy, "1", "0.001", "BTC"), "0.999"},
             Expected{fill(Side::buy, "1", "50", "USDT"), "1"},
             Expected{fill(Side::buy, "1", "0.01", "BNB"), "1"},
             Expected{fill(Side::buy, "1", "0", ""), "1"},
             Expected{fill(Side::buy, "1", "-0.001", "BTC"), "1.001"},  // a maker's rebate
             Expected{fill(Side::sell, "1", "50", "USDT"), "1"},
             Expected{fill(Side::sell, "1", "0.001", "BTC"), "1"},
         })
        EXPECT_EQ(net_quantity(trade).to_string(), net) << trade.fee_asset;
    auto contract = fill(Side::buy, "1", "0.001", "BTC");
    contract.market = Market::futures;
    EXPECT_EQ(net_quantity(contract).to_string(), "1");
}

TEST(PositionCount, APositionStaysInItsKind) {
    EXPECT_EQ(position_after(PositionKind::never_short, qty("1"), qty("0.5")).to_string(), "1.5");
    EXPECT_EQ(position_after(PositionKind::never_short, qty("1"), qty("-0.4")).to_string(), "0.6");
    EXPECT_EQ(position_after(PositionKind::never_short, qty("1"), qty("-3")).to_string(), "0");
    EXPECT_EQ(position_after(PositionKind::never_short, {}, qty("-0.1")).to_string(), "0");
    EXPECT_EQ(position_after(PositionKind::either, qty("1"), qty("-3")).to_string(), "-2");
    EXPECT_EQ(position_after(PositionKind::either, qty("-2"), qty("3")).to_string(), "1");
    EXPECT_EQ(position_after(PositionKind::never_long, qty("-2"), qty("3")).to_string(), "0");
    EXPECT_EQ(position_after(PositionKind::never_long, qty("-2"), qty("-3")).to_string(), "-5");
    EXPECT_EQ(position_kind(Market::spot, PositionSide::both), PositionKind::never_short);
    EXPECT_EQ(position_kind(Market::futures, PositionSide::both), PositionKind::either);
    EXPECT_EQ(position_kind(Market::futures, PositionSide::long_side), PositionKind::never_short);
    EXPECT_EQ(position_kind(Market::futures, PositionSide::short_side), PositionKind::never_long);
}

TEST(PositionCount, TradesOfOneTimeAreOrderedByNumber) {
    CountedFill const nine{.executed_at = now, .venue_trade_id = "9"};
    CountedFill const ten{.executed_at = now, .venue_trade_id = "10"};
    CountedFill const later{.executed_at = now + std::chrono::microseconds(1),
                            .venue_trade_id = "1"};
    EXPECT_TRUE(happened_before(nine, ten));
    EXPECT_FALSE(happened_before(ten, nine));
    EXPECT_TRUE(happened_before(ten, later));
    EXPECT_FALSE(happened_before(nine, nine));
}

/// "+1 -2 +0.5": fills as they happened, some of them at the same time.
std::vector<CountedFill> history(std::string_view text) {
    std::vector<CountedFill> fills;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        auto const n = static_cast<int>(fills.size());
        auto digits = text.substr(0, end);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        fills.push_back({.executed_at = now + std::chrono::milliseconds(n / 2),
                         .venue_trade_id = std::to_string(8 + n),
                         .change = qty(digits)});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return fills;
}

constexpr PositionKind all_kinds[] = {PositionKind::never_short, PositionKind::never_long,
                                      PositionKind::either};

constexpr std::string_view histories[] = {
    "+1 -1",       "+1 +1 -2",       "-1 +1",          "+1 -1 +1 -1",    "-2 +1 +1 -1",
    "+1 -3 +2 -1", "+2 -1 +1 -2 +1", "+1 -1 -1 +1 -1", "-1 -1 +3 -1 -1", "+0.5 +0.7 -1.2 +3 -0.1",
};

base::Quantity replayed(PositionKind kind, std::vector<CountedFill> const& fills) {
    base::Quantity at{};
    for (auto const& fill : fills) at = position_after(kind, at, fill.change);
    return at;
}

/// Calls `each` with the fills in every order in which they can come.
template <class Each>
void in_every_order(std::vector<CountedFill> const& fills, Each each) {
    std::vector<std::size_t> order(fills.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
        std::vector<CountedFill> arriving;
        for (auto const i : order) arriving.push_back(fills[i]);
        each(arriving);
        if (::testing::Test::HasFailure()) return;
    } while (std::ranges::next_permutation(order).found);
}

TEST(PositionCount, DoesNotDependOnTheOrderOfArrival) {
    for (auto const text : histories)
        for (auto const kind : all_kinds) {
            SCOPED_TRACE(text);
            auto const fills = history(text);
            in_every_order(fills, [&](auto const& arriving) {
                PositionCount count(kind, {});
                std::vector<CountedFill> known;
                for (auto const& fill : arriving) {
                    auto const move = count.add(fill);
                    auto expected = known;
                    EXPECT_EQ(move.in_order,
                              std::ranges::all_of(known, [&](CountedFill const& other) {
                                  return happened_before(other, fill);
                              }));
                    std::ranges::sort(expected, happened_before);
                    EXPECT_EQ(move.before, replayed(kind, expected));
                    known.push_back(fill);
                    expected = known;
                    std::ranges::sort(expected, happened_before);
                    EXPECT_EQ(move.after, replayed(kind, expected));
                    // The same when taken up from the record in between.
                    EXPECT_EQ(PositionCount(kind, {}, known).quantity(), count.quantity());
                }
            });
        }
}

TEST(PositionCount, ASaleCountedBeforeItsPurchaseLeavesNothing) {
    PositionCount count(PositionKind::never_short, {});
    auto const fills = history("+1 -1");
    (void)count.add(fills[1]);
    auto const late = count.add(fills[0]);
    EXPECT_FALSE(late.in_order);
    EXPECT_EQ(count.quantity().to_string(), "0");
}

// A leader who was short before we watched buys back: no long position comes of it.
TEST(PositionCount, WhatWasOpenedBeforeWeWatchedIsClosedUncounted) {
    auto fills = history("+2 +1 +1 -3 -1");
    fills[0].closes = fills[3].closes = true;
    auto told = [](PositionMove const& move) {
        return move.before.to_string() + " -> " + move.after.to_string();
    };
    PositionCount count(PositionKind::either, {});
    EXPECT_EQ(told(count.add(fills[0])), "0 -> 0");
    EXPECT_EQ(told(count.add(fills[1])), "0 -> 1");
    EXPECT_EQ(told(count.add(fills[2])), "1 -> 2");
    EXPECT_EQ(told(count.add(fills[3])), "2 -> -1");  // a flip closes too
    EXPECT_EQ(told(count.add(fills[4])), "-1 -> -2");
    in_every_order(fills, [](auto const& arriving) {
        PositionCount any(PositionKind::either, {});
        for (auto const& fill : arriving) (void)any.add(fill);
        EXPECT_EQ(any.quantity().to_string(), "-2");
    });
}

TEST(PositionCount, StartsFromWhatWasCountedBefore) {
    auto const fills = history("+2 -1 -3 +1");
    PositionCount count(PositionKind::never_short, qty("1"), {fills[3], fills[0], fills[2]});
    EXPECT_EQ(count.quantity().to_string(), "1");
    EXPECT_EQ(count.add(fills[1]).after.to_string(), "1");
}

TEST(Followed, OnlyTheReductionOfALateFill) {
    struct Expected {
        std::string_view before, after, followed;
    };
    for (auto const& [before, after, expected] :
         {Expected{"0", "1", "0"}, Expected{"1", "2", "1"}, Expected{"2", "1", "1"},
          Expected{"2", "0", "0"}, Expected{"2", "-1", "0"}, Expected{"0", "0", "0"},
          Expected{"0", "-1", "0"}, Expected{"-1", "-2", "-1"}, Expected{"-2", "-1", "-1"},
          Expected{"-1", "2", "0"}}) {
        auto const late = followed({qty(before), qty(after), false});
        EXPECT_EQ(late.before.to_string(), before);
        EXPECT_EQ(late.after.to_string(), expected) << before << " -> " << after;
        EXPECT_EQ(followed({qty(before), qty(after), true}).after.to_string(), after);
    }
}

/// A follower whose orders fill at once, and whether an order opened on a fill that was overtaken.
struct Follower {
    Case c;
    int orders = 0;

    void ask(CountedFill const& fill, PositionMove const& to_follow) {
        c.signal.side = side_of(to_follow, fill.change.is_positive() ? Side::buy : Side::sell);
        c.signal.quantity = fill.change.abs();
        c.signal.leader_before = to_follow.before;
        c.signal.leader_after = to_follow.after;
    }
    /// Of contracts: the legs of a flip one after the other.
    void answer_contract(CountedFill const& fill, PositionMove const& move) {
        ask(fill, followed(move));
        for (bool goes_on = true; goes_on;) {
            auto const decision = c.decide();
            auto const* plan = std::get_if<OrderPlan>(&decision.outcome);
            if (plan != nullptr || c.signal.is_reducing())
                c.portfolio.target_quantity = decision.target_after;
            if (plan == nullptr) return;
            EXPECT_TRUE(move.in_order || plan->reduce_only) << "opens late";
            c.portfolio.quantity += signed_change(plan->side, plan->quantity);
            goes_on = plan->continues;
        }
    }
    void answer(CountedFill const& fill, PositionMove const& move) {
        auto const to_follow = followed(move);
        ask(fill, to_follow);
        auto const decision = c.decide();
        auto const* plan = std::get_if<OrderPlan>(&decision.outcome);
        if (plan != nullptr || c.signal.is_reducing())
            c.portfolio.target_quantity = decision.target_after;
        if (plan == nullptr) return;
        ++orders;
        EXPECT_EQ(plan->side, c.signal.side);
        if (!move.in_order) EXPECT_EQ(plan->side, Side::sell);
        c.portfolio.quantity += signed_change(plan->side, plan->quantity);
        EXPECT_FALSE(c.portfolio.quantity.is_negative());
    }
};

// Whatever the order of arrival: at most one order a fill and in its direction, no open for a fill
// that was overtaken, and a follower who is out whenever the leader is counted as out.
TEST(Followed, NeverOpensLateAndIsOutWhenTheLeaderIs) {
    for (auto const text : histories) {
        SCOPED_TRACE(text);
        in_every_order(history(text), [](auto const& arriving) {
            Follower follower;
            PositionCount count(PositionKind::never_short, {});
            for (auto const& fill : arriving) {
                follower.answer(fill, count.add(fill));
                if (count.quantity().is_zero()) {
                    EXPECT_TRUE(follower.c.portfolio.quantity.is_zero());
                }
            }
            // And when the leader goes on in order, everything ends with the leader's exit.
            CountedFill exit{.executed_at = now + std::chrono::hours(1), .venue_trade_id = "99"};
            exit.change = -count.quantity();
            if (!exit.change.is_zero()) follower.answer(exit, count.add(exit));
            EXPECT_TRUE(follower.c.portfolio.quantity.is_zero());
        });
    }
}

/// What the venue tells beside each fill of a perpetual: whether it closed something.
std::vector<CountedFill> perpetual(std::string_view text) {
    auto fills = history(text);
    base::Quantity at{};
    for (auto& fill : fills) {
        fill.closes = fill.change.is_positive() ? at.is_negative() : at.is_positive();
        at += fill.change;
    }
    return fills;
}

// A short that comes late makes the purchases which ended it, and flipped, a count that never was;
// what was opened for that is closed when it comes, against its own side.
TEST(Followed, ContractsToo) {
    for (auto const* const text :
         {"-1 +0.4 +1.6 -1", "-1 +0.4 +1.6 +6 -7", "+1 -2 +1", "+1 -1 -1 +2 -1", "-2 +1 +1 -1 +1",
          "+2 -3 +2 -1", "-1 -1 +3 -1 +0.5 -0.5"}) {
        SCOPED_TRACE(text);
        in_every_order(perpetual(text), [](auto const& arriving) {
            Follower follower;
            follower.c.signal.market = follower.c.instrument.market = Market::futures;
            follower.c.instrument.kind = InstrumentKind::linear_perpetual;
            PositionCount count(PositionKind::either, {});
            for (auto const& fill : arriving) {
                follower.answer_contract(fill, count.add(fill));
                if (count.quantity().is_zero()) {
                    EXPECT_TRUE(follower.c.portfolio.quantity.is_zero());
                }
            }
        });
    }
}

}  // namespace
}  // namespace obscura::model::test
