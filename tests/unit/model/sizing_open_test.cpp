#include "sizing_case.hpp"

#include <set>

namespace obscura::model::test {
namespace {

TEST(DecideOpen, SizesByATenthAndCapsOnlyReduce) {
    using enum SubscriptionStatus;
    for (auto const& row : {
             Row{"a tenth of the investment", [](Case&) {}, "buy 0.002", "0.002"},
             Row{"rounded down to the lot", [](Case& c) { c.market.price = price("49999"); },
                 "buy 0.002", "0.002"},
             Row{"rounded down, never up", [](Case& c) { c.market.price = price("50001"); },
                 "buy 0.00199", "0.00199"},
             Row{"what is left of the investment, with the fee",
                 [](Case& c) { c.portfolio.open_cost = usd("950"); }, "buy 0.00099", "0.00099",
                 "total_investment_usd"},
             Row{"just enough left for a whole tenth and its fee",
                 [](Case& c) { c.portfolio.open_cost = usd("899.9"); }, "buy 0.002", "0.002"},
             Row{"what may still be lost, with two fees",
                 [](Case& c) { c.subscription.max_loss = usd("50.1"); }, "buy 0.001", "0.001",
                 "max_loss_usd"},
             Row{"losses so far count against the greatest loss",
                 [](Case& c) {
                     c.subscription.max_loss = usd("100");
                     c.portfolio.realised_total = usd("-49.9");
                 },
                 "buy 0.001", "0.001", "max_loss_usd"},
             Row{"gains do not widen the greatest loss",
                 [](Case& c) {
                     c.subscription.max_loss = usd("50.1");
                     c.portfolio.realised_total = usd("500");
                 },
                 "buy 0.001", "0.001", "max_loss_usd"},
             Row{"positions that are open may be lost whole",
                 [](Case& c) {
                     c.subscription.max_loss = usd("150.1");
                     c.portfolio.open_cost = usd("100");
                 },
                 "buy 0.001", "0.001", "max_loss_usd"},
             Row{"a wide greatest loss binds nothing",
                 [](Case& c) { c.subscription.max_loss = usd("500"); }, "buy 0.002", "0.002"},
             Row{"the smaller of two caps is the one told",
                 [](Case& c) {
                     c.portfolio.open_cost = usd("950");
                     c.subscription.max_loss = usd("970");
                 },
                 "buy 0.00039", "0.00039", "max_loss_usd"},
             Row{"the venue's largest order",
                 [](Case& c) { c.instrument.max_quantity = qty("0.0015"); }, "buy 0.0015",
                 "0.0015"},
             Row{"a limit order at its price",
                 [](Case& c) {
                     c.signal.order_type = OrderType::limit;
                     c.signal.price = c.market.price = price("40000");
                 },
                 "buy 0.0025 limit 40000", "0.0025"},
             Row{"a limit price off the grid is rounded to the follower's side",
                 [](Case& c) {
                     c.signal.order_type = OrderType::limit;
                     c.signal.price = c.market.price = price("40000.019");
                 },
                 "buy 0.00249 limit 40000.01", "0.00249"},
             Row{"dust of an earlier position does not count as a position",
                 [](Case& c) { c.portfolio.quantity = qty("0.00005"); }, "buy 0.002", "0.002"},
             Row{"dust of the leader neither",
                 [](Case& c) { c.signal.leader_before = qty("0.00005"); }, "buy 0.002", "0.002"},
             Row{"a live leader on a paper account",
                 [](Case& c) { c.signal.environment = Environment::live; }, "buy 0.002", "0.002"},
         })
        check(row);
}

TEST(DecideOpen, RefusesWithTheReason) {
    using enum SubscriptionStatus;
    for (auto const& row : {
             Row{"expired", [](Case& c) { c.signal.expires_at = now; }, "signal_expired"},
             Row{"not expired yet",
                 [](Case& c) { c.signal.expires_at = now + std::chrono::microseconds(1); },
                 "buy 0.002"},
             Row{"paused", [](Case& c) { c.subscription.status = paused; }, "subscription_paused"},
             Row{"closing", [](Case& c) { c.subscription.status = closing; },
                 "subscription_paused"},
             Row{"a paper leader and live money",
                 [](Case& c) { c.subscription.environment = Environment::live; },
                 "environment_mismatch"},
             Row{"a paper leader and a testnet account",
                 [](Case& c) { c.subscription.environment = Environment::testnet; },
                 "environment_mismatch"},
             Row{"a testnet leader and live money",
                 [](Case& c) {
                     c.signal.environment = Environment::testnet;
                     c.subscription.environment = Environment::live;
                 },
                 "environment_mismatch"},
             Row{"unknown symbol", [](Case& c) { c.market.instrument = nullptr; },
                 "instrument_unknown"},
             Row{"not traded", [](Case& c) { c.instrument.is_trading = false; },
                 "instrument_not_trading"},
             Row{"no price", [](Case& c) { c.market.price.reset(); }, "no_price"},
             Row{"a price of nothing", [](Case& c) { c.market.price = price("0"); }, "no_price"},
             Row{"a limit below the grid",
                 [](Case& c) {
                     c.signal.order_type = OrderType::limit;
                     c.signal.price = c.market.price = price("0.009");
                 },
                 "no_price"},
             Row{"already in", [](Case& c) { c.portfolio.quantity = qty("0.001"); },
                 "position_already_open"},
             Row{"the leader was in before", [](Case& c) { c.signal.leader_before = qty("0.5"); },
                 "leader_position_already_open"},
             Row{"the leader's fill was overtaken", [](Case& c) { c.signal.leader_after = {}; },
                 "fill_out_of_order"},
             Row{"the leader added to dust and was overtaken",
                 [](Case& c) { c.signal.leader_before = c.signal.leader_after = qty("0.00005"); },
                 "fill_out_of_order"},
             Row{"profit target",
                 [](Case& c) {
                     c.subscription.profit_target = usd("50");
                     c.portfolio.realised_total = usd("50");
                 },
                 "profit_target_reached"},
             Row{"profit target not reached",
                 [](Case& c) {
                     c.subscription.profit_target = usd("50");
                     c.portfolio.realised_total = usd("49.99");
                 },
                 "buy 0.002"},
             Row{"daily loss",
                 [](Case& c) {
                     c.subscription.daily_loss_limit = usd("20");
                     c.portfolio.realised_today = usd("-20");
                 },
                 "daily_loss_limit_reached"},
             Row{"daily loss not reached",
                 [](Case& c) {
                     c.subscription.daily_loss_limit = usd("20");
                     c.portfolio.realised_today = usd("-19.99");
                 },
                 "buy 0.002"},
             Row{"investment exhausted", [](Case& c) { c.portfolio.open_cost = usd("1000"); },
                 "investment_exhausted"},
             Row{"more than exhausted", [](Case& c) { c.portfolio.open_cost = usd("1001"); },
                 "investment_exhausted"},
             Row{"greatest loss reached",
                 [](Case& c) {
                     c.subscription.max_loss = usd("100");
                     c.portfolio.realised_total = usd("-100");
                 },
                 "max_loss_reached"},
             Row{"greatest loss bound by what is open",
                 [](Case& c) {
                     c.subscription.max_loss = usd("100");
                     c.portfolio.open_cost = usd("100");
                 },
                 "max_loss_reached"},
             Row{"less left than the venue takes",
                 [](Case& c) { c.portfolio.open_cost = usd("996"); }, "below_min_notional"},
             Row{"a tenth below the venue's minimum is not rounded up",
                 [](Case& c) { c.subscription.total_investment = usd("49"); },
                 "below_min_notional"},
             Row{"below the smallest lot",
                 [](Case& c) { c.instrument.min_quantity = qty("0.0021"); }, "below_min_notional"},
         })
        check(row);
}

TEST(DecideOpen, ARefusalKeepsTheTarget) {
    Case c;
    c.portfolio.quantity = qty("0.002");
    c.portfolio.target_quantity = qty("0.0021");
    auto const decision = c.decide();
    EXPECT_EQ(told(decision), "position_already_open");
    EXPECT_EQ(decision.target_after.to_string(), "0.0021");
}

TEST(DecideOpen, EveryReasonHasANameOfItsOwn) {
    std::set<std::string_view> names;
    auto const last = static_cast<int>(RefusalReason::investment_exhausted);
    for (int i = 0; i <= last; ++i) names.insert(to_string(static_cast<RefusalReason>(i)));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(last) + 1);
    EXPECT_FALSE(names.contains("?"));
}

}  // namespace
}  // namespace obscura::model::test
