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

}  // namespace
}  // namespace obscura::venue
