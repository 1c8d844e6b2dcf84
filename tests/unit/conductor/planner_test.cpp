#include "conductor/planner.hpp"

#include <gtest/gtest.h>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::Environment;

constexpr base::Timestamp now{1'800'000'000s};

/// A signal that opens, one candidate, and a venue that tells everything.
struct Planning {
    base::SeededRandom random{9};
    EngineConfig config;
    model::Signal signal;
    Quotes quotes;
    ports::PlanCandidate candidate;

    Planning() {
        signal.id = model::SignalId::make(now, random);
        signal.symbol = "BTCUSDT";
        signal.venue = "binance";
        signal.price = base::Price(50'000);
        signal.leader_after = base::Quantity(1);
        signal.accepted_at = now;
        model::Instrument const instrument{
            .symbol = "BTCUSDT",
            .base_asset = "BTC",
            .quote_asset = "USDT",
            .tick = base::Price{base::Decimal::from_scaled(1, 2)},
            .step = base::Quantity{base::Decimal::from_scaled(1, 5)},
            .min_quantity = base::Quantity{base::Decimal::from_scaled(1, 5)},
            .max_quantity = base::Quantity(100),
            .min_notional = base::Money(5)};
        quotes[Environment::paper] = {
            .instrument = instrument, .price = base::Price(50'000), .is_listed = true};
        auto& s = candidate.subscription;
        s.id = model::SubscriptionId::make(now, random);
        s.tenant = model::TenantId::make(now, random);
        s.user = model::UserId::make(now, random);
        s.connection = model::ConnectionId::make(now, random);
        s.total_investment = base::Money(1'000);
        candidate.venue = "binance";
        candidate.credentials = {.context = "aad", .fields = {{"secret", "nil:v1:x"}}};
    }
    Planning& exits() {
        signal.side = model::Side::sell;
        signal.leader_before = base::Quantity(1);
        signal.leader_after = {};
        candidate.portfolio.quantity = base::Quantity{base::Decimal::from_scaled(2, 3)};
        candidate.portfolio.target_quantity = candidate.portfolio.quantity;
        return *this;
    }
    /// On futures, where the leader goes from one position to another.
    Planning& moves(int before, int after) {
        signal.market = model::Market::futures;
        auto& instrument = *quotes[Environment::paper].instrument;
        instrument.market = model::Market::futures;
        instrument.kind = model::InstrumentKind::linear_perpetual;
        signal.leader_before = base::Quantity(before);
        signal.leader_after = base::Quantity(after);
        signal.side = after < before ? model::Side::sell : model::Side::buy;
        signal.leverage = 5;
        return *this;
    }
    Planning& holds(int milli) {
        candidate.portfolio.quantity = base::Quantity{base::Decimal::from_scaled(milli, 3)};
        candidate.portfolio.target_quantity = candidate.portfolio.quantity;
        return *this;
    }
    AccountMode mode;
    ports::PlannedCopy plan(base::Timestamp at = now) {
        PlanContext const context{signal, quotes, config,
                                  at,     random, [this](model::ConnectionId) { return mode; }};
        return plan_copies(context, {candidate}).front();
    }
};

TEST(Planner, ArmsALegForACopy) {
    Planning p;
    auto const copy = p.plan();
    ASSERT_TRUE(copy.leg);
    auto const& leg = *copy.leg;
    auto const& s = p.candidate.subscription;
    EXPECT_EQ(copy.reason, "");
    EXPECT_EQ(leg.copy, copy.id);
    EXPECT_EQ(leg.signal, p.signal.id);
    EXPECT_EQ(leg.subscription, s.id);
    EXPECT_EQ(leg.tenant, s.tenant);
    EXPECT_EQ(leg.user, s.user);
    EXPECT_EQ(leg.connection, s.connection);
    EXPECT_EQ(leg.venue, "binance");
    EXPECT_EQ(leg.environment, Environment::paper);
    EXPECT_EQ(leg.base_asset + "/" + leg.quote_asset, "BTC/USDT");
    EXPECT_EQ(leg.quantity.to_string(), "0.002");
    EXPECT_EQ(leg.state, model::LegState::armed);
    EXPECT_EQ(leg.attempt, 1);
    EXPECT_FALSE(leg.reduce_only);
    EXPECT_EQ(leg.client_order_id, model::client_order_id_of(leg.id));
    EXPECT_EQ(leg.send_not_after, now + p.config.legs.send_window);
    EXPECT_EQ(leg.give_up_at, now + p.config.open_lifetime);
    EXPECT_EQ(copy.target_after.to_string(), "0.002");
    EXPECT_EQ(copy.reserved.to_string(), "100.1");  // with the fee
    EXPECT_EQ(copy.credentials.context, "aad");
}

TEST(Planner, AReductionReservesNothingAndIsNeverGivenUp) {
    Planning p;
    auto const copy = p.exits().plan(now + 10h);
    ASSERT_TRUE(copy.leg);
    EXPECT_TRUE(copy.leg->reduce_only);
    EXPECT_FALSE(copy.leg->give_up_at);
    EXPECT_TRUE(copy.reserved.is_zero());
}

TEST(Planner, WaitsForAnOpenLegInTheSymbol) {
    Planning p;
    p.candidate.has_open_leg = true;
    auto copy = p.plan();
    EXPECT_FALSE(copy.leg);
    EXPECT_EQ(copy.reason, "");
    auto const first = copy.id;

    p.candidate.waiting_copy = first;
    EXPECT_EQ(p.plan().id, first);
    p.candidate.has_open_leg = false;
    copy = p.plan();
    EXPECT_EQ(copy.id, first);
    EXPECT_TRUE(copy.leg);
}

TEST(Planner, RefusesWithTheReason) {
    struct Row {
        char const* name;
        std::function<void(Planning&)> change;
        std::string_view reason;
    };
    for (auto const& [name, change, reason] : {
             Row{"the rules",
                 [](Planning& p) {
                     p.candidate.subscription.status = {};
                     p.candidate.portfolio.open_cost = base::Money(1'000);
                 },
                 "investment_exhausted"},
             Row{"another venue", [](Planning& p) { p.candidate.venue = "kraken"; },
                 "instrument_unknown"},
             Row{"an environment that is not served",
                 [](Planning& p) {
                     p.signal.environment = Environment::live;
                     p.candidate.subscription.environment = Environment::live;
                 },
                 "instrument_unknown"},
             Row{"a venue that told nothing for too long",
                 [](Planning& p) {
                     p.quotes[Environment::paper] = {};
                     p.signal.accepted_at = now - p.config.quote_patience;
                 },
                 "instrument_unknown"},
             Row{"a venue that told no price for too long",
                 [](Planning& p) {
                     p.quotes[Environment::paper].price.reset();
                     p.signal.accepted_at = now - p.config.quote_patience;
                 },
                 "no_price"},
             Row{"planned too late",
                 [](Planning& p) { p.signal.accepted_at = now - p.config.open_lifetime; },
                 "signal_expired"},
             Row{"filled too long ago",
                 [](Planning& p) { p.signal.leader_executed_at = now - p.config.open_lifetime; },
                 "signal_expired"},
         }) {
        Planning p;
        change(p);
        auto const copy = p.plan();
        EXPECT_FALSE(copy.leg) << name;
        EXPECT_EQ(copy.reason, reason) << name;
    }
}

TEST(Planner, AReductionWaitsForAVenueThatIsSilent) {
    Planning p;
    p.exits().quotes[Environment::paper] = {};
    EXPECT_THROW((void)p.plan(), VenueSilent);
    p.candidate.portfolio.quantity = {};  // nothing to close: no reason to wait
    EXPECT_EQ(p.plan().reason, "instrument_unknown");
}

TEST(Planner, AnOpenWaitsAMomentForAVenueThatIsSilent) {
    Planning p;
    p.signal.accepted_at = now;
    p.quotes[Environment::paper].price.reset();
    EXPECT_THROW((void)p.plan(), VenueSilent);
    p.quotes[Environment::paper] = {};
    EXPECT_THROW((void)p.plan(), VenueSilent);
    p.quotes[Environment::paper].is_listed = true;  // it has told: there is no such instrument
    EXPECT_EQ(p.plan().reason, "instrument_unknown");
}

TEST(Planner, TellsTheLimitThatBound) {
    Planning p;
    p.candidate.portfolio.open_cost = base::Money(950);
    EXPECT_EQ(p.plan().limit_bound, "total_investment_usd");
}

TEST(Planner, AContractsLegSaysWhatItTradesUnder) {
    Planning p;
    p.moves(0, -1).mode = {.is_asked = true, .mode = model::PositionMode::hedge};
    auto const copy = p.plan();
    ASSERT_TRUE(copy.leg);
    EXPECT_EQ(copy.leg->market, model::Market::futures);
    EXPECT_EQ(copy.leg->side, model::Side::sell);
    EXPECT_EQ(copy.leg->position_side, model::PositionSide::short_side);
    EXPECT_EQ(copy.leg->leverage, 5);
    EXPECT_EQ(copy.leg->margin_mode, model::MarginMode::isolated);
    EXPECT_FALSE(copy.leg->reduce_only || copy.leg->continues);
    EXPECT_EQ(copy.leg->quantity.to_string(), "0.01");
    EXPECT_EQ(copy.target_after.to_string(), "-0.01");
    EXPECT_EQ(copy.reserved.to_string(), "100.5");  // the margin, and 0.05 % of 500 twice
}

TEST(Planner, AFlipClosesFirstAndOpensWithTheNextLeg) {
    Planning p;
    p.moves(1, -1).holds(10);
    auto copy = p.plan();  // what is held tells the mode
    ASSERT_TRUE(copy.leg);
    EXPECT_TRUE(copy.leg->reduce_only && copy.leg->continues);
    EXPECT_EQ(copy.leg->seq, 0);
    EXPECT_TRUE(copy.reserved.is_zero());

    p.holds(0).mode = {.is_asked = true, .mode = model::PositionMode::one_way};
    p.candidate.waiting_copy = copy.id;
    p.candidate.legs_before = 1;
    auto const then = p.plan();
    ASSERT_TRUE(then.leg);
    EXPECT_EQ(then.id, copy.id);
    EXPECT_EQ(then.leg->seq, 1);
    EXPECT_FALSE(then.leg->reduce_only || then.leg->continues);
    EXPECT_EQ(then.leg->give_up_at, now + p.config.open_lifetime);
    // No age holds up the close; it binds the open.
    EXPECT_EQ(p.plan(now + p.config.open_lifetime).reason, "signal_expired");
    p.candidate.legs_before = 0;
    EXPECT_TRUE(p.holds(10).plan(now + p.config.open_lifetime).leg);
}

TEST(Planner, TheRestOfAnExitIsMeasuredFromTheTargetOfItsSignal) {
    Planning p;
    p.moves(2, 1).holds(10);
    EXPECT_EQ(p.plan().leg->quantity.to_string(), "0.005");
    p.holds(8).candidate.portfolio.target_quantity = base::Quantity::parse("0.005").value();
    p.candidate.waiting_copy = model::CopyId{};
    p.candidate.legs_before = 1;
    auto const rest = p.plan();
    ASSERT_TRUE(rest.leg);
    EXPECT_EQ(rest.leg->quantity.to_string(), "0.003");
    EXPECT_EQ(rest.target_after.to_string(), "0.005");
    EXPECT_EQ(rest.leg->seq, 1);
}

TEST(Planner, WhatIsHeldTellsTheModeOfItsAccount) {
    Planning p;
    p.moves(1, 0).holds(10);
    EXPECT_EQ(p.plan().leg->position_side, model::PositionSide::both);
    p.candidate.held_side = model::PositionSide::long_side;
    EXPECT_EQ(p.plan().leg->position_side, model::PositionSide::long_side);
}

TEST(Planner, AnAccountIsAskedBeforeItsFirstOpen) {
    Planning p;
    p.moves(0, 1);
    try {
        (void)p.plan();
        FAIL();
    } catch (ModesUnknown const& e) {
        ASSERT_EQ(e.accounts.size(), 1U);
        EXPECT_EQ(e.accounts[0].connection, p.candidate.subscription.connection);
        EXPECT_EQ(e.accounts[0].credentials.context, "aad");
    }
    EXPECT_EQ(p.plan(now + p.config.quote_patience).reason, "position_mode_unknown");
    p.mode.is_asked = true;  // in vain
    EXPECT_EQ(p.plan().reason, "position_mode_unknown");
    // Who opens nothing is not asked.
    p.mode = {};
    p.candidate.subscription.status = model::SubscriptionStatus::paused;
    EXPECT_EQ(p.plan().reason, "subscription_paused");
}

TEST(Planner, TheSecondHalfOfAFlipWaitsForAVenueThatIsSilent) {
    Planning p;
    p.moves(1, -1).quotes[Environment::paper].price.reset();
    EXPECT_THROW((void)p.plan(), VenueSilent);
    p.moves(1, 0);  // nothing to close, and nothing to open
    EXPECT_EQ(p.plan().reason, "nothing_to_close");
}

}  // namespace
}  // namespace obscura::conductor
