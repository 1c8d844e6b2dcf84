#include "app/unit.hpp"

#include "app/files.hpp"
#include "base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <signal.h>

#include <algorithm>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace obscura::app {
namespace {

constexpr auto first_backoff = 50ms;
constexpr auto longest_backoff = 2'000ms;
/// Having run this long, it is healthy: its next end is answered at once.
constexpr auto settled = 10s;
/// Ending this often before it was ever ready, it will not mend by itself.
constexpr int early_ends = 4;

using SteadyClock = std::chrono::steady_clock;

}  // namespace

struct Unit::State {
    State(asio::any_io_executor e, UnitSpec s, std::function<void()> c)
        : executor(e), spec(std::move(s)), changed(std::move(c)), wake(e), gone(e) {}

    asio::any_io_executor executor;
    UnitSpec spec;
    std::function<void()> changed;
    net::Event wake;  ///< cuts a backoff short
    net::Event gone;  ///< the keeper has ended
    std::unique_ptr<Process> process;
    std::string last_end;
    int starts = 0;
    bool is_kept = false;
    bool stopping = false;

    [[nodiscard]] int stop_signal() const {
        return spec.stop_signal == 0 ? SIGTERM : spec.stop_signal;
    }

    /// Starts the process; false when the system refuses (it may have what it lacks later).
    bool launch() {
        auto const what = spec.process();
        try {
            rotate_file(what.log_file, 8 << 20);
            process = std::make_unique<Process>(executor, what);
        } catch (std::exception const& e) {
            last_end = e.what();
            base::log::error("unit.not_started", {{"unit", spec.name}, {"error", last_end}});
            return false;
        }
        base::log::info("unit.started", {{"unit", spec.name}, {"pid", process->pid()}});
        return true;
    }

    static net::Task<void> run_once(State& self) {
        ++self.starts;
        if (!self.launch()) co_return;
        self.changed();
        if (self.stopping) self.process->signal(self.stop_signal());
        auto const end = co_await self.process->wait();
        self.last_end = end.to_string();
        self.process.reset();
        auto const level = self.stopping ? base::log::Level::info : base::log::Level::warn;
        base::log::write(level, "unit.ended", {{"unit", self.spec.name}, {"how", self.last_end}});
        self.changed();
    }

    static net::Task<void> keep(std::shared_ptr<State> self) {
        std::chrono::milliseconds backoff = first_backoff;
        while (!self->stopping) {
            auto const began = SteadyClock::now();
            co_await run_once(*self);
            if (self->stopping) break;
            if (SteadyClock::now() - began > settled) backoff = first_backoff;
            co_await self->wake.wait(backoff);
            backoff = std::min<std::chrono::milliseconds>(backoff * 2, longest_backoff);
        }
        self->is_kept = false;
        self->gone.notify();
    }

    [[nodiscard]] StartFailure failure(std::string const& why) const {
        auto text = spec.name + " did not start: " + why;
        auto const log = spec.process().log_file;
        auto const lines = last_lines(log, 15);
        if (!lines.empty()) text += "\n--- the end of " + log + "\n" + lines;
        return StartFailure(text);
    }
};

Unit::Unit(asio::any_io_executor executor, UnitSpec spec, std::function<void()> changed)
    : state_(std::make_shared<State>(std::move(executor), std::move(spec), std::move(changed))) {}
Unit::~Unit() = default;

UnitSpec const& Unit::spec() const { return state_->spec; }
pid_t Unit::pid() const { return state_->process ? state_->process->pid() : 0; }
int Unit::restarts() const { return std::max(0, state_->starts - 1); }

net::Task<void> Unit::start(std::function<bool()> give_up) {
    auto const self = state_;
    self->is_kept = true;
    asio::co_spawn(self->executor, State::keep(self), asio::detached);
    auto const until = SteadyClock::now() + self->spec.ready_deadline;
    std::string missing = "not started yet";
    while (SteadyClock::now() < until) {
        if (give_up()) throw StartFailure("stopped while " + self->spec.name + " was starting");
        if (self->starts > early_ends) throw self->failure("it ends with " + self->last_end);
        if (self->process) {
            missing = co_await self->spec.probe();
            // Somebody else's answer on our port is none of ours.
            if (missing.empty() && self->process) {
                self->spec.probe = {};  // and with it what it asks through
                co_return;
            }
        }
        co_await net::sleep_for(50ms);
    }
    auto const seconds =
        std::chrono::duration_cast<std::chrono::seconds>(self->spec.ready_deadline);
    throw self->failure("not ready after " + std::to_string(seconds.count()) + " s: " + missing);
}

net::Task<void> Unit::stop() {
    auto const self = state_;
    self->stopping = true;
    self->wake.notify();
    if (!self->is_kept) co_return;
    if (self->process) self->process->signal(self->stop_signal());
    auto const ended = co_await self->gone.wait(self->spec.stop_deadline);
    if (ended) co_return;
    base::log::error("unit.killed", {{"unit", self->spec.name}});
    if (self->process) self->process->signal(SIGKILL);
    co_await self->gone.wait(5s);
}

}  // namespace obscura::app
