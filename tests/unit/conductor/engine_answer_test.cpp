// What is told as the answer to a question has to be one.
#include "engine_fixture.hpp"

namespace obscura::conductor {
namespace {

using model::Side;
using Status = ports::OrderState::Status;

struct Distortion {
    char const* name;
    std::function<void(ports::OrderState&)> order;
    friend std::ostream& operator<<(std::ostream& out, Distortion const& d) {
        return out << d.name;
    }
};

struct EngineAnswerTest : EngineTest, ::testing::WithParamInterface<Distortion> {};

TEST_P(EngineAnswerTest, AnOrderThatIsNotTheLegsIsNoAnswer) {
    auto const s = add_follower();
    start();
    venue.distort = GetParam().order;
    venue.distorted_answers = 2;  // to the sending, and to the first question
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.queries, 2);
    EXPECT_EQ(orders_of(s).size(), 1U);
    EXPECT_EQ(held(s), "0.001998");
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

// Somebody else's end is not the leg's.
TEST_P(EngineAnswerTest, NorIsItsEnd) {
    auto const s = add_follower();
    start();
    venue.distort = [](ports::OrderState& order) {
        order.status = Status::expired;
        order.executed_quantity = {};
        order.fills.clear();
        GetParam().order(order);
    };
    venue.distorted_answers = 2;
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.copy_of(opened.id, s.id), "filled");
}

INSTANTIATE_TEST_SUITE_P(
    Told, EngineAnswerTest,
    ::testing::Values(Distortion{"ClientId",
                                 [](auto& order) { order.client_order_id.back() ^= 1; }},
                      Distortion{"Symbol", [](auto& order) { order.symbol = "ETHUSDT"; }},
                      Distortion{"Side", [](auto& order) { order.side = Side::sell; }},
                      Distortion{"Quantity",
                                 [](auto& order) {
                                     order.executed_quantity += base::Quantity(1);
                                     for (auto& fill : order.fills)
                                         fill.quantity += base::Quantity(1);
                                 }}),
    [](auto const& i) { return i.param.name; });

struct EngineFillsTest : EngineTest {};

TEST_F(EngineFillsTest, AnAcknowledgementNeedsNoSide) {
    auto const s = add_follower();
    start();
    venue.fates = {Fate::fill_untold};
    venue.distort = [](ports::OrderState& order) {
        order = {.venue_order_id = order.venue_order_id,
                 .client_order_id = order.client_order_id,
                 .symbol = order.symbol};
    };
    venue.distorted_answers = 1;
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(held(s), "0.001998");
}

// A client id that was given twice would be a doubled order: it is not taken for the first.
TEST_F(EngineFillsTest, AnotherOrderOfThatNameIsNotTheLegs) {
    (void)add_follower();
    start();
    venue.fates = {Fate::rest};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.queries > 0; }));
    venue.distort = [](ports::OrderState& order) {
        order.venue_order_id += "0";
        order.status = Status::expired;
    };
    venue.distorted_answers = 3;
    ASSERT_TRUE(run_until([&] { return venue.distorted_answers == 0; }));
    EXPECT_FALSE(is_over(opened));
    venue.fill_resting();
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(record.status_of(opened.id), "completed");
}

TEST_F(EngineFillsTest, FillsOfAnotherOrderAreNotTheLegs) {
    auto listings = venue.listings;
    for (auto const& distort : std::initializer_list<std::function<void(model::Trade&)>>{
             [](model::Trade& trade) { trade.venue_order_id += "0"; },
             [](model::Trade& trade) { trade.symbol = "ETHUSDT"; },
             [](model::Trade& trade) { trade.side = Side::sell; }}) {
        auto const s = add_follower();
        if (!engine) start();
        venue.fates = {Fate::fill_untold};
        venue.distort_trade = [&](model::Trade& trade) {
            distort(trade);
            trade.venue_trade_id += "99";
        };
        venue.distorted_listings = 1;
        auto const opened = leader(Side::buy);
        ASSERT_TRUE(run_until_over(opened));
        EXPECT_EQ(venue.listings, listings += 2);
        EXPECT_EQ(held(s), "0.001998");
        record.followers.clear();
    }
}

// Binance gives a thousand at once: the newest, then from the oldest on.
TEST_F(EngineFillsTest, ManyFillsAreReadPageByPage) {
    auto const s = add_follower();
    start();
    venue.parts = 2'500;
    venue.fates = {Fate::fill_untold};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.listings, 3);  // the last 500 are known
    EXPECT_EQ(venue.queries, 0);
    EXPECT_EQ(held(s), "0.001998");
}

TEST_F(EngineFillsTest, APageThatFailsIsReadAgainAndNoOtherOne) {
    auto const s = add_follower();
    start();
    venue.parts = 2'500;
    venue.fates = {Fate::fill_untold};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until([&] { return venue.listings == 2; }));
    venue.failing_listings = 1;
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.listings, 4);
    EXPECT_EQ(held(s), "0.001998");
}

TEST_F(EngineFillsTest, ALongListLetsOthersHaveTheirTurn) {
    auto const s = add_follower();
    start();
    venue.parts = 12'500;
    venue.fates = {Fate::fill_untold};
    auto const opened = leader(Side::buy);
    ASSERT_TRUE(run_until_over(opened));
    EXPECT_EQ(venue.listings, 13);
    EXPECT_EQ(venue.queries, 1);
    EXPECT_EQ(held(s), "0.001998");
}

}  // namespace
}  // namespace obscura::conductor
