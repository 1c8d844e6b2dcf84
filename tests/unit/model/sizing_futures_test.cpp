#include "base/random.hpp"
#include "sizing_case.hpp"

namespace obscura::model::test {
namespace {

/// A perpetual with Binance USD-M's rules; the leader goes `before` -> `after`.
void contract(Case& c, std::string_view before, std::string_view after) {
    c.signal.market = c.instrument.market = Market::futures;
    c.instrument.kind = InstrumentKind::linear_perpetual;
    c.instrument.tick = price("0.1");
    c.instrument.step = c.instrument.min_quantity = qty("0.001");
    c.instrument.max_quantity = qty("120");
    c.instrument.limit_max_quantity = qty("1000");
    c.instrument.min_notional = usd("5");
    c.market.taker_fee = dec("0.0005");
    c.signal.leader_before = qty(before);
    c.signal.leader_after = qty(after);
    auto const change = c.signal.leader_after - c.signal.leader_before;
    c.signal.side = change.is_negative() ? Side::sell : Side::buy;
    c.signal.quantity = change.abs();
}
void hold(Case& c, std::string_view quantity) {
    c.portfolio.quantity = c.portfolio.target_quantity = qty(quantity);
    c.portfolio.open_cost = usd("100");
}

/// "sell 0.002", with what a contract adds: "close sell 0.002 ..." and "... then".
std::string order_of(Decision const& decision) {
    auto text = told(decision);
    auto const* plan = std::get_if<OrderPlan>(&decision.outcome);
    if (plan == nullptr) return text;
    if (plan->reduce_only) text = "close " + text;
    if (plan->position_side != PositionSide::both)
        text += " " + std::string(to_string(plan->position_side));
    if (plan->leverage != 1) text += " x" + std::to_string(plan->leverage);
    return text;
}

struct Move {
    std::string_view before, after, held, order, target;
};

void check_moves(std::initializer_list<Move> moves, std::function<void(Case&)> const& change) {
    for (auto const& [before, after, held, order, target] : moves) {
        SCOPED_TRACE(std::string(before) + " -> " + std::string(after) + ", holding " +
                     std::string(held));
        Case c;
        contract(c, before, after);
        hold(c, held);
        change(c);
        auto const decision = c.decide();
        EXPECT_EQ(order_of(decision), order);
        EXPECT_EQ(decision.target_after.to_string(), target);
    }
}

TEST(DecideContract, FollowsLongsShortsAndFlips) {
    check_moves(
        {
            // Opens, either way.
            {"0", "1", "0", "buy 0.002", "0.002"},
            {"0", "-1", "0", "sell 0.002", "-0.002"},
            // The leader adds.
            {"1", "2", "0.002", "position_already_open", "0.002"},
            {"-1", "-2", "-0.002", "position_already_open", "-0.002"},
            {"1", "2", "0", "leader_position_already_open", "0"},
            {"-1", "-2", "0", "leader_position_already_open", "0"},
            // Reductions, and the way out.
            {"2", "1", "0.002", "close sell 0.001", "0.001"},
            {"-2", "-1", "-0.002", "close buy 0.001", "-0.001"},
            {"-3", "-2", "-0.009", "close buy 0.003", "-0.005999999999"},
            {"1", "0", "0.002", "close sell 0.002", "0"},
            {"-1", "0", "-0.002", "close buy 0.002", "0"},
            {"-1", "-0.00005", "-0.002", "close buy 0.002", "0"},
            {"1", "0", "0", "nothing_to_close", "0"},
            {"-1", "0", "0", "nothing_to_close", "0"},
            // Flips: first the close, then, with nothing held, the open.
            {"1", "-1", "0.002", "close sell 0.002 then", "0"},
            {"-1", "3", "-0.002", "close buy 0.002 then", "0"},
            {"1", "-1", "0", "sell 0.002", "-0.002"},
            {"-1", "3", "0", "buy 0.002", "0.002"},
            {"1", "-1", "0.0005", "sell 0.002", "-0.002"},  // dust does not hold up the open
            {"1", "-0.00005", "0.002", "close sell 0.002 then", "0"},
            // A follower on the wrong side, whose close did not come through: closed at the first
            // chance, and not led astray by what the leader does on the other side.
            {"0", "-1", "0.002", "close sell 0.002 then", "0"},
            {"-1", "-2", "0.002", "close sell 0.002 then", "0"},
            {"-2", "-1", "0.002", "nothing_to_close", "0.002"},
            {"2", "1", "-0.002", "nothing_to_close", "-0.002"},
            {"0", "1", "-0.002", "close buy 0.002 then", "0"},
            {"-1", "0", "0.002", "nothing_to_close", "0.002"},
        },
        [](Case&) {});
}

TEST(DecideContract, AHedgedAccountNamesThePosition) {
    check_moves(
        {
            {"0", "1", "0", "buy 0.002 long", "0.002"},
            {"0", "-1", "0", "sell 0.002 short", "-0.002"},
            {"2", "1", "0.002", "close sell 0.001 long", "0.001"},
            {"-1", "0", "-0.002", "close buy 0.002 short", "0"},
            {"1", "-1", "0.002", "close sell 0.002 then long", "0"},
            {"1", "-1", "0", "sell 0.002 short", "-0.002"},
        },
        [](Case& c) { c.subscription.position_mode = PositionMode::hedge; });
}

// A leader in hedge mode has a long and a short position, and a follower is in one of them at most.
// What she opens on the other side is no reason to leave it, or to turn it round.
TEST(DecideContract, AHedgedLeadersOtherPositionIsLeftAlone) {
    for (auto const mode : {PositionMode::one_way, PositionMode::hedge}) {
        auto const named = [mode](PositionSide side) {
            return [mode, side](Case& c) {
                c.subscription.position_mode = mode;
                c.signal.position_side = side;
            };
        };
        bool const hedged = mode == PositionMode::hedge;
        check_moves(
            {
                {"0", "-1", "0.002", "position_already_open", "0.002"},
                {"-2", "-1", "0.002", "nothing_to_close", "0.002"},
                {"-1", "0", "0.002", "nothing_to_close", "0.002"},
                {"0", "-1", "0", hedged ? "sell 0.002 short" : "sell 0.002", "-0.002"},
                {"-1", "0", "-0.002", hedged ? "close buy 0.002 short" : "close buy 0.002", "0"},
            },
            named(PositionSide::short_side));
        check_moves(
            {
                {"0", "1", "-0.002", "position_already_open", "-0.002"},
                {"1", "0", "-0.002", "nothing_to_close", "-0.002"},
                {"2", "1", "0.002", hedged ? "close sell 0.001 long" : "close sell 0.001", "0.001"},
            },
            named(PositionSide::long_side));
    }
}

// The tenth of the investment is the margin; what is traded is leverage times it. 1,000 USDT at
// 50,000: 0.002 BTC for 100 USDT.
TEST(DecideContract, LeverageMultipliesTheTenth) {
    for (auto const side : {"1", "-1"})
        for (auto const& row : {
                 Row{"none said", [](Case&) {}, "0.002", "", ""},
                 Row{"1", [](Case& c) { c.signal.leverage = 1; }, "0.002"},
                 Row{"10", [](Case& c) { c.signal.leverage = 10; }, "0.02 x10"},
                 Row{"125", [](Case& c) { c.signal.leverage = 125; }, "0.25 x125"},
                 Row{"isolated said", [](Case& c) { c.signal.margin_mode = MarginMode::isolated; },
                     "0.002"},
                 Row{"max_loss: 50 x 20 / 1.02",
                     [](Case& c) {
                         c.signal.leverage = 20;
                         c.subscription.max_loss = usd("50");
                     },
                     "0.019 x20", "", "max_loss_usd"},
                 Row{"what is lost and held counts",
                     [](Case& c) {
                         c.signal.leverage = 20;
                         c.subscription.max_loss = usd("150");
                         c.portfolio.realised_total = usd("-40");
                         c.portfolio.open_cost = usd("60");
                     },
                     "0.019 x20", "", "max_loss_usd"},
                 Row{"what is left of the investment",
                     [](Case& c) {
                         c.signal.leverage = 20;
                         c.portfolio.open_cost = usd("950");
                     },
                     "0.019 x20", "", "total_investment_usd"},
                 Row{"a limit order may be larger than a market order",
                     [](Case& c) {
                         c.signal.leverage = 100;
                         c.subscription.total_investment = usd("1000000");
                         c.signal.order_type = OrderType::limit;
                     },
                     "200 limit 50000 x100"},
                 Row{"the largest market order",
                     [](Case& c) {
                         c.signal.leverage = 100;
                         c.subscription.total_investment = usd("1000000");
                     },
                     "120 x100"},
             }) {
            SCOPED_TRACE(row.name);
            Case c;
            contract(c, "0", side);
            row.change(c);
            auto const decision = c.decide();
            auto const verb = std::string(c.signal.side == Side::buy ? "buy " : "sell ");
            EXPECT_EQ(order_of(decision), verb + std::string(row.told));
            if (std::holds_alternative<OrderPlan>(decision.outcome)) {
                EXPECT_EQ(bound_of(decision), row.bound);
            }
        }
}

TEST(DecideContract, TheReserveIsTheMarginAndBothFees) {
    Case c;
    contract(c, "0", "-1");
    c.signal.leverage = 10;
    // 0.02 BTC are 1,000 USDT: 100 of margin and twice 0.5 of fees.
    EXPECT_EQ(std::get<OrderPlan>(c.decide().outcome).reserved.to_string(), "101");
    Case spot;
    EXPECT_EQ(std::get<OrderPlan>(spot.decide().outcome).reserved.to_string(), "100.1");
}

TEST(DecideContract, RefusesWhatItCannotBound) {
    for (auto const& row : {
             Row{"cross margin", [](Case& c) { c.signal.margin_mode = MarginMode::cross; },
                 "cross_margin_refused"},
             Row{"somebody else's symbol", [](Case& c) { c.portfolio.is_symbol_in_use = true; },
                 "symbol_in_use"},
             Row{"a quarterly",
                 [](Case& c) { c.instrument.kind = InstrumentKind::linear_delivery; },
                 "instrument_not_supported"},
             Row{"a coin-margined one",
                 [](Case& c) { c.instrument.kind = InstrumentKind::inverse; },
                 "instrument_not_supported"},
             Row{"spot's instrument", [](Case& c) { c.instrument.market = Market::spot; },
                 "instrument_unknown"},
             Row{"paused", [](Case& c) { c.subscription.status = SubscriptionStatus::paused; },
                 "subscription_paused"},
             Row{"late", [](Case& c) { c.signal.expires_at = now; }, "signal_expired"},
             Row{"overtaken", [](Case& c) { c.signal.leader_after = {}; }, "fill_out_of_order"},
             Row{"no price", [](Case& c) { c.market.price.reset(); }, "no_price"},
             Row{"loss reached",
                 [](Case& c) {
                     c.subscription.max_loss = usd("10");
                     c.portfolio.realised_total = usd("-10");
                 },
                 "max_loss_reached"},
         }) {
        SCOPED_TRACE(row.name);
        Case c;
        contract(c, "0", "-1");
        row.change(c);
        EXPECT_EQ(order_of(c.decide()), row.told);
    }
}

// Whatever forbids the open of a flip: the close is made, and then the open is refused.
TEST(DecideContract, NothingHoldsUpTheCloseOfAFlip) {
    for (auto const& row : {
             Row{"cross margin", [](Case& c) { c.signal.margin_mode = MarginMode::cross; },
                 "cross_margin_refused"},
             Row{"in use", [](Case& c) { c.portfolio.is_symbol_in_use = true; }, "symbol_in_use"},
             Row{"paused", [](Case& c) { c.subscription.status = SubscriptionStatus::paused; },
                 "subscription_paused"},
             Row{"late", [](Case& c) { c.signal.expires_at = now; }, "signal_expired"},
             Row{"no money", [](Case& c) { c.subscription.total_investment = usd("1"); },
                 "below_min_notional"},
         }) {
        SCOPED_TRACE(row.name);
        Case c;
        contract(c, "1", "-1");
        hold(c, "0.002");
        c.portfolio.open_cost = {};
        row.change(c);
        EXPECT_EQ(order_of(c.decide()), "close sell 0.002 then");
        c.portfolio.quantity = c.portfolio.target_quantity = {};
        EXPECT_EQ(order_of(c.decide()), row.told);
    }
    Case c;
    contract(c, "1", "-1");
    hold(c, "0.002");
    EXPECT_EQ(order_of(model::decide(c.subscription, c.portfolio, c.signal, c.market, now, now)),
              "close sell 0.002 then");
    c.portfolio.quantity = {};
    EXPECT_EQ(order_of(model::decide(c.subscription, c.portfolio, c.signal, c.market, now, now)),
              "signal_expired");
}

TEST(DecideContract, ReduceOnlyOpensNothing) {
    for (auto const& [before, after, held, order] :
         {std::tuple{"1", "-1", "0.002", "close sell 0.002"},
          std::tuple{"0", "-1", "0", "nothing_to_close"},
          std::tuple{"0", "1", "-0.002", "close buy 0.002"},
          std::tuple{"0", "-1", "0.002", "close sell 0.002"}}) {
        Case c;
        contract(c, before, after);
        hold(c, held);
        c.signal.reduce_only = true;
        EXPECT_TRUE(c.signal.is_reducing());
        EXPECT_EQ(order_of(c.decide()), order) << before << " -> " << after;
    }
}

// A venue waives its minimum for what says that it reduces. An account in hedge mode cannot say so:
// the residue waits there, but the way out does not.
TEST(DecideContract, ReductionsBelowTheMinimum) {
    for (auto const mode : {PositionMode::one_way, PositionMode::hedge}) {
        Case c;
        contract(c, "-3", "-2");
        hold(c, "-0.003");
        c.subscription.position_mode = mode;
        c.instrument.min_notional = usd("100");
        EXPECT_EQ(order_of(c.decide()),
                  mode == PositionMode::one_way ? "close buy 0.001" : "below_min_notional");
        contract(c, "-3", "0");
        hold(c, "-0.001");
        c.instrument.min_notional = usd("100");
        EXPECT_EQ(order_of(c.decide()).substr(0, 15), "close buy 0.001");
    }
}

TEST(Signal, WhatReducesOnFutures) {
    for (auto const& [before, after, reduces] :
         {std::tuple{"0", "1", false}, std::tuple{"0", "-1", false}, std::tuple{"1", "2", false},
          std::tuple{"-1", "-2", false}, std::tuple{"2", "1", true}, std::tuple{"-2", "-1", true},
          std::tuple{"1", "0", true}, std::tuple{"1", "-1", true}, std::tuple{"-1", "1", true},
          std::tuple{"1", "1", false}, std::tuple{"0", "0", false}}) {
        Case c;
        contract(c, before, after);
        EXPECT_EQ(c.signal.is_reducing(), reduces) << before << " -> " << after;
    }
}

/// Between 0 and `units` x 10^-`scale`.
base::Decimal any(base::Random& random, std::int64_t units, int scale) {
    auto const picked = random.below(static_cast<std::uint64_t>(units) + 1);
    return base::Decimal::from_scaled(static_cast<std::int64_t>(picked), scale);
}

/// What a venue would do with the order, at one price: the follower's next position.
void fill(Case& c, OrderPlan const& plan) {
    auto const change = signed_change(plan.side, plan.quantity);
    auto const before = c.portfolio.quantity;
    c.portfolio.quantity += change;
    if (plan.reduce_only) {
        EXPECT_LT(c.portfolio.quantity.abs(), before.abs());
        EXPECT_TRUE(before.is_positive() ? !c.portfolio.quantity.is_negative()
                                         : !c.portfolio.quantity.is_positive());
    } else {
        EXPECT_TRUE(before.abs() < c.instrument.min_quantity) << "opened on top of something";
    }
}

// A leader walks at random through both directions; followers come and go with every limit. Every
// order has the signal's side, closes never pass through nothing, opens stay within every cap, and
// who is in is in on the leader's side.
TEST(DecideContractProperty, AFollowerOfARandomLeader) {
    base::SeededRandom random(20261123);
    int opens = 0;
    int flips = 0;
    for (int walk = 0; walk < 400; ++walk) {
        Case c;
        contract(c, "0", "1");
        if (random.below(2) == 0) c.subscription.position_mode = PositionMode::hedge;
        c.subscription.total_investment = base::Money{any(random, 200'000, 2) + dec("200")};
        if (random.below(2) == 0) c.subscription.max_loss = base::Money{any(random, 20'000, 2)};
        c.signal.leverage = 1 + static_cast<int>(random.below(125));
        base::Quantity leader{};
        for (int step = 0; step < 30; ++step) {
            auto const next = base::Quantity{any(random, 6, 0) - base::Decimal(3)};
            if (next == leader) continue;
            contract(c, leader.to_string(), next.to_string());
            leader = next;
            for (int leg = 0; leg < 3; ++leg) {
                auto const decision = c.decide();
                auto const* plan = std::get_if<OrderPlan>(&decision.outcome);
                if (plan != nullptr || c.signal.is_reducing())
                    c.portfolio.target_quantity = decision.target_after;
                if (plan == nullptr) break;
                ASSERT_EQ(plan->side, c.signal.side);
                ASSERT_EQ(to_step(plan->quantity, c.instrument.step, base::Rounding::floor),
                          plan->quantity);
                if (!plan->reduce_only) {
                    ++opens;
                    auto const left = c.subscription.total_investment;
                    ASSERT_LE(scale(plan->reserved, base::Decimal(1), base::Rounding::floor), left);
                    if (c.subscription.max_loss) {
                        ASSERT_LE(plan->reserved, *c.subscription.max_loss + usd("1e-9"));
                    }
                    auto const margin = base::Money{divide(
                        notional(*c.market.price, plan->quantity, base::Rounding::floor).value,
                        base::Decimal(plan->leverage), base::Rounding::floor)};
                    ASSERT_LE(scale(margin, base::Decimal(10), base::Rounding::floor), left);
                }
                if (plan->continues) ++flips;
                fill(c, *plan);
                ASSERT_FALSE(HasFailure()) << "walk " << walk << " step " << step;
                if (!plan->continues) break;
            }
            auto const held = c.portfolio.quantity;
            ASSERT_TRUE(held.is_zero() || held.is_positive() == leader.is_positive())
                << held.to_string() << " while the leader has " << leader.to_string();
            if (leader.is_zero()) {
                ASSERT_TRUE(held.is_zero());
            }
        }
    }
    EXPECT_GT(opens, 500);
    EXPECT_GT(flips, 200);
}

}  // namespace
}  // namespace obscura::model::test
