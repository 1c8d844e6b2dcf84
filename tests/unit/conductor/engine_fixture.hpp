#pragma once

#include "conductor/engine.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/fake_venue.hpp"
#include "support/fakes/memory_copies.hpp"
#include "support/fakes/stepped_clock.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace obscura::conductor {

using namespace std::chrono_literals;
using Fate = test::FakeVenue::Fate;

/// An engine on a real event loop with short times, a record in memory and a venue that does what
/// it is told. Tests wait for what they are about, and the venue's ledger is the judge.
struct EngineTest : ::testing::Test {
    boost::asio::io_context io;
    test::SteppedClock clock;
    base::SystemClock venue_clock;
    base::SeededRandom random{42};
    base::Metrics metrics;
    test::MemoryCopies record{clock};
    test::FakeVenue venue{io.get_executor(), venue_clock};
    test::FakeVenue futures{io.get_executor(), venue_clock, model::Market::futures};
    test::FakeCitadel citadel;
    EngineConfig config;
    std::optional<Engine> engine;
    int fenced = 0;
    model::PoolId const pool = model::PoolId::make(clock.now(), random);

    EngineTest() {
        citadel.clock = &clock;
        config.lease_ttl = 200ms;
        config.intake_poll = 5ms;
        config.sweep = 60s;  // its own test makes it short
        config.open_lifetime = 30s;
        config.limits = {.weight_per_minute = 1'000'000, .orders_per_10s = 1'000'000};
        config.legs = {.send_window = 150ms,
                       .clock_error = 20ms,
                       .min_sign_margin = 5ms,
                       .retry_pause = 2ms,
                       .poll_pause = 3ms,
                       .max_attempts_open = 50,
                       .max_attempts_exit = 50};
    }
    void TearDown() override {
        if (engine) test::run(io, engine->stop());
    }

    void start() {
        engine.emplace(io.get_executor(), config, ports(), clock, random, metrics,
                       [this] { ++fenced; });
        engine->start();
        ASSERT_TRUE(run_until([&] { return engine->health().is_leader; }));
    }
    Engine::Ports ports() {
        return {record,
                record,
                record,
                citadel,
                {{{"binance", model::Market::spot}, &venue},
                 {{"binance", model::Market::futures}, &futures}}};
    }
    /// Runs the loop until `holds`; false when that takes too long.
    template <class Predicate>
    bool run_until(Predicate holds, std::chrono::seconds limit = 20s) {
        auto const deadline = std::chrono::steady_clock::now() + limit;
        io.restart();
        while (!holds()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            if (io.run_one_until(deadline) == 0 && io.stopped()) io.restart();
        }
        return true;
    }
    /// Lets everything go on for a while: for what must not happen.
    void run_on(std::chrono::milliseconds duration) {
        auto const end = std::chrono::steady_clock::now() + duration;
        (void)run_until([&] { return std::chrono::steady_clock::now() >= end; });
    }

    model::Subscription add_follower() {
        model::Subscription s;
        s.id = model::SubscriptionId::make(clock.now(), random);
        s.pool = pool;
        s.connection = model::ConnectionId::make(clock.now(), random);
        s.total_investment = base::Money(1'000);
        record.followers.push_back(s);
        return s;
    }
    model::Signal signal(model::Side side) {
        model::Signal s;
        s.id = model::SignalId::make(clock.now(), random);
        s.pool = pool;
        s.symbol = "BTCUSDT";
        s.venue = "binance";
        s.side = side;
        s.quantity = base::Quantity(1);
        s.price = base::Price(50'000);
        (side == model::Side::buy ? s.leader_after : s.leader_before) = base::Quantity(1);
        s.accepted_at = clock.now();
        return s;
    }
    /// A leader's fill that waits in the outbox.
    model::Signal leader(model::Side side) { return record.add_signal(signal(side), true); }
    void hold(model::Subscription const& s, std::string_view quantity) {
        auto& position = record.positions[{s.id, "BTCUSDT"}];
        position.quantity = position.target_quantity = base::Quantity::parse(quantity).value();
    }
    [[nodiscard]] std::string held(model::Subscription const& s) {
        return record.positions[{s.id, "BTCUSDT"}].quantity.to_string();
    }
    [[nodiscard]] bool is_over(model::Signal const& s) const {
        auto const status = record.status_of(s.id);
        return status != "queued" && status != "processing";
    }
    bool run_until_over(model::Signal const& s) {
        return run_until([&] { return is_over(s); });
    }
    [[nodiscard]] std::vector<test::FakeVenue::Order> orders_of(
        model::Subscription const& s) const {
        return venue.orders_of(test::MemoryCopies::context_of(s));
    }
    /// An armed leg as an owner before left it, with its signal and copy.
    model::Leg leave_leg(model::Subscription const& s, model::Side side,
                         base::Timestamp send_not_after) {
        auto made = record.add_signal(signal(side), false);
        record.signals.back().status = "processing";
        model::Leg leg;
        leg.id = model::LegId::make(clock.now(), random);
        leg.copy = model::CopyId::make(clock.now(), random);
        leg.signal = made.id;
        leg.subscription = s.id;
        leg.connection = s.connection;
        leg.venue = "binance";
        leg.symbol = "BTCUSDT";
        leg.base_asset = "BTC";
        leg.quote_asset = "USDT";
        leg.side = side;
        leg.reduce_only = side == model::Side::sell;
        leg.quantity = base::Quantity{base::Decimal::from_scaled(2, 3)};
        leg.client_order_id = model::client_order_id_of(leg.id);
        leg.send_not_after = send_not_after;
        if (!leg.reduce_only) leg.give_up_at = clock.now() + config.open_lifetime;
        record.copies.push_back({leg.copy, made.id, s.id, "open", ""});
        record.legs[leg.id] = {{leg, {test::MemoryCopies::context_of(s), {}}}, 0, "", 0};
        return leg;
    }
};

}  // namespace obscura::conductor
