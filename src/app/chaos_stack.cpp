#include "app/chaos_stack.hpp"

#include "app/child_environment.hpp"
#include "app/files.hpp"
#include "app/status_file.hpp"
#include "net/runtime.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto glance = 20ms;  // between two looks at something that takes a moment
constexpr auto longest_start = 180s;
constexpr auto longest_restart = 60s;

sig_atomic_t volatile interrupted = 0;
void interrupt(int) { interrupted = 1; }

/// The state letter of /proc/<pid>/stat, or '\0' when there is no such process.
char process_state(pid_t pid) {
    auto const stat = read_file("/proc/" + std::to_string(pid) + "/stat").value_or("");
    auto const name_end = stat.rfind(')');
    return name_end == stat.npos || name_end + 2 >= stat.size() ? '\0' : stat[name_end + 2];
}

bool is_crash(std::string const& line) {
    if (line.find("unit.ended") == line.npos) return false;
    auto const at = line.find("signal ");
    return at != line.npos && line.compare(at, 9, "signal 9 ") != 0 &&
           line.compare(at, 10, "signal 15 ") != 0;
}

net::Task<void> end(pid_t process) {
    ::kill(process, SIGKILL);
    while (::kill(process, 0) == 0 || errno == EPERM) co_await nap(1ms);
}

net::Task<std::optional<ApiAnswer>> ask(ApiClient& api, std::string origin) {
    try {
        co_return co_await api.call("GET", std::move(origin), "/health", "");
    } catch (ApiFailure const&) {
        // It is down just now.
    }
    co_return std::nullopt;
}

}  // namespace

bool chaos_interrupted() { return interrupted != 0; }

