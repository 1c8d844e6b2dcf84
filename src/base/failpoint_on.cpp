#include "base/failpoint.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace obscura::base {
namespace {

/// The one fault of this process, from OBSCURA_FAILPOINT. An empty name is no fault.
struct Plan {
    std::string name;
    std::uint64_t nth = 0;
    std::string fifo;  ///< empty: kill
};

[[noreturn]] void refuse(char const* text) {
    // A fault that silently never happens would make a test pass for the wrong reason.
    std::fprintf(stderr, "OBSCURA_FAILPOINT = %s: must be <name>:<nth>:kill|report:<fifo>\n", text);
    std::_Exit(2);
}

Plan read_plan() {
    char const* const variable = std::getenv("OBSCURA_FAILPOINT");
    if (variable == nullptr || *variable == '\0') return {};
    std::string_view const text = variable;
    auto const first = text.find(':');
    auto const second = first == text.npos ? text.npos : text.find(':', first + 1);
    if (first == 0 || second == text.npos) refuse(variable);
    Plan plan{.name = std::string(text.substr(0, first))};
    auto const nth = text.substr(first + 1, second - first - 1);
    auto const [end, error] = std::from_chars(nth.data(), nth.data() + nth.size(), plan.nth);
    if (error != std::errc{} || end != nth.data() + nth.size() || plan.nth == 0) refuse(variable);
    auto const action = text.substr(second + 1);
    constexpr std::string_view report = "report:";
    if (action.starts_with(report) && action.size() > report.size()) {
        plan.fifo = action.substr(report.size());
    } else if (action != "kill") {
        refuse(variable);
    }
    return plan;
}

/// Tells the reader of the fifo that we are here, and stops the whole process.
void report(Plan const& plan) {
    int const fifo = ::open(plan.fifo.c_str(), O_WRONLY | O_CLOEXEC);
    auto const line = plan.name + "\n";
    if (fifo < 0 || ::write(fifo, line.data(), line.size()) != std::ssize(line)) {
        std::perror(plan.fifo.c_str());
        std::_Exit(2);
    }
    ::close(fifo);
    ::raise(SIGSTOP);
}

/// Nullptr without OBSCURA_CLOCK_FILE. Mapped for the life of the process.
std::int64_t const* map_clock() {
    char const* const path = std::getenv("OBSCURA_CLOCK_FILE");
    if (path == nullptr) return nullptr;
    int const file = ::open(path, O_RDONLY | O_CLOEXEC);
    void* const place = file < 0
                            ? MAP_FAILED
                            : ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (place == MAP_FAILED) {
        std::perror(path);
        std::_Exit(2);
    }
    ::close(file);
    return static_cast<std::int64_t const*>(place);
}

}  // namespace

void failpoint(std::string_view name) {
    static Plan const plan = read_plan();
    static std::atomic<std::uint64_t> passed{0};
    if (plan.name.empty() || name != plan.name) return;
    if (passed.fetch_add(1) + 1 != plan.nth) return;
    if (plan.fifo.empty())
        ::raise(SIGKILL);
    else
        report(plan);
}

bool has_failpoints() { return true; }

bool guard(std::string_view name) {
    static char const* const off = std::getenv("OBSCURA_GUARD_OFF");
    return off == nullptr || name != off;
}

std::chrono::microseconds clock_step() {
    static std::int64_t const* const step = map_clock();
    return std::chrono::microseconds(step == nullptr ? 0 : __atomic_load_n(step, __ATOMIC_RELAXED));
}

}  // namespace obscura::base
