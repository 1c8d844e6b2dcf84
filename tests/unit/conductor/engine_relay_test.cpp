// Accounts whose opening orders citadel does not hand out.
#include "engine_fixture.hpp"

namespace obscura::conductor {
namespace {

using model::Side;

struct EngineRelayTest : EngineTest {
    model::Subscription add_limited() {
        auto const s = add_follower();
        citadel.relayed.insert(test::MemoryCopies::context_of(s));
        return s;
    }
};

TEST_F(EngineRelayTest, TheirOrdersLeaveThroughTheRelay) {
    auto const limited = add_limited();
    auto const other = add_follower();
    start();
    for (auto const side : {Side::buy, Side::sell, Side::buy}) {
        auto const made = leader(side);
        ASSERT_TRUE(run_until_over(made));
        EXPECT_EQ(record.copy_of(made.id, limited.id), "filled");
        EXPECT_EQ(record.copy_of(made.id, other.id), "filled");
    }
    EXPECT_EQ(venue.relayed_orders, 3);
    EXPECT_EQ(orders_of(limited).size(), 3U);
    EXPECT_EQ(orders_of(other).size(), 3U);
    EXPECT_EQ(citadel.relays_demanded, 2) << "for each side, known from its first on";
}

TEST_F(EngineRelayTest, WhatItsOwnerForbidsIsNotTriedAgain) {
    auto const s = add_limited();
    start();
    venue.fates = {Fate::not_signed};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_TRUE(venue.orders.empty());
    EXPECT_EQ(venue.arrived.size(), 1U);
    EXPECT_EQ(record.copy_of(opened.id, s.id),
              "rejected citadel: limit_daily_notional: the owner says no");
}

// The item had waited too long for its turn: another attempt is signed for later.
TEST_F(EngineRelayTest, WhatWasNotSignedInTimeIs) {
    auto const s = add_limited();
    start();
    venue.not_signed_reason = "not_after_passed";
    venue.fates = {Fate::not_signed};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

TEST_F(EngineRelayTest, ALostAnswerIsFoundByAsking) {
    auto const s = add_limited();
    start();
    venue.fates = {Fate::lose_answer};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_GE(venue.queries, 1);
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

}  // namespace
}  // namespace obscura::conductor
