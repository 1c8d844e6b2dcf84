#include "app/chaos.hpp"

#include "app/chaos_run.hpp"
#include "app/demo.hpp"
#include "app/files.hpp"
#include "app/workplace.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"

#include <CLI/CLI.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace fs = std::filesystem;

namespace obscura::app {
namespace {

struct ChaosOptions {
    int seeds = 1;
    std::uint64_t first_seed = 1;
    ChaosChoice choice;
    std::string state;  ///< "": a temporary folder
    bool json = false;
};

net::Task<void> run_seeds(ChaosOptions const& options, ChaosRun& run, ChaosReport& report) {
    ChaosPlan plan;
    std::string failure;
    try {
        co_await run.prepare();
        for (int i = 0; i < options.seeds; ++i) {
            plan = plan_chaos(options.first_seed + static_cast<std::uint64_t>(i), options.choice)
                       .value();
            co_await run.run(plan);
            // A safeguard is missed already.
            if (!options.choice.guard_off.empty() && report.found_harm()) break;
        }
        co_await run.judge_all(plan);
    } catch (std::exception const& e) {
        failure = e.what();
    }
    if (!failure.empty()) report.add_trouble(plan, failure);
    run.close();
}

net::Task<void> run_all(ChaosOptions const& options, ChaosStack& stack, ChaosReport& report,
                        boost::asio::any_io_executor executor) {
    std::string failure;
    try {
        report.say("starting a stack in " + stack.folder().path());
        stack.prepare_faults();
        co_await stack.start();
        auto const loaded = fs::exists(stack.folder().file("demo.loaded"));
        if (!loaded && demo::load(stack.info(), {options.choice.followers, true}) != 0)
            throw ChaosFailure("the demo data could not be loaded");
        write_file(stack.folder().file("demo.loaded"), "");
        ChaosRun run(executor, stack, options.choice, report);
        co_await run_seeds(options, run, report);
    } catch (std::exception const& e) {
        failure = e.what();
    }
    if (!failure.empty()) report.add_trouble({}, failure);
    co_await stack.stop();
}

int run_chosen(ChaosOptions const& options) {
    Workplace workplace(options.state, "chaos");
    ChaosReport report(options.json);
    {
        boost::asio::io_context io(1);
        ChaosStack stack(io.get_executor(), workplace.path());
        std::exception_ptr failure;
        boost::asio::co_spawn(io, run_all(options, stack, report, io.get_executor()),
                              [&](std::exception_ptr e) {
                                  failure = e;
                                  io.stop();
                              });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
    report.finish();
    if (!report.found_any()) return 0;
    if (!chaos_interrupted()) {
        workplace.keep();
        std::fprintf(stderr, "logs and data: %s\n", workplace.path().c_str());
    }
    return 1;
}

std::string joined(std::span<std::string_view const> names) {
    std::string text;
    for (auto const name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

/// What is wrong with the options, "" when nothing is.
std::string complaint(ChaosOptions const& options) {
    auto const& guard = options.choice.guard_off;
    if (!guard.empty() && std::ranges::find(chaos_guards(), guard) == chaos_guards().end())
        return "no guard is called " + guard + "; there are: " + joined(chaos_guards());
    if (!plan_chaos(0, options.choice)) {
        auto text = "no fault is called " + options.choice.fault +
                    "; there are the victims: " + joined(chaos_victims) + "; the steps:";
        for (auto const& step : chaos_steps()) text += " " + std::string(step.name);
        return text;
    }
    return "";
}

}  // namespace

int run_chaos(std::vector<std::string> args) {
    CLI::App app("the fault suite against the invariants", "obscura chaos");
    ChaosOptions options;
    int patience_s = 120;
    app.add_option("--seeds", options.seeds, "how many, one after the other")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--seed", options.first_seed, "the first");
    app.add_option("--fault", options.choice.fault,
                   "only these: a victim, a step, \"step x victim\" or a fault of the venue");
    app.add_option("--guard-off", options.choice.guard_off,
                   "switch a safeguard off until it is missed");
    app.add_option("--followers", options.choice.followers, "accounts that copy")
        ->check(CLI::Range(1, 200));
    app.add_option("--patience", patience_s, "seconds until every copy must be over")
        ->check(CLI::Range(1, 3'600));
    app.add_option("--state", options.state, "state folder, kept (else a temporary one)");
    app.add_flag("--json", options.json, "one document for programs");
    try {
        std::ranges::reverse(args);  // as CLI11 wants them
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    options.choice.patience = std::chrono::seconds(patience_s);
    if (!base::has_failpoints()) {
        std::fprintf(stderr,
                     "obscura chaos: this executable has no failpoints; the one beside it in "
                     "test-bin/ does\n");
        return 2;
    }
    if (auto const wrong = complaint(options); !wrong.empty()) {
        std::fprintf(stderr, "obscura chaos: %s\n", wrong.c_str());
        return 2;
    }
    base::log::start("chaos", base::log::Level::error, base::log::Format::readable);
    catch_interrupts();
    return run_chosen(options);
}

}  // namespace obscura::app
