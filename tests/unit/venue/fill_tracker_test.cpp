#include "venue/fill_tracker.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using namespace std::chrono_literals;

base::Timestamp const since{1'700'000'000s};

model::Trade trade(std::int64_t id, base::Timestamp at, std::string symbol = "BTCUSDT") {
    model::Trade t;
    t.symbol = std::move(symbol);
    t.venue_trade_id = std::to_string(id);
    t.executed_at = at;
    return t;
}
std::vector<model::Trade> page(std::int64_t first, std::int64_t last, base::Timestamp at) {
    std::vector<model::Trade> out;
    for (auto id = first; id <= last; ++id) out.push_back(trade(id, at));
    return out;
}
ports::FeedCursor cursor(std::string symbol, std::int64_t id) {
    ports::FeedCursor c;
    c.symbol = std::move(symbol);
    c.last_trade_id = id;
    return c;
}
std::vector<std::string> ids(std::vector<model::Trade> const& trades) {
    std::vector<std::string> out;
    for (auto const& t : trades) out.push_back(t.venue_trade_id);
    return out;
}

TEST(FillTracker, GoesOnBehindItsCursors) {
    FillTracker const tracker(since, {"ETHUSDT", "BTCUSDT"},
                              {cursor("BTCUSDT", 41), cursor("SOLUSDT", -1)});
    auto const pages = tracker.first_pages();
    ASSERT_EQ(pages.size(), 3U);
    EXPECT_EQ(pages[0], (PageAsk{.symbol = "BTCUSDT", .from_id = 42}));
    EXPECT_EQ(pages[1], PageAsk{.symbol = "ETHUSDT"});
    EXPECT_EQ(pages[2], PageAsk{.symbol = "SOLUSDT"});  // seen, never confirmed
}

TEST(FillTracker, SymbolsThatCannotBeAskedForAreLeftToTheStream) {
    FillTracker tracker(since, {"BTCUSDT"}, {});
    tracker.add_symbol("\xE5\xB8\x81USDT");
    EXPECT_EQ(tracker.first_pages().size(), 1U);
    EXPECT_TRUE(tracker.knows_symbol("\xE5\xB8\x81USDT"));
}

TEST(FillTracker, AnEmptyFirstLookStartsAtZero) {
    FillTracker tracker(since, {"BTCUSDT"}, {});
    auto const verdict = tracker.judge({.symbol = "BTCUSDT"}, {}, since + 1h);
    EXPECT_EQ(verdict.cursor, 0);
    tracker.settle("BTCUSDT", verdict);
    EXPECT_EQ(tracker.first_pages()[0].from_id, 1);
}

TEST(FillTracker, AFirstLookHandsOnWhatCameAfterTheConnection) {
    FillTracker tracker(since, {"BTCUSDT"}, {});
    auto const verdict = tracker.judge(
        {.symbol = "BTCUSDT"},
        {trade(5, since - 1h), trade(6, since - 1us), trade(7, since), trade(8, since + 5s)},
        since + 1h);
    EXPECT_EQ(ids(verdict.fresh), (std::vector<std::string>{"7", "8"}));
    EXPECT_EQ(verdict.cursor, 8);
    EXPECT_FALSE(verdict.next);
}

TEST(FillTracker, MoreThanAPageSinceTheConnectionGoesBackToItsBeginning) {
    FillTracker tracker(since, {"BTCUSDT"}, {});
    auto const first =
        tracker.judge({.symbol = "BTCUSDT"}, page(5'001, 6'000, since + 1s), since + 1h);
    EXPECT_TRUE(first.fresh.empty());
    EXPECT_FALSE(first.cursor);
    EXPECT_EQ(first.next, (PageAsk{.symbol = "BTCUSDT", .start_time = since}));
    auto const second = tracker.judge(*first.next, page(4'500, 5'499, since + 1s), since + 1h);
    EXPECT_EQ(second.fresh.size(), 1'000U);
    EXPECT_EQ(second.cursor, 5'499);
    EXPECT_EQ(second.next, (PageAsk{.symbol = "BTCUSDT", .from_id = 5'500}));
}

TEST(FillTracker, FullPagesGoOn) {
    FillTracker const tracker(since, {}, {cursor("BTCUSDT", 9)});
    PageAsk const ask{.symbol = "BTCUSDT", .from_id = 10};
    EXPECT_EQ(tracker.judge(ask, page(10, 1'009, since), since + 1h).next,
              (PageAsk{.symbol = "BTCUSDT", .from_id = 1'010}));
    EXPECT_FALSE(tracker.judge(ask, page(10, 1'008, since), since + 1h).next);
}

TEST(FillTracker, YoungFillsAreHandedOnButMoveNoCursor) {
    FillTracker tracker(since, {}, {cursor("BTCUSDT", 9)}, 10s);
    PageAsk const ask{.symbol = "BTCUSDT", .from_id = 10};
    auto const now = since + 1h;
    auto const verdict =
        tracker.judge(ask, {trade(10, now - 11s), trade(11, now - 10s), trade(12, now - 9s)}, now);
    EXPECT_EQ(verdict.fresh.size(), 3U);
    EXPECT_EQ(verdict.cursor, 11);
    tracker.settle("BTCUSDT", verdict);
    // Asked for again, since an earlier fill may still show up; what was handed on is not repeated.
    EXPECT_EQ(tracker.first_pages()[0].from_id, 12);
    auto const later =
        tracker.judge(tracker.first_pages()[0], {trade(12, now - 9s), trade(13, now)}, now + 20s);
    EXPECT_EQ(ids(later.fresh), std::vector<std::string>{"13"});
    EXPECT_EQ(later.cursor, 13);
}

TEST(FillTracker, AFillBeforeOneAlreadyStreamedIsFound) {
    FillTracker tracker(since, {}, {cursor("BTCUSDT", 9)}, 0s);
    tracker.mark(trade(11, since));  // the stream told 11 and lost 10
    auto const verdict =
        tracker.judge(tracker.first_pages()[0], {trade(10, since), trade(11, since)}, since + 1h);
    EXPECT_EQ(ids(verdict.fresh), std::vector<std::string>{"10"});
}

TEST(FillTracker, TheSameIdOfAnotherSymbolIsAnotherFill) {
    FillTracker tracker(since, {}, {});
    tracker.mark(trade(7, since));
    EXPECT_FALSE(tracker.is_new(trade(7, since)));
    EXPECT_TRUE(tracker.is_new(trade(7, since, "ETHUSDT")));
}

TEST(FillTracker, RemembersABoundedNumber) {
    FillTracker tracker(since, {}, {});
    auto const last = static_cast<std::int64_t>(FillTracker::max_seen);
    for (std::int64_t id = 0; id <= last; ++id) tracker.mark(trade(id, since));
    EXPECT_TRUE(tracker.is_new(trade(0, since)));
    EXPECT_FALSE(tracker.is_new(trade(1, since)));
    EXPECT_FALSE(tracker.is_new(trade(last, since)));
}

TEST(FillTracker, ACursorNeverGoesBack) {
    FillTracker tracker(since, {}, {cursor("BTCUSDT", 100)});
    tracker.settle("BTCUSDT", {.cursor = 50});
    EXPECT_EQ(tracker.first_pages()[0].from_id, 101);
}

// Futures: a page without an id to start from covers a week, and nothing is older than `reach`.
class WindowedFillsTest : public testing::Test {
protected:
    static constexpr auto day = 24h;
    FillHistory history{.market = model::Market::futures, .window = 7 * day, .reach = 30 * day};
    FillTracker tracker{since, {"BTCUSDT"}, {}, 10s, history};
    PageAsk const first_look{.symbol = "BTCUSDT"};
};

TEST_F(WindowedFillsTest, AYoungConnectionIsCoveredByTheMostRecentPage) {
    auto const verdict = tracker.judge(first_look, {trade(5, since + 1h)}, since + 7 * day);
    EXPECT_FALSE(verdict.next);
    EXPECT_EQ(verdict.cursor, 5);
    EXPECT_EQ(ids(verdict.fresh), std::vector<std::string>{"5"});
}

TEST_F(WindowedFillsTest, AnOldOneIsReadWeekByWeekFromItsBeginning) {
    auto const now = since + 15 * day;
    auto const look = tracker.judge(first_look, {trade(9, now - 1h)}, now);
    ASSERT_TRUE(look.next);
    EXPECT_EQ(*look.next, (PageAsk{.symbol = "BTCUSDT", .start_time = since}));
    EXPECT_TRUE(look.fresh.empty());  // those before it come first
    EXPECT_FALSE(look.cursor);
    auto const first = tracker.judge(*look.next, {trade(4, since + 1h)}, now);
    EXPECT_EQ(first.cursor, 4);
    EXPECT_EQ(first.next, (PageAsk{.symbol = "BTCUSDT", .start_time = since + 7 * day}));
    tracker.settle("BTCUSDT", first);
    auto const second = tracker.judge(*first.next, {}, now);
    EXPECT_FALSE(second.cursor);
    EXPECT_EQ(second.next, (PageAsk{.symbol = "BTCUSDT", .start_time = since + 14 * day}));
    auto const third = tracker.judge(*second.next, {trade(9, now - 1h)}, now);
    EXPECT_FALSE(third.next);
    EXPECT_EQ(third.cursor, 9);
    EXPECT_EQ(ids(third.fresh), std::vector<std::string>{"9"});
}

TEST_F(WindowedFillsTest, AFullPageGoesOnByItsIds) {
    PageAsk const ask{.symbol = "BTCUSDT", .start_time = since};
    EXPECT_EQ(tracker.judge(ask, page(1, 1'000, since), since + 15 * day).next,
              (PageAsk{.symbol = "BTCUSDT", .from_id = 1'001}));
}

TEST_F(WindowedFillsTest, NothingOlderThanTheVenueKeepsIsAskedFor) {
    auto const now = since + 90 * day;
    EXPECT_EQ(tracker.judge(first_look, {}, now).next,
              (PageAsk{.symbol = "BTCUSDT", .start_time = now - 30 * day}));
}

// Else every pass would read all weeks again.
TEST_F(WindowedFillsTest, WhereNothingWasTradedTheCursorStartsAtZero) {
    auto const now = since + 8 * day;
    auto const first = tracker.judge({.symbol = "BTCUSDT", .start_time = since}, {}, now);
    EXPECT_FALSE(first.cursor);
    ASSERT_TRUE(first.next);
    auto const last = tracker.judge(*first.next, {}, now);
    EXPECT_FALSE(last.next);
    EXPECT_EQ(last.cursor, 0);
    tracker.settle("BTCUSDT", {.cursor = 7});
    EXPECT_FALSE(tracker.judge(*first.next, {}, now).cursor) << "a cursor never goes back";
}

TEST_F(WindowedFillsTest, CursorsOfTheOtherMarketAreNotItsOwn) {
    auto spot = cursor("BTCUSDT", 4);
    auto futures = cursor("ETHUSDT", 5);
    futures.market = model::Market::futures;
    FillTracker const mixed{since, {}, {spot, futures}, 10s, history};
    EXPECT_FALSE(mixed.knows_symbol("BTCUSDT"));
    ASSERT_EQ(mixed.first_pages().size(), 1U);
    EXPECT_EQ(mixed.first_pages()[0], (PageAsk{.symbol = "ETHUSDT", .from_id = 6}));
}

}  // namespace
}  // namespace obscura::venue
