#include "app/bench.hpp"

#include "app/bench_child.hpp"
#include "app/bench_citadel.hpp"
#include "app/bench_decide.hpp"
#include "app/bench_fanout.hpp"
#include "app/bench_gateway.hpp"
#include "app/bench_load.hpp"
#include "app/bench_node.hpp"
#include "app/bench_report.hpp"
#include "app/bench_sentinel.hpp"
#include "app/bench_signals.hpp"
#include "app/bench_world.hpp"
#include "app/files.hpp"
#include "app/workplace.hpp"
#include "base/log.hpp"

#include <CLI/CLI.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace obscura::app {
namespace bench {
namespace {

struct BenchOptions {
    std::vector<std::string> names;
    int runs = 5;
    std::vector<std::size_t> followers{10, 100, 1'000, 10'000};
    std::string report;
    std::string state;
    bool json = false;
};

constexpr std::size_t node_followers = 1'000;

/// A measurement on a private stack.
struct StackBench {
    char const* name;
    net::Task<std::vector<Row>> (*measure)(World&, BenchOptions const&);
};
constexpr StackBench stack_benches[] = {
    {"fanout",
     [](World& world, BenchOptions const& options) {
         return measure_fanout(world, options.followers, options.runs);
     }},
    {"node",
     [](World& world, BenchOptions const& options) {
         return measure_node(world, node_followers, options.runs);
     }},
    {"gateway", [](World& world,
                   BenchOptions const& options) { return measure_gateway(world, options.runs); }},
    {"signals", [](World& world,
                   BenchOptions const& options) { return measure_signals(world, options.runs); }},
    {"citadel", [](World& world,
                   BenchOptions const& options) { return measure_citadel(world, options.runs); }},
    {"sentinel", [](World& world,
                    BenchOptions const& options) { return measure_sentinel(world, options.runs); }},
};

bool is_wanted(BenchOptions const& options, std::string_view name) {
    return std::ranges::any_of(options.names,
                               [&](auto const& asked) { return asked == "all" || asked == name; });
}

std::vector<std::string> names() {
    std::vector<std::string> all{"decide"};
    for (auto const& bench : stack_benches) all.emplace_back(bench.name);
    all.emplace_back("all");
    return all;
}

void say(std::string const& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

/// What failed, "" when nothing did. With `all`, one that cannot be measured holds up no other.
net::Task<void> measure_on(World& world, BenchOptions const& options, Report& report) {
    co_await world.open();
    for (auto const& bench : stack_benches) {
        if (!is_wanted(options, bench.name)) continue;
        say(std::string("measuring ") + bench.name);
        std::string failure;
        try {
            auto rows = co_await bench.measure(world, options);
            std::ranges::move(rows, std::back_inserter(report.rows));
        } catch (std::exception const& e) {
            failure = e.what();
        }
        if (chaos_interrupted()) throw ChaosFailure("interrupted");
        if (!failure.empty()) report.not_run.push_back(std::string(bench.name) + ": " + failure);
    }
}

net::Task<void> measure_stack(ChaosStack& stack, BenchOptions const& options, Report& report,
                              boost::asio::any_io_executor executor) {
    std::string failure;
    try {
        say("starting a stack in " + stack.folder().path());
        lift_limits(stack);
        co_await stack.start();
        World world(executor, stack);
        try {
            co_await measure_on(world, options, report);
        } catch (std::exception const& e) {
            failure = e.what();
        }
        world.close();
    } catch (std::exception const& e) {
        failure = e.what();
    }
    if (!failure.empty()) report.not_run.push_back(failure);
    co_await stack.stop();
}

void measure_on_private_stack(BenchOptions const& options, Report& report) {
    Workplace workplace(options.state, "bench");
    boost::asio::io_context io(1);
    ChaosStack stack(io.get_executor(), workplace.path());
    std::exception_ptr failure;
    boost::asio::co_spawn(io, measure_stack(stack, options, report, io.get_executor()),
                          [&](std::exception_ptr e) {
                              failure = e;
                              io.stop();
                          });
    io.run();
    if (!report.not_run.empty()) {
        workplace.keep();
        say("logs and data: " + workplace.path());
    }
    if (failure) std::rethrow_exception(failure);
}

bool needs_stack(BenchOptions const& options) {
    return std::ranges::any_of(stack_benches,
                               [&](auto const& bench) { return is_wanted(options, bench.name); });
}

void write_report(Report const& report, std::string const& folder) {
    make_folder(folder, 0755);
    write_file(folder + "/report.md", markdown_of(report));
    write_file(folder + "/report.json", document_of(report).dump() + "\n");
    for (auto const& [name, svg] : plots_of(report))
        write_file(std::filesystem::path(folder) / name, svg);
}

int measure(BenchOptions const& options) {
    std::string name;
    for (auto const& one : options.names) name += (name.empty() ? "" : " ") + one;
    Report report{.name = name, .commit = build_commit(), .machine = this_machine()};
    if (is_wanted(options, "decide")) report.rows = measure_decide(options.runs);
    if (needs_stack(options)) measure_on_private_stack(options, report);
    if (!options.report.empty()) write_report(report, options.report);
    if (options.json)
        std::puts(document_of(report).dump().c_str());
    else
        std::fputs(table_of(report).c_str(), stdout);
    for (auto const& reason : report.not_run) say("not measured: " + reason);
    return report.not_run.empty() ? 0 : 1;
}

}  // namespace
}  // namespace bench

int run_bench(std::vector<std::string> args) {
    using namespace bench;
    CLI::App app("measures Obscura beside its peers", "obscura bench");
    BenchOptions options;
    app.add_option("name", options.names, "what to measure, in one stack")
        ->required()
        ->check(CLI::IsMember(names()));
    app.add_option("--runs", options.runs, "of each measurement; their median is the figure")
        ->check(CLI::Range(1, 1'000));
    app.add_option("--followers", options.followers, "sizes of fanout, with commas between")
        ->delimiter(',')
        ->check(CLI::Range(1, 100'000));
    app.add_option("--report", options.report, "folder for report.md and its plots");
    app.add_option("--state", options.state, "state folder, kept (else a temporary one)");
    app.add_flag("--json", options.json, "one document for programs");
    try {
        std::ranges::reverse(args);  // as CLI11 wants them
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    base::log::start("bench", base::log::Level::error, base::log::Format::readable);
    catch_interrupts();
    return measure(options);
}

int run_bench_load(std::vector<std::string> args) {
    return bench::run_load_command(std::move(args));
}

int run_bench_empty(std::vector<std::string> args) {
    return bench::run_empty_command(std::move(args));
}

}  // namespace obscura::app