void catch_interrupts() {
    struct sigaction action{};
    action.sa_handler = interrupt;
    for (int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

net::Task<void> nap(std::chrono::milliseconds duration) {
    if (chaos_interrupted()) throw ChaosFailure("interrupted");
    co_await net::sleep_for(duration);
    if (chaos_interrupted()) throw ChaosFailure("interrupted");
}

ChaosStack::ChaosStack(boost::asio::any_io_executor executor, std::string const& state_dir)
    : executor_(std::move(executor)), state_(state_dir) {}

net::Task<void> ChaosStack::watch() {
    (void)co_await supervisor_->wait();
    has_ended_ = true;
}

void ChaosStack::prepare_faults() {
    make_folder(state_.file("config"), 0700);
    auto const clock = state_.file("clock");
    std::filesystem::remove(clock);
    set_clock_step(0us);
    for (auto const service : service_names)
        if (service != "paper") set_always(std::string(service), "OBSCURA_CLOCK_FILE=" + clock);
    set_always("conductor", "OBSCURA_ENGINE_LEASE_TTL=1500ms");
}

net::Task<void> ChaosStack::start() {
    ProcessSpec spec{.name = "up",
                     .argv = {executable_folder() + "/obscura", "up", "--bare", "--foreground",
                              "--free-ports", "--state", state_.path()},
                     .environment = base_environment(),
                     .log_file = log()};
    // If we end before it, it still ends what it started.
    spec.death_signal = SIGTERM;
    supervisor_ = std::make_unique<Process>(executor_, spec);
    boost::asio::co_spawn(executor_, watch(), boost::asio::detached);
    auto const deadline = SteadyClock::now() + longest_start;
    for (;;) {
        auto const status = read_status(state_.path());
        auto const pid = status["supervisor"]["pid"].to_int64().value_or(0);
        if (pid == supervisor_->pid() && status["phase"].to_text() == "ready") break;
        if (has_ended_ || SteadyClock::now() > deadline)
            throw ChaosFailure("the stack did not start\n" + last_lines(log(), 25));
        co_await nap(glance);
    }
    info_ = load_stack(state_.path());
}

net::Task<void> ChaosStack::stop() {
    if (!supervisor_) co_return;
    co_await end_standby();
    supervisor_->signal(SIGTERM);
    for (auto const deadline = SteadyClock::now() + 120s;
         !has_ended_ && SteadyClock::now() < deadline;)
        co_await net::sleep_for(glance);
    if (!has_ended_) supervisor_->signal(SIGKILL);
    while (!has_ended_) co_await net::sleep_for(glance);
}

pid_t ChaosStack::pid(std::string const& process) const {
    auto const status = read_status(state_.path());
    auto const& processes = status["processes"];
    if (!processes.is_array()) return 0;
    for (auto const& entry : processes.as_array())
        if (entry["name"].to_text() == process)
            return static_cast<pid_t>(entry["pid"].to_int64().value_or(0));
    return 0;
}

void ChaosStack::set_once(std::string const& service, std::string const& variable) const {
    write_file(state_.file("config/" + service + ".once.env"), variable + "\n", 0600);
}
void ChaosStack::set_always(std::string const& service, std::string const& variable) {
    auto& lines = environments_[service];
    lines += variable + "\n";
    write_file(state_.file("config/" + service + ".env"), lines, 0600);
}
void ChaosStack::forget_once(std::string const& service) const {
    std::error_code none;
    std::filesystem::remove(state_.file("config/" + service + ".once.env"), none);
}

net::Task<void> ChaosStack::kill(std::string process) const {
    auto const deadline = SteadyClock::now() + longest_restart;
    auto victim = pid(process);
    while (victim == 0 && SteadyClock::now() < deadline) {
        co_await nap(glance);
        victim = pid(process);
    }
    if (victim == 0) throw ChaosFailure(process + " does not run");
    // Its files first: what it would read at its next start is gone with it.
    if (process == "redis") std::filesystem::remove_all(state_.file("redis/appendonlydir"));
    co_await end(victim);
}

net::Task<void> ChaosStack::cut_redis_tail(std::uint64_t bytes) const {
    auto const redis = pid("redis");
    if (redis == 0) throw ChaosFailure("redis does not run");
    // It writes no more, and reads what we left at its next start.
    ::kill(redis, SIGSTOP);
    for (auto const& file :
         std::filesystem::directory_iterator(state_.file("redis/appendonlydir"))) {
        if (!file.path().string().ends_with(".incr.aof")) continue;
        auto const size = file.file_size();
        std::filesystem::resize_file(file.path(), size - std::min<std::uint64_t>(size, bytes));
    }
    co_await end(redis);
}

void ChaosStack::set_clock_step(std::chrono::microseconds step) const {
    // Written in place: the processes have it mapped.
    std::int64_t const value = step.count();
    std::fstream file(state_.file("clock"), std::ios::binary | std::ios::in | std::ios::out);
    if (!file) file.open(state_.file("clock"), std::ios::binary | std::ios::out);
    file.write(reinterpret_cast<char const*>(&value), sizeof value);
    file.close();
    if (!file) throw ChaosFailure("the clock cannot be written");
}

void ChaosStack::start_standby() {
    auto environment = service_environment(state_, "conductor");
    environment.push_back("OBSCURA_ENGINE_INSTANCE=" + std::string(standby_name));
    environment.emplace_back("OBSCURA_HTTP_PORT=0");
    ProcessSpec const spec{.name = std::string(standby_name),
                           .argv = {executable_folder() + "/obscura", "conductor", "--config",
                                    state_.config("conductor")},
                           .environment = std::move(environment),
                           .log_file = state_.log(std::string(standby_name))};
    standby_ = std::make_unique<Process>(executor_, spec);
}

net::Task<void> ChaosStack::end_standby() {
    auto const standby = std::exchange(standby_, nullptr);
    if (!standby) co_return;
    standby->signal(SIGKILL);
    (void)co_await standby->wait();
}

net::Task<void> ChaosStack::wait_for_successor(std::string process, pid_t before) const {
    for (auto const deadline = SteadyClock::now() + longest_restart;;) {
        auto const now = pid(process);
        if (now != 0 && now != before) co_return;
        if (SteadyClock::now() > deadline) throw ChaosFailure(process + " was not started again");
        co_await nap(glance);
    }
}

net::Task<std::string> ChaosStack::ailing(ApiClient& api) const {
    for (auto const* process : {"postgres", "redis"})
        if (pid(process) == 0) co_return process + std::string(" is down");
    for (auto const name : service_names) {
        auto const answer = co_await ask(api, info_->url(name));
        if (!answer) co_return std::string(name) + " does not answer";
        if (answer->status != 200)
            co_return std::string(name) + " says " + answer->body.dump().substr(0, 500);
        if (name == "sentinel" && answer->body["feeds_live"] == base::Json(false))
            co_return "sentinel's feed is not live: " + answer->body["feeds"].dump().substr(0, 500);
    }
    co_return "";
}

net::Task<std::string> ChaosStack::wait_healthy(ApiClient& api,
                                                std::chrono::seconds patience) const {
    auto const deadline = SteadyClock::now() + patience;
    for (;;) {
        auto const missing = co_await ailing(api);
        if (missing.empty() || SteadyClock::now() > deadline) co_return missing;
        co_await nap(glance);
    }
}

net::Task<bool> ChaosStack::wait_stopped(pid_t process) {
    for (auto const deadline = SteadyClock::now() + 5s; SteadyClock::now() < deadline;) {
        if (process_state(process) == 'T') co_return true;
        co_await nap(1ms);
    }
    co_return false;
}

std::vector<std::string> ChaosStack::new_crashes() {
    auto const text = read_file(log()).value_or("");
    std::vector<std::string> crashes;
    // A line that is still being written waits for the next look.
    auto const whole = text.rfind('\n') + 1;
    if (whole < log_read_) log_read_ = 0;
    std::istringstream lines(text.substr(log_read_, whole - log_read_));
    for (std::string line; std::getline(lines, line);)
        if (is_crash(line)) crashes.push_back(line);
    log_read_ = whole;
    return crashes;
}

}  // namespace obscura::app
