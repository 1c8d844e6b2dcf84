#include "app/tour_judge.hpp"

#include "app/demo.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace obscura::app {
namespace {

using base::Quantity;

Quantity amount(char const* text) { return Quantity::parse(text).value(); }

/// Every follower closed a short and opened a long position, as it should.
struct TourJudgeTest : testing::Test {
    TourJudgeTest() {
        auto const opened = tour_sizes(base::Price::parse("3000").value(), amount("0.001"));
        std::vector<Quantity> const closed(opened.size(), amount("0.05"));
        legs.push_back({.side = "BUY", .reduce_only = true, .sizes = closed});
        legs.push_back({.side = "BUY", .reduce_only = false, .sizes = opened});
        for (int i = 0; i < demo::followers; ++i) {
            auto const at = static_cast<std::size_t>(i);
            add(i, "close", closed[at], true);
            add(i, "open", opened[at], false);
            ledger.positions[{demo::follower_label(i), "ETHUSDT"}] = opened[at];
        }
    }
    void add(int follower, std::string const& id, Quantity executed, bool reduce_only) {
        ledger.orders.push_back({.order_id = std::ssize(ledger.orders) + 1,
                                 .account = demo::follower_label(follower),
                                 .symbol = "ETHUSDT",
                                 .side = "BUY",
                                 .status = "FILLED",
                                 .client_order_id = id + std::to_string(follower),
                                 .executed = executed,
                                 .trade_ids = {},
                                 .reduce_only = reduce_only});
    }
    /// What the judge says, "" when nothing.
    std::string complaint() const {
        try {
            check_legs(ledger, "ETHUSDT", legs);
        } catch (ApiFailure const& e) {
            return e.what();
        }
        return "";
    }

    VenueLedger ledger;
    std::vector<TourLeg> legs;
};

TEST_F(TourJudgeTest, WhatIsDueIsAllThatMayBeThere) {
    EXPECT_EQ(complaint(), "");
    EXPECT_EQ(legs[1].sizes.front(), amount("0.033"));  // a tenth of 1,000
    auto const whole = ledger;
    auto& orders = ledger.orders;
    auto const last = demo::follower_label(demo::followers - 1);
    struct Case {
        std::function<void()> spoil;
        std::string words;
    };
    Case const cases[] = {
        {[&] { orders.pop_back(); }, "has 1 orders, not 2"},
        {[&] { add(7, "again", amount("0.033"), false); }, "has 3 orders, not 2"},
        {[&] { orders[0].executed = amount("0.049"); }, "BUY 0.049, not BUY 0.05"},
        {[&] { orders[0].side = "SELL"; }, "SELL 0.05, not BUY 0.05"},
        {[&] { std::swap(orders[0], orders[1]); }, "not BUY 0.05"},
        {[&] { orders[0].reduce_only = false; }, "a close is not reduce-only"},
        {[&] { orders[1].reduce_only = true; }, "an open is reduce-only"},
        {[&] { orders[1].client_order_id = orders[0].client_order_id; }, "was used twice"},
        {[&] { orders[2].client_order_id = orders[0].client_order_id; }, "was used twice"},
        {[&] { ledger.positions[{last, "ETHUSDT"}] = amount("-0.05"); }, "holds -0.05, not"},
        {[&] { ledger.positions.clear(); }, "holds 0, not 0.033"},
    };
    for (auto const& c : cases) {
        ledger = whole;
        c.spoil();
        EXPECT_NE(complaint().find(c.words), std::string::npos) << c.words << ": " << complaint();
    }
}

TEST_F(TourJudgeTest, AfterACloseNothingIsLeft) {
    legs.pop_back();
    std::erase_if(ledger.orders, [](LedgerOrder const& order) { return !order.reduce_only; });
    EXPECT_NE(complaint().find("holds 0.033, not 0"), std::string::npos);
    ledger.positions.clear();
    EXPECT_EQ(complaint(), "");
}

}  // namespace
}  // namespace obscura::app
