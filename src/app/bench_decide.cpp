#include "app/bench_decide.hpp"

#include "base/clock.hpp"
#include "model/sizing.hpp"

#include <time.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace obscura::app::bench {
namespace {

using base::Decimal;
using base::Money;
using base::Price;
using base::Quantity;

constexpr std::size_t cases = 64;  // subscriptions that differ, more than a branch predictor learns
constexpr int rounds = 4'000;      // over all of them a run
constexpr base::Timestamp decided_at{std::chrono::seconds(1'800'000'000)};

/// A leader opens; the follower has every limit set and none of them refuses.
struct Question {
    model::Subscription subscription;
    model::Portfolio portfolio;
};

std::array<Question, cases> questions() {
    std::array<Question, cases> all;
    for (std::size_t i = 0; i < cases; ++i) {
        auto const n = static_cast<std::int64_t>(i);
        auto& [subscription, portfolio] = all[i];
        subscription.total_investment = Money(1'000 + 10 * n);
        subscription.max_loss = Money(400 + n);
        subscription.profit_target = Money(900 + n);
        subscription.daily_loss_limit = Money(200 + n);
        // Dust in the symbol, below what the venue trades: more would be a position already open.
        portfolio.quantity = portfolio.target_quantity = Quantity{Decimal::from_scaled(n % 8, 5)};
        portfolio.open_cost = Money{Decimal::from_scaled(n * 55, 1)};
        portfolio.realised_total = Money{Decimal::from_scaled(17 * n - 300, 1)};
        portfolio.realised_today = Money{Decimal::from_scaled(3 * n - 100, 1)};
    }
    return all;
}

model::Signal opening() {
    model::Signal signal;
    signal.symbol = "BTCUSDT";
    signal.venue = "binance";
    signal.quantity = Quantity(1);
    signal.price = Price{Decimal::from_scaled(50'000'01, 2)};
    signal.leader_after = Quantity(1);
    signal.accepted_at = decided_at;
    signal.expires_at = decided_at + std::chrono::minutes(1);
    return signal;
}

model::Instrument bitcoin() {
    return {.symbol = "BTCUSDT",
            .base_asset = "BTC",
            .quote_asset = "USDT",
            .tick = Price{Decimal::from_scaled(1, 2)},
            .step = Quantity{Decimal::from_scaled(1, 5)},
            .min_quantity = Quantity{Decimal::from_scaled(1, 5)},
            .max_quantity = Quantity(120),
            .min_notional = Money(5)};
}

/// What this thread has spent: others on the same core do not count.
double spent_ns() {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) * 1e9 + static_cast<double>(spent.tv_nsec);
}

/// Nanoseconds a call. Every answer must be an order: a refusal would skip rules.
double time_decisions(std::array<Question, cases> const& all) {
    auto const signal = opening();
    auto const instrument = bitcoin();
    model::MarketView const market{
        .instrument = &instrument, .price = signal.price, .taker_fee = Decimal::from_scaled(1, 3)};
    std::size_t orders = 0;
    auto const began = spent_ns();
    for (int round = 0; round < rounds; ++round)
        for (auto const& [subscription, portfolio] : all)
            orders +=
                model::decide(subscription, portfolio, signal, market, decided_at).outcome.index();
    auto const took = spent_ns() - began;
    // The order is the variant's first alternative.
    if (orders != 0) throw std::runtime_error("bench decide: a subscription was refused");
    return took / (static_cast<double>(rounds) * cases);
}

}  // namespace

std::vector<Row> measure_decide(int runs) {
    auto const all = questions();
    (void)time_decisions(all);  // warms caches and clocks
    Row row{.id = "decide.all_rules",
            .description =
                "model::decide for one subscription with every limit set; it opens; CPU time",
            .unit = "ns"};
    for (int run = 0; run < runs; ++run) row.runs.push_back(time_decisions(all));
    row.peer = {.name = "pm-rust, 12 risk rules, on its author's machine",
                .version = "published median",
                .runs = {254}};
    row.target = Target{.of = Target::Of::ours, .bound = 250};
    return {row};
}

}  // namespace obscura::app::bench
