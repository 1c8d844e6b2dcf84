#include "simulation/shrink.hpp"

#include "simulation/planted_bugs.hpp"

#include <fmt/format.h>

namespace obscura::simulation {
namespace {

constexpr std::size_t lines_shown = 30;

class Shrinker {
public:
    explicit Shrinker(Options options) : options_(std::move(options)) {
        options_.keeps_log = false;
        auto const first = run_with(options_.schedule.value_or(schedule_of(options_.seed)));
        kind_ = first.violations.empty() ? "" : first.violations.front().kind;
    }
    bool fails(Schedule const& schedule) {
        auto const outcome = run_with(schedule);
        return !outcome.violations.empty() && outcome.violations.front().kind == kind_;
    }
    Schedule shortest_prefix(Schedule const& schedule) {
        for (std::size_t n = 0; n < schedule.size(); ++n) {
            Schedule prefix(schedule.begin(), schedule.begin() + static_cast<std::ptrdiff_t>(n));
            if (fails(prefix)) return prefix;
        }
        return schedule;
    }
    Schedule without_the_rest(Schedule schedule) {
        for (bool again = true; again;) {
            again = false;
            for (std::size_t i = 0; i < schedule.size(); ++i) {
                auto fewer = schedule;
                fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
                if (!fails(fewer)) continue;
                schedule = std::move(fewer);
                again = true;
                break;
            }
        }
        return schedule;
    }
    /// One or two of all may do as well as the many that are left: what comes later shifts with
    /// every fault that is taken away, so that taking away one by one gets stuck.
    Schedule few_of(Schedule const& whole, Schedule best) {
        for (std::size_t i = 0; i < whole.size() && best.size() > 1; ++i)
            if (Schedule const one{whole[i]}; fails(one)) best = one;
        for (std::size_t i = 0; i < whole.size(); ++i)
            for (std::size_t j = i + 1; j < whole.size() && best.size() > 2; ++j)
                if (Schedule const two{whole[i], whole[j]}; fails(two)) best = two;
        return best;
    }
    Outcome last(Schedule const& schedule) {
        options_.keeps_log = true;
        return run_with(schedule);
    }
    [[nodiscard]] int runs() const { return runs_; }

private:
    Outcome run_with(Schedule const& schedule) {
        ++runs_;
        options_.schedule = schedule;
        return run(options_);
    }
    Options options_;
    std::string kind_;
    int runs_ = 0;
};

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

Shrunk shrink(Options failing) {
    auto const whole = failing.schedule.value_or(schedule_of(failing.seed));
    failing.schedule = whole;
    Shrinker shrinker(std::move(failing));
    Shrunk out;
    out.schedule = shrinker.without_the_rest(shrinker.shortest_prefix(whole));
    out.schedule = shrinker.few_of(whole, std::move(out.schedule));
    out.outcome = shrinker.last(out.schedule);
    out.runs = shrinker.runs();
    return out;
}

std::string to_text(Schedule const& schedule) {
    std::string text;
    for (auto const& fault : schedule) text += (text.empty() ? "" : "; ") + to_string(fault);
    return text;
}

std::optional<Schedule> schedule_from(std::string_view text) {
    Schedule schedule;
    while (!text.empty()) {
        auto const end = std::min(text.find(';'), text.size());
        auto const one = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.empty()) continue;
        auto const fault = fault_from(one);
        if (!fault) return std::nullopt;
        schedule.push_back(*fault);
    }
    return schedule;
}

std::string report(Options const& options, Shrunk const& shrunk) {
    auto const& outcome = shrunk.outcome;
    auto text = fmt::format("seed {}: {} of its faults are enough (found in {} runs)\n",
                            options.seed, shrunk.schedule.size(), shrunk.runs);
    for (auto const& fault : shrunk.schedule) text += "  fault  " + to_string(fault) + "\n";
    if (outcome.violations.empty()) return text + "  it does not fail any more\n";
    auto const& first = outcome.violations.front();
    text += fmt::format("  first bad step at {:.6f} s: {}: {}\n",
                        static_cast<double>(first.at.count()) / 1e6, first.kind, first.what);
    auto const& log = outcome.log;
    std::size_t end = 0;
    while (end < log.size() && !log[end].contains("VIOLATION")) ++end;
    for (std::size_t i = end > lines_shown ? end - lines_shown : 0;
         i < std::min(end + 1, log.size()); ++i)
        text += "  | " + log[i] + "\n";
    text += fmt::format("  again: build/release/bin/simulate --seed {}{} --faults '{}'\n",
                        options.seed, options.bug ? " --bug " + std::string(options.bug->name) : "",
                        to_text(shrunk.schedule));
    return text;
}

}  // namespace obscura::simulation
