#pragma once

#include "model/sizing.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace obscura::model::test {

inline base::Decimal dec(std::string_view text) { return base::Decimal::parse(text).value(); }
inline base::Quantity qty(std::string_view text) { return base::Quantity{dec(text)}; }
inline base::Money usd(std::string_view text) { return base::Money{dec(text)}; }
inline base::Price price(std::string_view text) { return base::Price{dec(text)}; }

inline constexpr base::Timestamp now{std::chrono::seconds(1'800'000'000)};

/// One question to `decide` with the ordinary answer "yes": 1,000 USDT, a leader who opens, BTC at
/// 50,000 and Binance's rules. Each test changes what it is about.
struct Case {
    Subscription subscription;
    Portfolio portfolio;
    Signal signal;
    Instrument instrument;
    MarketView market;

    Case() {
        subscription.total_investment = usd("1000");
        signal.symbol = "BTCUSDT";
        signal.venue = "binance";
        signal.side = Side::buy;
        signal.quantity = qty("1");
        signal.price = price("50000");
        signal.leader_after = qty("1");
        signal.accepted_at = now;
        instrument = {.symbol = "BTCUSDT",
                      .base_asset = "BTC",
                      .quote_asset = "USDT",
                      .tick = price("0.01"),
                      .step = qty("0.00001"),
                      .min_quantity = qty("0.00001"),
                      .max_quantity = qty("120"),
                      .min_notional = usd("5")};
        market = {.instrument = &instrument, .price = price("50000"), .taker_fee = dec("0.001")};
    }
    Case(Case const&) = delete;
    Case& operator=(Case const&) = delete;

    /// The follower holds `held`, and the leader goes from `before` to `after`.
    Case& reduce(std::string_view held, std::string_view before, std::string_view after) {
        signal.side = Side::sell;
        portfolio.quantity = portfolio.target_quantity = qty(held);
        portfolio.open_cost = usd("100");
        signal.leader_before = qty(before);
        signal.leader_after = qty(after);
        signal.quantity = signal.leader_before - signal.leader_after;
        return *this;
    }
    [[nodiscard]] Decision decide() const {
        return model::decide(subscription, portfolio, signal, market, now);
    }
};

/// "buy 0.002", "sell 0.5 limit 50000", or the reason of the refusal.
inline std::string told(Decision const& decision) {
    if (auto const* reason = std::get_if<RefusalReason>(&decision.outcome))
        return std::string(to_string(*reason));
    auto const& plan = std::get<OrderPlan>(decision.outcome);
    auto text = std::string(to_string(plan.side)) + " " + plan.quantity.to_string();
    if (plan.limit_price) text += " limit " + plan.limit_price->to_string();
    if (plan.continues) text += " then";
    return text;
}
inline std::string bound_of(Decision const& decision) {
    return std::string(std::get<OrderPlan>(decision.outcome).limit_bound.value_or(""));
}

struct Row {
    char const* name;
    std::function<void(Case&)> change;
    std::string_view told;
    std::string_view target = "";  ///< "" = not looked at
    std::string_view bound = "";
};

inline void check(Row const& row) {
    SCOPED_TRACE(row.name);
    Case c;
    row.change(c);
    auto const decision = c.decide();
    EXPECT_EQ(told(decision), row.told);
    if (!row.target.empty()) {
        EXPECT_EQ(decision.target_after.to_string(), row.target);
    }
    if (std::holds_alternative<OrderPlan>(decision.outcome)) {
        EXPECT_EQ(bound_of(decision), row.bound);
    }
}

}  // namespace obscura::model::test
