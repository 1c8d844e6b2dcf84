#include "sizing_case.hpp"

namespace obscura::model::test {
namespace {

TEST(DecideReduction, FollowsTheLeadersShare) {
    for (auto const& row : {
             Row{"out", [](Case& c) { c.reduce("0.002", "1", "0"); }, "sell 0.002", "0"},
             Row{"a half", [](Case& c) { c.reduce("0.002", "1", "0.5"); }, "sell 0.001", "0.001"},
             Row{"a third, rounded down to the lot", [](Case& c) { c.reduce("0.002", "3", "2"); },
                 "sell 0.00066", "0.001333333333"},
             Row{"the leader keeps only dust", [](Case& c) { c.reduce("0.002", "1", "0.00005"); },
                 "sell 0.002", "0"},
             Row{"a leader whom we never saw buy", [](Case& c) { c.reduce("0.002", "0", "0"); },
                 "sell 0.002", "0"},
             Row{"fees made the position smaller than its target",
                 [](Case& c) {
                     c.reduce("0.001998", "1", "0.5");
                     c.portfolio.target_quantity = qty("0.002");
                 },
                 "sell 0.00099", "0.001"},
             Row{"what lies beyond the target is sold too",
                 [](Case& c) {
                     c.reduce("0.0025", "1", "0.5");
                     c.portfolio.target_quantity = qty("0.002");
                 },
                 "sell 0.0015", "0.001"},
             Row{"a position without a target is sold",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0.5");
                     c.portfolio.target_quantity = {};
                 },
                 "sell 0.002", "0"},
             Row{"no more at once than the venue's largest order",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0");
                     c.instrument.max_quantity = qty("0.000015");
                     c.instrument.min_notional = {};
                 },
                 "sell 0.00001 then", "0"},
             Row{"the rest of an order that came short, not a half of it once more",
                 [](Case& c) {
                     c.reduce("0.0016", "1", "0.5").portfolio.target_quantity = qty("0.001");
                     c.portfolio.is_aimed = true;
                 },
                 "sell 0.0006", "0.001"},
             Row{"a rest that the venue does not trade",
                 [](Case& c) {
                     c.reduce("0.00105", "1", "0.5").portfolio.target_quantity = qty("0.001");
                     c.portfolio.is_aimed = true;
                 },
                 "below_min_notional", "0.001"},
             Row{"a limit order at its price",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0").signal.order_type = OrderType::limit;
                     c.signal.price = c.market.price = price("60000");
                 },
                 "sell 0.002 limit 60000", "0"},
             Row{"a limit price off the grid is rounded up",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0").signal.order_type = OrderType::limit;
                     c.signal.price = c.market.price = price("60000.001");
                 },
                 "sell 0.002 limit 60000.01", "0"},
         })
        check(row);
}

TEST(DecideReduction, KnowsNoLimitOfOurs) {
    for (auto const& row : {
             Row{"late", [](Case& c) { c.reduce("0.002", "1", "0").signal.expires_at = now; },
                 "sell 0.002"},
             Row{"paused",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0").subscription.status = SubscriptionStatus::paused;
                 },
                 "sell 0.002"},
             Row{"losses at every limit",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0");
                     c.subscription.max_loss = c.subscription.daily_loss_limit = usd("1");
                     c.portfolio.realised_total = c.portfolio.realised_today = usd("-100");
                 },
                 "sell 0.002"},
             Row{"all money spent",
                 [](Case& c) { c.reduce("0.002", "1", "0").portfolio.open_cost = usd("5000"); },
                 "sell 0.002"},
             Row{"a symbol that is not traded is the venue's to refuse",
                 [](Case& c) { c.reduce("0.002", "1", "0").instrument.is_trading = false; },
                 "sell 0.002"},
         })
        check(row);
}

TEST(DecideReduction, NeedsNoPrice) {
    for (auto const& row : {
             Row{"out", [](Case& c) { c.reduce("0.002", "1", "0").market.price.reset(); },
                 "sell 0.002", "0"},
             Row{"a half", [](Case& c) { c.reduce("0.002", "1", "0.5").market.price.reset(); },
                 "sell 0.001", "0.001"},
             Row{"a price of nothing is none",
                 [](Case& c) { c.reduce("0.002", "1", "0").market.price = price("0"); },
                 "sell 0.002", "0"},
             Row{"a broken target sells no more than is held",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0.5").market.price.reset();
                     c.portfolio.target_quantity = qty("-1");
                 },
                 "sell 0.002", "0"},
             Row{"less than a lot",
                 [](Case& c) { c.reduce("0.000009", "1", "0").market.price.reset(); },
                 "dust_remains", "0"},
         })
        check(row);
}

TEST(DecideReduction, RefusesWhatCannotBeTraded) {
    for (auto const& row : {
             Row{"nothing held", [](Case& c) { c.reduce("0", "1", "0"); }, "nothing_to_close", "0"},
             Row{"less than nothing", [](Case& c) { c.reduce("-0.001", "1", "0"); },
                 "nothing_to_close", "0"},
             Row{"dust", [](Case& c) { c.reduce("0.00005", "1", "0"); }, "dust_remains", "0"},
             Row{"a share below the minimum waits for the next",
                 [](Case& c) { c.reduce("0.002", "1", "0.96"); }, "below_min_notional", "0.00192"},
             Row{"a live account of a paper leader holds nothing of it",
                 [](Case& c) {
                     c.reduce("0.002", "1", "0").subscription.environment = Environment::live;
                 },
                 "environment_mismatch", "0.002"},
             Row{"unknown symbol",
                 [](Case& c) { c.reduce("0.002", "1", "0").market.instrument = nullptr; },
                 "instrument_unknown", "0.002"},
         })
        check(row);
}

// 4 % at a time is below the venue's minimum of 5 USDT: the residue is made up for by the next.
TEST(DecideReduction, ResiduesAreCarriedToTheNextReduction) {
    Case c;
    c.reduce("0.002", "1", "0.96");
    auto decision = c.decide();
    EXPECT_EQ(told(decision), "below_min_notional");
    c.portfolio.target_quantity = decision.target_after;
    c.signal.leader_before = qty("0.96");
    c.signal.leader_after = qty("0.92");
    decision = c.decide();
    EXPECT_EQ(told(decision), "sell 0.00016");
    EXPECT_EQ(decision.target_after.to_string(), "0.001839999999");  // 8 % less, floored
}

// However the leader gets out, step by step, the follower is out when the leader is.
TEST(DecideReduction, ManyStepsEndAtNothing) {
    Case c;
    c.reduce("0.002", "1", "0.9");
    for (int tenths = 10; tenths > 0; --tenths) {
        c.signal.leader_before = base::Quantity{base::Decimal::from_scaled(tenths, 1)};
        c.signal.leader_after = base::Quantity{base::Decimal::from_scaled(tenths - 1, 1)};
        auto const decision = c.decide();
        c.portfolio.target_quantity = decision.target_after;
        if (auto const* plan = std::get_if<OrderPlan>(&decision.outcome))
            c.portfolio.quantity -= plan->quantity;
    }
    EXPECT_EQ(c.portfolio.quantity.to_string(), "0");
}

}  // namespace
}  // namespace obscura::model::test
