#include "citadel/notional_ledger.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using model::Market;

constexpr base::Timestamp noon{std::chrono::seconds(1'764'072'000)};  // 2025-11-25T12:00:00Z

base::Quantity quantity(char const* text) { return base::Quantity::parse(text).value(); }

model::PlaceOrder buy(char const* size) {
    return {.symbol = "BTCUSDT", .side = model::Side::buy, .quantity = quantity(size)};
}
ports::CredentialLimits a_day(std::int64_t most) {
    return {.max_daily_notional = base::Decimal(most)};
}

struct NotionalLedgerTest : ::testing::Test {
    NotionalLedger ledger{{.max_accounts = 2}};

    std::string admit(std::string const& account, std::int64_t notional,
                      base::Timestamp now = noon) {
        auto const in = ledger.admit(account, a_day(1'000), base::Money(notional), now);
        return in ? "" : in.error().reason;
    }
};

TEST(OpeningOrder, IsWhatTakesARisk) {
    auto const opens = [](Market market, model::VenueOperation const& operation) {
        return opening_order(market, operation) != nullptr;
    };
    auto sell = buy("1");
    sell.side = model::Side::sell;
    EXPECT_TRUE(opens(Market::spot, buy("1")));
    EXPECT_FALSE(opens(Market::spot, sell));
    EXPECT_TRUE(opens(Market::futures, sell));  // a short
    auto reduces = sell;
    reduces.reduce_only = true;
    EXPECT_FALSE(opens(Market::futures, reduces));
    auto claims = buy("1");  // what spot does not know
    claims.reduce_only = true;
    EXPECT_TRUE(opens(Market::spot, claims));
    auto hedged = sell;
    hedged.position_side = model::PositionSide::long_side;  // closes the long one
    EXPECT_FALSE(opens(Market::futures, hedged));
    hedged.position_side = model::PositionSide::short_side;
    EXPECT_TRUE(opens(Market::futures, hedged));
    EXPECT_FALSE(opens(Market::futures, model::SetLeverage{.symbol = "BTCUSDT"}));
    EXPECT_FALSE(opens(Market::spot, model::ReadAccount{}));
}

TEST(OpeningOrder, IsWorthTheMostThatItMayCost) {
    auto order = buy("0.1");
    EXPECT_EQ(opened_notional(order, base::Price(50'000)), base::Money(5'000));
    order.limit_price = base::Price(60'000);
    EXPECT_EQ(opened_notional(order, base::Price(50'000)), base::Money(6'000));
    order.side = model::Side::sell;
    EXPECT_EQ(opened_notional(order, base::Price(50'000)), base::Money(6'000));
    EXPECT_EQ(opened_notional(order, base::Price(70'000)), base::Money(7'000));
}

TEST_F(NotionalLedgerTest, ADayAddsUp) {
    EXPECT_EQ(admit("a", 600), "");
    EXPECT_EQ(admit("a", 401), "limit_daily_notional");
    EXPECT_EQ(admit("a", 400), "");
    EXPECT_EQ(admit("a", 1), "limit_daily_notional");
    EXPECT_EQ(admit("b", 1'000), "");  // another account's day is its own
    EXPECT_EQ(admit("a", 1, noon + 12h), "");
}

TEST_F(NotionalLedgerTest, AClockThatStepsBackGivesNoDayTwice) {
    EXPECT_EQ(admit("a", 1'000), "");
    EXPECT_EQ(admit("a", 1, noon - 24h), "limit_daily_notional");
}

TEST_F(NotionalLedgerTest, IsBounded) {
    EXPECT_EQ(admit("a", 1), "");
    EXPECT_EQ(admit("b", 1), "");
    EXPECT_EQ(admit("c", 1), "limit_ledger_full");
    EXPECT_EQ(admit("a", 1), "");
    EXPECT_EQ(admit("c", 1, noon + 24h), "");
}

TEST_F(NotionalLedgerTest, OneOrderHasItsOwnLimit) {
    ports::CredentialLimits const limits{.max_order_notional = base::Decimal(100)};
    auto const admitted = [&](std::int64_t notional) {
        return ledger.admit("a", limits, base::Money(notional), noon).has_value();
    };
    EXPECT_TRUE(admitted(100));
    EXPECT_TRUE(admitted(100));
    EXPECT_FALSE(admitted(101));
}

}  // namespace
}  // namespace obscura::citadel
