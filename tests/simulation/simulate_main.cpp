// simulate: runs seeds and says what they did; replays and shrinks what fails.
#include "base/log.hpp"
#include "simulation/planted_bugs.hpp"
#include "simulation/shrink.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>

namespace {

using namespace obscura::simulation;

struct Arguments {
    std::uint64_t seed = 1;
    std::uint64_t count = 1;
    std::string faults;
    bool has_faults = false;
    std::string bug;
    bool shows_log = false;
    bool shows_product_log = false;
    bool lists_bugs = false;
    bool is_quiet = false;
    bool stops_at_first = false;
};

int list_bugs() {
    for (auto const& bug : planted_bugs())
        fmt::print("{:<26} {}\n", std::string(bug.name), std::string(bug.what));
    return 0;
}

void print(std::uint64_t seed, Outcome const& o) {
    fmt::print(
        "seed {} hash {:016x}: {} faults, {} signals, {} orders, {} sent again, epoch {}, "
        "{:.1f} s, {} steps: {}\n",
        seed, o.log_hash, o.faults, o.signals, o.orders, o.unknown, o.epochs,
        static_cast<double>(o.took.count()) / 1e6, o.log_lines, o.is_good() ? "good" : "BAD");
}

int run_seeds(Arguments const& arguments, Options options) {
    int bad = 0;
    auto const started = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < arguments.count; ++i) {
        options.seed = arguments.seed + i;
        options.keeps_log = arguments.shows_log;
        auto const outcome = run(options);
        if (!arguments.is_quiet || !outcome.is_good()) print(options.seed, outcome);
        for (auto const& line : outcome.log) fmt::print("{}\n", line);
        if (outcome.is_good()) continue;
        ++bad;
        fmt::print("{}", report(options, shrink(options)));
        if (arguments.stops_at_first) break;
    }
    auto const took = std::chrono::steady_clock::now() - started;
    fmt::print("{} seeds, {} bad, {} ms\n", arguments.count, bad,
               std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    return bad == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Simulates the whole system, one run a seed.");
    Arguments arguments;
    app.add_option("--seed", arguments.seed, "The (first) seed");
    app.add_option("--count", arguments.count, "So many seeds from there");
    auto const* faults =
        app.add_option("--faults", arguments.faults, "Instead of the seed's: 'order #3 late; ...'");
    app.add_option("--bug", arguments.bug, "Plant a bug");
    app.add_flag("--log", arguments.shows_log, "Print the event log");
    app.add_flag("--product-log", arguments.shows_product_log, "Let the product log to stderr");
    app.add_flag("--bugs", arguments.lists_bugs, "List the bugs that can be planted");
    app.add_flag("--first", arguments.stops_at_first, "Stop at the first bad seed");
    app.add_flag("--quiet", arguments.is_quiet, "Print bad seeds only");
    CLI11_PARSE(app, argc, argv);
    if (arguments.lists_bugs) return list_bugs();
    // Above the highest level there is: the product is silent.
    auto const silent = static_cast<obscura::base::log::Level>(99);
    obscura::base::log::start(
        "simulated", arguments.shows_product_log ? obscura::base::log::Level::debug : silent,
        obscura::base::log::Format::readable);
    Options options;
    if (!arguments.bug.empty() && !(options.bug = planted_bug(arguments.bug))) {
        fmt::print(stderr, "no such bug: {} (see --bugs)\n", arguments.bug);
        return 2;
    }
    if (faults->count() > 0) {
        options.schedule = schedule_from(arguments.faults);
        if (!options.schedule) {
            fmt::print(stderr, "cannot read the faults: {}\n", arguments.faults);
            return 2;
        }
    }
    return run_seeds(arguments, options);
}
