#include "app/chaos_report.hpp"

#include <algorithm>
#include <cstdio>

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
                  "seed %5llu  %-24s #%-2d kills %-10s%-5s%-28s %3lld of %3lld refused %5.1f s  %s",
                  static_cast<unsigned long long>(plan.seed), std::string(plan.step.name).c_str(),
                  plan.nth, plan.victim.c_str(), was_hit ? "" : "(no)",
                  (" " + plan.fault().substr(plan.victim.size())).c_str(),
                  static_cast<long long>(verdict.refusals), static_cast<long long>(verdict.copies),
                  seconds(took), verdict.findings.empty() ? "holds" : "VIOLATED");
    say(line);
    add_findings(plan, verdict.findings);
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
                         {"reasons", counts_json(reasons_)},
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
    for (auto const& [kind, fired] : venue_faults_)
        if (fired > 0) say("  " + kind + " fired " + std::to_string(fired) + " times");
}

}  // namespace obscura::app
