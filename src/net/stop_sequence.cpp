#include "base/log.hpp"
#include "net/runtime.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace asio = boost::asio;

namespace obscura::net {

namespace {

/// Outlives `StopSequence::run` when a step does not end in time.
struct RunningStep {
    RunningStep(asio::any_io_executor executor, std::function<Task<void>()> body)
        : run(std::move(body)), ended(std::move(executor)) {}

    std::function<Task<void>()> run;  ///< a coroutine lambda's captures live here
    asio::cancellation_signal cancel;
    Event ended;
    bool done = false;
    std::exception_ptr failure;
};

Task<bool> wait_for_end(RunningStep& step, std::chrono::milliseconds deadline) {
    if (!step.done) co_await step.ended.wait(deadline);
    co_return step.done;
}

std::string describe(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "unknown exception";
    }
}

}  // namespace

void StopSequence::add(std::string name, std::function<Task<void>()> step,
                       std::chrono::milliseconds deadline) {
    steps_.push_back({std::move(name), std::move(step), deadline});
}

Task<void> StopSequence::run() {
    auto const executor = co_await asio::this_coro::executor;
    while (!steps_.empty()) {
        auto step = std::move(steps_.back());
        steps_.pop_back();
        auto const running = std::make_shared<RunningStep>(executor, std::move(step.run));
        auto const started = std::chrono::steady_clock::now();
        auto const on_end = [running](std::exception_ptr failure) {
            running->failure = failure;
            running->done = true;
            running->ended.notify();
        };
        asio::co_spawn(executor, running->run(),
                       asio::bind_cancellation_slot(running->cancel.slot(), on_end));
        auto in_time = co_await wait_for_end(*running, step.deadline);
        if (!in_time) {
            running->cancel.emit(asio::cancellation_type::terminal);
            co_await wait_for_end(*running, std::chrono::seconds(1));
        }
        auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - started);
        if (!in_time) {
            base::log::error("stop.timed_out", {{"step", step.name}, {"ms", took.count()}});
        } else if (running->failure) {
            base::log::error(
                "stop.failed",
                {{"step", step.name}, {"ms", took.count()}, {"error", describe(running->failure)}});
        } else {
            base::log::info("stop.done", {{"step", step.name}, {"ms", took.count()}});
        }
    }
}

}  // namespace obscura::net
