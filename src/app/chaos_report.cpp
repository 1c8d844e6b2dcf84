#include "app/chaos_report.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace obscura::app {
namespace {

using base::Json;
using Kind = ChaosFinding::Kind;

Json counts_json(std::map<std::string, std::int64_t> const& counts) {
    auto json = Json::object();
    for (auto const& [name, count] : counts) json.set(name, count);
    return json;
}

double seconds(std::chrono::nanoseconds took) {
    return std::chrono::duration<double>(took).count();
}

}  // namespace

void ChaosReport::say(std::string const& line) const {
    if (json_) return;
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

void ChaosReport::add(ChaosPlan const& plan, ChaosVerdict const& verdict, bool was_hit,
                      std::chrono::nanoseconds took) {
    ++seeds_run_;
    copies_ += verdict.copies;
    orders_ += verdict.orders;
    refusals_ += verdict.refusals;
    for (auto const& [reason, count] : verdict.reasons) reasons_[reason] += count;
    if (was_hit) {
        ++hits_;
        ++coverage_[plan.name()];
    }
    char line[240];
    std::snprintf(line, sizeof line,
                  "seed %5llu  %-24s #%-2d %-11s%-5s%-28s %3lld of %3lld refused %5.1f s  %s",
                  static_cast<unsigned long long>(plan.seed), std::string(plan.step.name).c_str(),
                  plan.nth, plan.victim.c_str(), was_hit ? "" : "(no)",
                  (" " + plan.fault().substr(plan.victim.size())).c_str(),
                  static_cast<long long>(verdict.refusals), static_cast<long long>(verdict.copies),
                  seconds(took), verdict.findings.empty() ? "holds" : "VIOLATED");
    say(line);
    add_findings(plan, verdict.findings);
}

void ChaosReport::add_cancelled(ChaosDeeds const& deeds) {
    for (auto const& [id, order] : deeds.cancelled)
        ++cancelled_[order.executed.is_zero()         ? "not at all"
                     : order.executed == order.wanted ? "whole"
                                                      : "in part"];
}

void ChaosReport::add_final(ChaosPlan const& last, ChaosVerdict const& verdict) {
    add_findings(last, verdict.findings);
}

void ChaosReport::add_trouble(ChaosPlan const& plan, std::string detail) {
    add_findings(plan, {{Kind::trouble, std::move(detail)}});
}

void ChaosReport::add_findings(ChaosPlan const& plan, std::vector<ChaosFinding> const& findings) {
    for (auto const& finding : findings) {
        if (!told_.insert(finding.detail).second) continue;
        say("  " + std::string(to_string(finding.kind)) + ": " + finding.detail);
        violations_.push_back({.seed = plan.seed,
                               .fault = plan.fault(),
                               .step = std::string(plan.step.name),
                               .finding = finding});
    }
}

std::int64_t ChaosReport::count(Kind kind) const {
    return std::ranges::count_if(violations_,
                                 [kind](Violation const& v) { return v.finding.kind == kind; });
}

std::int64_t ChaosReport::hits(ChaosStep const& step, std::string_view victim) const {
    auto const it = coverage_.find(std::string(step.name) + " x " + std::string(victim));
    return it == coverage_.end() ? 0 : it->second;
}

/// A row for each step, a column for each victim.
void ChaosReport::say_coverage() const {
    constexpr int step_width = 25;
    auto line = "hits" + std::string(step_width - 4, ' ');
    for (auto const victim : chaos_victims) line += " " + std::string(victim);
    say(line);
    for (auto const& step : chaos_steps()) {
        line = std::string(step.name);
        line.resize(step_width, ' ');
        for (auto const victim : chaos_victims) {
            auto const count = hits(step, victim);
            auto const cell = count == 0 ? "." : std::to_string(count);
            auto const width = victim.size() + 1;
            line += std::string(width - std::min(width, cell.size()), ' ') + cell;
        }
        say(line);
    }
    say(std::to_string(coverage_.size()) + " of " +
        std::to_string(chaos_steps().size() * std::size(chaos_victims)) + " pairs were hit");
}

/// Every pair of a step and a victim, hit or not: {"conductor.after_plan": {"redis": 2, ...}, ...}.
Json ChaosReport::matrix_json() const {
    auto json = Json::object();
    for (auto const& step : chaos_steps()) {
        auto row = Json::object();
        for (auto const victim : chaos_victims) row.set(std::string(victim), hits(step, victim));
        json.set(std::string(step.name), std::move(row));
    }
    return json;
}

Json ChaosReport::document() const {
    auto violations = Json::array();
    for (auto const& v : violations_)
        violations.push_back(Json::object({{"seed", v.seed},
                                           {"fault", v.fault},
                                           {"step", v.step},
                                           {"kind", to_string(v.finding.kind)},
                                           {"detail", v.finding.detail}}));
    return Json::object({{"schema", 1},
                         {"seeds_run", seeds_run_},
                         {"copies", copies_},
                         {"orders", orders_},
                         {"refusals", refusals_},
                         {"lost", count(Kind::lost)},
                         {"doubled", count(Kind::doubled)},
                         {"unresolved", count(Kind::unresolved)},
                         {"violations", std::move(violations)},
                         {"coverage", counts_json(coverage_)},
                         {"matrix", matrix_json()},
                         {"reasons", counts_json(reasons_)},
                         {"cancelled", counts_json(cancelled_)},
                         {"venue_faults", counts_json(venue_faults_)}});
}

void ChaosReport::finish() const {
    if (json_) {
        std::puts(document().dump().c_str());
        return;
    }
    char line[240];
    std::snprintf(
        line, sizeof line,
        "%d seeds, %d hit their step; %lld copies, %lld orders, %lld refusals; %lld lost, "
        "%lld doubled, %lld unresolved, %zu violations",
        seeds_run_, hits_, static_cast<long long>(copies_), static_cast<long long>(orders_),
        static_cast<long long>(refusals_), static_cast<long long>(count(Kind::lost)),
        static_cast<long long>(count(Kind::doubled)),
        static_cast<long long>(count(Kind::unresolved)), violations_.size());
    say(line);
    for (auto const& [reason, count] : reasons_) say("  " + std::to_string(count) + " " + reason);
    for (auto const& [how, count] : cancelled_)
        say("  " + std::to_string(count) + " orders cancelled while they filled: " + how);
    for (auto const& [kind, fired] : venue_faults_)
        if (fired > 0) say("  " + kind + " fired " + std::to_string(fired) + " times");
    if (seeds_run_ >= std::ssize(chaos_victims)) say_coverage();
}

}  // namespace obscura::app
