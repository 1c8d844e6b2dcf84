#pragma once

#include "unit/paper/market.hpp"

namespace obscura::paper::test {

/// The market with 10,000 USDT of margin, and short ways to trade contracts. BTCUSDT is at 50,000
/// with a book whose best levels, 0.4 each, are a tick of 0.1 away.
struct FuturesMarket : Market {
    explicit FuturesMarket(FuturesSettings settings = {}) : Market({.futures = settings}) {
        EXPECT_TRUE(futures().deposit(trader, dec("10000"), now, batch));
        batch.clear();
    }

    FuturesEngine& futures() { return engine.futures(); }
    FuturesAccount const& account() const { return engine.state().futures().account(trader); }
    FuturesTotals const& totals() const { return engine.state().futures().totals(); }
    Position position(PositionSide side = PositionSide::both) const {
        return account().position({btc, side});
    }
    MarginFigures margin() const {
        return margin_of(engine.state().futures(), account(), engine.futures().marks());
    }
    NewOrder contract(NewOrder order, PositionSide side, bool reduce_only = false) const {
        order.contract = {.position_side = side, .reduce_only = reduce_only};
        return order;
    }
    NewOrder reducing(NewOrder order) const { return contract(order, PositionSide::both, true); }
    Outcome<Order const*> trade(NewOrder const& order) {
        return futures().place(trader, order, now, batch);
    }
    int refusal(NewOrder const& order) {
        auto const placed = trade(order);
        return placed ? 0 : placed.error().code;
    }
    NewAlgoOrder stop(Side side, std::string_view amount, std::string_view at) const {
        return {.symbol = btc,
                .side = side,
                .reduce_only = true,
                .trigger = price(at),
                .quantity = quantity(amount),
                .client_id = ""};
    }
    void leverage(std::int64_t times) {
        EXPECT_TRUE(futures().set_leverage(trader, btc, times, now, batch));
    }
    void isolate() {
        EXPECT_TRUE(futures().set_margin_mode(trader, btc, MarginMode::isolated, now, batch));
    }
    void hedge() { EXPECT_TRUE(futures().set_position_mode(trader, true, batch)); }
    /// The kinds of the futures market's execution reports in the batch, in order.
    std::vector<ExecutionType> contract_reports() const {
        std::vector<ExecutionType> types;
        for (auto const& event : batch.events) {
            if (auto const* report = std::get_if<FuturesReport>(&event))
                types.push_back(report->type);
        }
        return types;
    }
};

/// Nothing appears and nothing vanishes: what accounts have, what the house won and what was paid
/// in fees add up to what came in; and each wallet is the sum of its history.
inline void expect_futures_conserved(FuturesState const& state) {
    base::Decimal held{};
    for (auto const& account : state.accounts()) {
        held += account.wallet;
        base::Decimal history{};
        for (auto const& entry : account.income) history += entry.amount;
        EXPECT_EQ(account.wallet, history);
        for (auto const& [key, position] : account.positions) {
            EXPECT_FALSE(position.quantity.is_zero());
            EXPECT_FALSE(position.cost.is_negative());
        }
    }
    auto const& totals = state.totals();
    EXPECT_EQ(held + totals.house + totals.fees, totals.deposited);
}

}  // namespace obscura::paper::test
