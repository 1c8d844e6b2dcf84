#pragma once

#include "paper/engine/engine.hpp"

#include <gtest/gtest.h>

#include <string>

namespace obscura::paper::test {

inline base::Decimal dec(std::string_view text) { return base::Decimal::parse(text).value(); }
inline base::Price price(std::string_view text) { return base::Price{dec(text)}; }
inline base::Quantity quantity(std::string_view text) { return base::Quantity{dec(text)}; }
inline base::Money money(std::string_view text) { return base::Money{dec(text)}; }

inline base::Timestamp const start_time = base::from_unix_ms(1'700'000'000'000);

/// An engine with BTCUSDT at 50,000 and one account, and short ways to talk to it.
struct Market {
    explicit Market(EngineSettings settings = {}) : engine(catalogue, settings) {
        trader = open("trader");
        give(trader, "USDT", "1000000");
        give(trader, "BTC", "100");
        batch.clear();
    }

    AccountId open(std::string label, std::string_view fee = "0.001") {
        auto const opened = engine.open_account({.label = std::move(label),
                                                 .maker_fee = dec(fee),
                                                 .taker_fee = dec(fee),
                                                 .credential = {.api_key = "key"},
                                                 .time = now},
                                                batch);
        return opened.value();
    }
    void give(AccountId account, std::string_view asset, std::string_view amount) {
        auto const done =
            engine.deposit(account, catalogue.find_asset(asset).value(), dec(amount), now, batch);
        ASSERT_TRUE(done.has_value());
    }
    NewOrder market(Side side, std::string_view amount, std::string client_id = "") const {
        return {.symbol = btc,
                .side = side,
                .kind = OrderKind::market,
                .quantity = quantity(amount),
                .client_id = std::move(client_id)};
    }
    NewOrder limit(Side side, std::string_view amount, std::string_view at,
                   std::string client_id = "", TimeInForce tif = TimeInForce::gtc) const {
        return {.symbol = btc,
                .side = side,
                .kind = OrderKind::limit,
                .time_in_force = tif,
                .price = price(at),
                .quantity = quantity(amount),
                .client_id = std::move(client_id)};
    }
    Outcome<Order const*> place(NewOrder const& order) {
        return engine.place(trader, order, now, batch);
    }
    void step(std::string_view at) { engine.step_price(btc, price(at), now, batch); }
    Balance balance(std::string_view asset) const { return balance(trader, asset); }
    Balance balance(AccountId account, std::string_view asset) const {
        return engine.state().find_account(account)->balance(catalogue.find_asset(asset).value());
    }
    /// The kinds of execution reports in the batch, in order.
    std::vector<ExecutionType> reports() const {
        std::vector<ExecutionType> types;
        for (auto const& event : batch.events) {
            if (auto const* report = std::get_if<ExecutionReport>(&event))
                types.push_back(report->type);
        }
        return types;
    }

    Catalogue catalogue;
    Engine engine;
    Batch batch;
    base::Timestamp now = start_time;
    SymbolId btc = catalogue.find_symbol("BTCUSDT").value();
    AccountId trader{};
};

}  // namespace obscura::paper::test
