#pragma once

#include "base/json.hpp"
#include "store/stage_report.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::app {

/// What the tour found: printed as it goes, or one JSON document at the end.
class TourReport {
public:
    explicit TourReport(bool print) : print_(print) {}
    void add(std::string name, bool ok, std::chrono::nanoseconds took, std::string detail);
    /// The way of an action through the stages; of several signals the slowest counts.
    void add_stages(std::string what, std::vector<store::SignalStages> const& signals);
    void finish(bool json) const;
    [[nodiscard]] bool failed() const { return failed_; }

private:
    struct StageRow {
        std::string what;
        /// Milliseconds since the leader's fill (or, for a tenant's signal, since its commit);
        /// negative: not reached.
        std::vector<double> ms;
    };
    bool print_;
    bool failed_ = false;
    base::Json steps_ = base::Json::array();
    std::vector<StageRow> rows_;
};

}  // namespace obscura::app
