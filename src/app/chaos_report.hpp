#pragma once

#include "app/chaos_judge.hpp"
#include "app/chaos_plan.hpp"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace obscura::app {

/// What a fault run found: a line for each seed as it goes, or one JSON document at the end.
class ChaosReport {
public:
    explicit ChaosReport(bool json) : json_(json) {}

    void say(std::string const& line) const;  ///< progress, for people only
    /// One seed is over. `was_hit`: its step was reached and its victim killed.
    void add(ChaosPlan const& plan, ChaosVerdict const& verdict, bool was_hit,
             std::chrono::nanoseconds took);
    /// A look at everything once more: only what no seed has told yet is new.
    void add_final(ChaosPlan const& last, ChaosVerdict const& verdict);
    /// How the races of a cancel with a fill ended.
    void add_cancelled(ChaosDeeds const& deeds);
    /// The run itself broke off.
    void add_trouble(ChaosPlan const& plan, std::string detail);

    [[nodiscard]] std::map<std::string, std::int64_t>& venue_faults() { return venue_faults_; }
    [[nodiscard]] bool found_any() const { return !violations_.empty(); }
    /// Whether something was lost or doubled.
    [[nodiscard]] bool found_harm() const { return count(Kind::lost) + count(Kind::doubled) > 0; }
    /// Prints the document, or the sums.
    void finish() const;

private:
    using Kind = ChaosFinding::Kind;
    struct Violation {
        std::uint64_t seed = 0;
        std::string fault;
        std::string step;
        ChaosFinding finding;
    };
    void add_findings(ChaosPlan const& plan, std::vector<ChaosFinding> const& findings);
    [[nodiscard]] std::int64_t count(Kind kind) const;
    [[nodiscard]] base::Json document() const;
    [[nodiscard]] std::int64_t hits(ChaosStep const& step, std::string_view victim) const;
    [[nodiscard]] base::Json matrix_json() const;
    void say_coverage() const;

    bool json_;
    int seeds_run_ = 0;
    int hits_ = 0;
    std::int64_t copies_ = 0, orders_ = 0, refusals_ = 0;
    std::vector<Violation> violations_;
    std::set<std::string> told_;
    std::map<std::string, std::int64_t> coverage_;      ///< by "step x victim"
    std::map<std::string, std::int64_t> reasons_;       ///< why copies were not filled
    std::map<std::string, std::int64_t> venue_faults_;  ///< fired, by kind
    std::map<std::string, std::int64_t> cancelled_;     ///< orders, by how much of them was filled
};

}  // namespace obscura::app
