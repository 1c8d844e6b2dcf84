#include "model/closed_elsewhere.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

using namespace std::chrono_literals;

constexpr base::Timestamp start{std::chrono::seconds(1'800'000'000)};

base::Decimal dec(std::string_view text) { return base::Decimal::parse(text).value(); }
base::Quantity qty(std::string_view text) { return base::Quantity{dec(text)}; }

HeldElsewhere long_of(std::string_view quantity, std::string_view left) {
    return {.market = Market::futures,
            .symbol = "BTCUSDT",
            .quote_asset = "USDT",
            .quantity = qty(quantity),
            .left = qty(left),
            .cost = base::Money(100),
            .entry_quote = base::Money(500),
            .opened_at = start};
}

Trade trade(std::string id, Side side, std::string_view quantity, std::chrono::seconds at) {
    Trade out;
    out.venue_trade_id = std::move(id);
    out.side = side;
    out.price = base::Price(40'000);
    out.quantity = qty(quantity);
    out.fee = dec("0.4");
    out.executed_at = start + at;
    return out;
}

/// "7 sell 0.004 at 40000 fee 0.4", one after the other.
std::string told(HeldElsewhere const& held, std::vector<Trade> trades) {
    std::string text;
    for (auto const& t : closed_elsewhere(held, std::move(trades), "gone-x", start + 1h))
        text += (text.empty() ? "" : ", ") + t.venue_trade_id + " " +
                std::string(to_string(t.side)) + " " + t.quantity.to_string() + " at " +
                t.price.to_string() + " fee " + t.fee.to_string();
    return text;
}

TEST(ClosedElsewhere, ALiquidationTookItAll) {
    EXPECT_EQ(told(long_of("0.01", "0"), {trade("7", Side::sell, "0.01", 5s)}),
              "7 sell 0.01 at 40000 fee 0.4");
}

TEST(ClosedElsewhere, NothingIsGone) {
    std::vector<Trade> const trades{trade("7", Side::sell, "0.01", 5s)};
    EXPECT_EQ(told(long_of("0.01", "0.01"), trades), "");
    EXPECT_EQ(told(long_of("0.01", "0.5"), trades), "");  // what its owner added is his
    EXPECT_EQ(told(long_of("0", "0"), trades), "");
}

TEST(ClosedElsewhere, TheOtherSideIsNotOurs) {
    EXPECT_EQ(told(long_of("0.01", "-0.3"), {trade("7", Side::sell, "0.31", 5s)}),
              "7 sell 0.01 at 40000 fee 0.012903225806");
    EXPECT_EQ(told(long_of("-0.01", "0"), {trade("7", Side::buy, "0.01", 5s)}),
              "7 buy 0.01 at 40000 fee 0.4");
}

TEST(ClosedElsewhere, TheLatestCountAndTheFirstOfThemInPart) {
    EXPECT_EQ(told(long_of("0.01", "0.002"),
                   {trade("9", Side::sell, "0.006", 7s), trade("6", Side::sell, "0.005", 4s),
                    trade("7", Side::sell, "0.001", 5s)}),
              "6 sell 0.001 at 40000 fee 0.08, 7 sell 0.001 at 40000 fee 0.4, "
              "9 sell 0.006 at 40000 fee 0.4");
}

TEST(ClosedElsewhere, OursAndWhatCameBeforeItWasOpenedDoNotCount) {
    auto held = long_of("0.01", "0");
    held.ours = {"8"};
    EXPECT_EQ(told(held, {trade("5", Side::sell, "0.01", -1s), trade("8", Side::sell, "0.01", 6s),
                          trade("9", Side::buy, "0.01", 7s), trade("7", Side::sell, "0.01", 5s)}),
              "7 sell 0.01 at 40000 fee 0.4");
    EXPECT_EQ(told(held, {trade("5", Side::sell, "0.01", -1s)}), "gone-x sell 0.01 at 40000 fee 0");
    auto other = trade("7", Side::sell, "0.01", 5s);
    other.position_side = PositionSide::short_side;
    EXPECT_EQ(told(held, {other}), "gone-x sell 0.01 at 40000 fee 0");
}

// Nothing is invented in favour of whoever may lose more by it.
TEST(ClosedElsewhere, WhatNoTradeExplains) {
    EXPECT_EQ(told(long_of("0.01", "0"), {}), "gone-x sell 0.01 at 40000 fee 0");  // 500 - 100
    EXPECT_EQ(told(long_of("-0.01", "0"), {}), "gone-x buy 0.01 at 60000 fee 0");  // 500 + 100
    auto coins = long_of("0.01", "0.004");
    coins.market = Market::spot;
    EXPECT_EQ(told(coins, {trade("7", Side::sell, "0.001", 5s)}),
              "gone-x sell 0.005 at 10000 fee 0, 7 sell 0.001 at 40000 fee 0.4");  // 100 / 0.01
    auto lost_more = long_of("0.01", "0");
    lost_more.cost = base::Money(600);
    EXPECT_EQ(told(lost_more, {}), "gone-x sell 0.01 at 0 fee 0");
}

}  // namespace
}  // namespace obscura::model
