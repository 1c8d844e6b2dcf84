#include "app/chaos_strike.hpp"

#include "store/audit_reader.hpp"

#include <signal.h>

#include <chrono>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto strike_glance = 10ms;
constexpr auto takeover_patience = 60s;  // a successor is there within the lease and its own start
constexpr auto fence_patience = 30s;     // a former owner learns of it at the next renewal

}  // namespace

net::Task<std::string> ChaosStrike::run(ChaosPlan plan, pid_t owner) {
    if (plan.victim == "takeover") co_return co_await take_over(plan, owner);
    if (plan.victim == "clock") {
        co_await step_clock(plan, owner);
        co_return "";
    }
    if (plan.victim == "redis_tail")
        co_await stack_.cut_redis_tail(plan.tail_bytes);
    else
        co_await stack_.kill(plan.victim);
    ::kill(owner, SIGCONT);
    co_return "";
}

/// There and back.
net::Task<void> ChaosStrike::step_clock(ChaosPlan const& plan, pid_t owner) {
    stack_.set_clock_step(plan.clock_step);
    if (plan.restarts)
        co_await stack_.kill(std::string(plan.step.owner));
    else
        ::kill(owner, SIGCONT);
    co_await nap(plan.meanwhile);
    stack_.set_clock_step(0us);
}

/// The conductor stands still, at its own step or wherever it is, and wakes up as a former owner.
net::Task<std::string> ChaosStrike::take_over(ChaosPlan const& plan, pid_t owner) {
    auto const former = stack_.pid("conductor");
    if (former == 0) throw ChaosFailure("conductor does not run");
    if (owner != former) {
        ::kill(former, SIGSTOP);
        ::kill(owner, SIGCONT);
    }
    stack_.start_standby();
    bool const leads = co_await wait_for_standby();
    if (leads) co_await nap(plan.meanwhile);
    ::kill(former, SIGCONT);
    if (!leads) co_return "nobody took over from a conductor that stands still";
    co_return fences_ ? co_await wait_for_end_of(former) : "";
}

net::Task<bool> ChaosStrike::wait_for_standby() {
    for (auto const until = SteadyClock::now() + takeover_patience; SteadyClock::now() < until;) {
        auto const leader = co_await store::lease_owner(database_, "conductor");
        if (leader == ChaosStack::standby_name) co_return true;
        co_await nap(strike_glance);
    }
    co_return false;
}

net::Task<std::string> ChaosStrike::wait_for_end_of(pid_t former) {
    for (auto const until = SteadyClock::now() + fence_patience; SteadyClock::now() < until;) {
        if (stack_.pid("conductor") != former) co_return "";
        co_await nap(strike_glance);
    }
    co_return "a former owner does not notice that another conductor leads";
}

}  // namespace obscura::app
