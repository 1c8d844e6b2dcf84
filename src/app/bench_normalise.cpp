#include "app/bench_normalise.hpp"

#include "base/clock.hpp"
#include "sentinel/trade_identity.hpp"
#include "venue/binance_stream.hpp"

#include <fmt/format.h>
#include <time.h>

#include <stdexcept>

namespace obscura::app::bench {
namespace {

constexpr std::size_t messages = 512;  // that differ
constexpr int rounds = 100;            // over all of them a run

/// As spot's WebSocket API sends it, with every field of the documentation's example (User Data
/// Stream, Order update).
std::string execution_report(std::size_t n) {
    auto const time = 1'795'824'000'000 + static_cast<std::int64_t>(n);
    return fmt::format(
        R"({{"subscriptionId":0,"event":{{"e":"executionReport","E":{},"s":"BTCUSDT","c":"x{}","S":"{}",)"
        R"("o":"MARKET","f":"GTC","q":"0.01000000","p":"0.00000000","P":"0.00000000","F":"0.00000000",)"
        R"("g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":{},"l":"0.00{}000","z":)"
        R"("0.00500000","L":"97{}.{:02}000000","n":"0.00000{}","N":"BTC","T":{},"t":{},"v":3,"I":8641984,)"
        R"("w":false,"m":{},"M":true,"O":{},"Z":"485.00000000","Y":"97.00000000","Q":"0.00000000","W":{},)"
        R"("V":"EXPIRE_MAKER"}}}})",
        time, n, n % 2 == 0 ? "BUY" : "SELL", 500'000 + n / 20, 100 + n % 900, 100 + n % 900,
        n % 100, 100 + n % 900, time, 7'000'000 + n, n % 3 == 0, time, time);
}

/// What this thread has spent: others on the same core do not count.
double spent_seconds() {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

double normalise(std::vector<std::string> const& reports, base::Clock const& clock) {
    base::Quantity sum;
    auto const began = spent_seconds();
    for (int round = 0; round < rounds; ++round)
        for (auto const& text : reports) {
            auto message = venue::decode_stream_message(text);
            auto* fill = std::get_if<venue::StreamFill>(&message);
            if (fill == nullptr) throw std::runtime_error("bench sentinel: no fill in " + text);
            fill->trade.received_at = clock.now();
            fill->trade.id = sentinel::trade_id_of(model::venue_identity(fill->trade));
            sum += fill->trade.quantity;
        }
    auto const took = spent_seconds() - began;
    if (!sum.is_positive()) throw std::runtime_error("bench sentinel: fills of nothing");
    return static_cast<double>(rounds) * static_cast<double>(reports.size()) / took;
}

}  // namespace

Row measure_normalisation(int runs) {
    std::vector<std::string> reports;
    for (std::size_t n = 0; n < messages; ++n) reports.push_back(execution_report(n));
    base::SystemClock const clock;
    (void)normalise(reports, clock);  // warms caches
    Row row{.id = "sentinel.ingest",
            .description =
                "fills that one core normalises: a message of the private stream becomes "
                "a trade with its identity; CPU time",
            .unit = "/s",
            .better = Better::higher};
    for (int run = 0; run < runs; ++run) row.runs.push_back(normalise(reports, clock));
    row.target = Target{.of = Target::Of::ours, .bound = 50'000};
    return row;
}

}  // namespace obscura::app::bench
