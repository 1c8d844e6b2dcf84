#include "base/random.hpp"
#include "sizing_case.hpp"

namespace obscura::model::test {
namespace {

using base::Rounding;

/// Between 0 and `units` x 10^-`scale`.
base::Decimal any(base::Random& random, std::int64_t units, int scale) {
    auto const picked = random.below(static_cast<std::uint64_t>(units) + 1);
    return base::Decimal::from_scaled(static_cast<std::int64_t>(picked), scale);
}
bool coin(base::Random& random) { return random.below(2) == 0; }

void scramble(Case& c, base::Random& r) {
    c.subscription.total_investment = base::Money{any(r, 1'000'000, 2) + base::Decimal(1)};
    auto limit = [&]() -> std::optional<base::Money> {
        if (coin(r)) return std::nullopt;
        return base::Money{any(r, 200'000, 2) + dec("0.01")};
    };
    c.subscription.max_loss = limit();
    c.subscription.profit_target = limit();
    c.subscription.daily_loss_limit = limit();
    if (r.below(8) == 0) c.subscription.status = SubscriptionStatus::paused;
    if (coin(r)) c.portfolio.quantity = base::Quantity{any(r, 1'000'000, 8)};
    if (coin(r)) c.portfolio.target_quantity = base::Quantity{any(r, 1'000'000, 8)};
    if (coin(r)) c.portfolio.open_cost = base::Money{any(r, 1'200'000, 2)};
    c.portfolio.realised_total = base::Money{any(r, 40'000, 2) - dec("200")};
    c.portfolio.realised_today = base::Money{any(r, 40'000, 2) - dec("200")};
    c.signal.side = coin(r) ? Side::buy : Side::sell;
    c.signal.leader_before = base::Quantity{coin(r) ? base::Decimal{} : any(r, 5'000, 3)};
    c.signal.leader_after = base::Quantity{coin(r) ? base::Decimal{} : any(r, 5'000, 3)};
    if (coin(r)) c.signal.order_type = OrderType::limit;
    c.instrument.step = base::Quantity{base::Decimal::from_scaled(1, static_cast<int>(r.below(7)))};
    c.instrument.min_quantity = c.instrument.step;
    if (coin(r)) c.instrument.max_quantity = base::Quantity{any(r, 10'000, 4)};
    c.signal.price = c.market.price = base::Price{any(r, 10'000'000, 2) + dec("0.01")};
    if (c.signal.side == Side::sell && r.below(4) == 0) c.market.price.reset();
    c.market.taker_fee = any(r, 30, 4);
}

void check_order(Case const& c, OrderPlan const& plan) {
    EXPECT_TRUE(plan.quantity.is_positive());
    EXPECT_EQ(to_step(plan.quantity, c.instrument.step, Rounding::floor), plan.quantity);
    EXPECT_GE(plan.quantity, c.instrument.min_quantity);
    EXPECT_LE(plan.quantity, c.instrument.max_quantity);
    EXPECT_EQ(plan.limit_price.has_value(), plan.type == OrderType::limit);
    EXPECT_EQ(plan.reduce_only, plan.side == Side::sell);
}

void check_open(Case const& c, OrderPlan const& plan) {
    auto const& s = c.subscription;
    EXPECT_FALSE(c.signal.is_reducing());
    EXPECT_GT(c.signal.leader_after, c.signal.leader_before);
    EXPECT_EQ(s.status, SubscriptionStatus::active);
    bool const holds = c.portfolio.quantity >= c.instrument.min_quantity &&
                       notional(*c.market.price, c.portfolio.quantity, Rounding::toward_zero) >=
                           c.instrument.min_notional;
    EXPECT_FALSE(holds);
    auto const cost =
        notional(plan.limit_price.value_or(*c.market.price), plan.quantity, Rounding::ceiling);
    auto const fee = scale(cost, c.market.taker_fee, Rounding::ceiling);
    EXPECT_GE(cost, c.instrument.min_notional);
    EXPECT_LE(scale(cost, base::Decimal(10), Rounding::floor), s.total_investment);
    EXPECT_LE(c.portfolio.open_cost + cost + fee, s.total_investment);
    if (s.max_loss) {
        auto const lost = std::max(-c.portfolio.realised_total, base::Money{});
        EXPECT_LE(lost + c.portfolio.open_cost + cost + fee + fee, *s.max_loss + usd("1e-12"));
    }
    if (s.daily_loss_limit) {
        EXPECT_LT(-c.portfolio.realised_today, *s.daily_loss_limit);
    }
    if (s.profit_target) {
        EXPECT_LT(c.portfolio.realised_total, *s.profit_target);
    }
}

// Whatever a portfolio looks like: caps hold, sales sell what is there, opens open only.
TEST(DecideProperty, CapsHoldForRandomPortfolios) {
    base::SeededRandom random(20261122);
    int opens = 0;
    int reductions = 0;
    for (int i = 0; i < 60'000; ++i) {
        Case c;
        scramble(c, random);
        auto const decision = c.decide();
        EXPECT_FALSE(decision.target_after.is_negative());
        auto const* plan = std::get_if<OrderPlan>(&decision.outcome);
        if (plan == nullptr) continue;
        check_order(c, *plan);
        if (plan->side == Side::buy) {
            ++opens;
            check_open(c, *plan);
        } else {
            ++reductions;
            EXPECT_TRUE(c.signal.is_reducing());
            EXPECT_LE(plan->quantity, c.portfolio.quantity);
        }
        if (::testing::Test::HasFailure()) {
            FAIL() << "at round " << i << ": " << told(decision);
        }
    }
    EXPECT_GT(opens, 500);
    EXPECT_GT(reductions, 500);
}

}  // namespace
}  // namespace obscura::model::test
