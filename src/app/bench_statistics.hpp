#pragma once

#include <vector>

namespace obscura::app::bench {

/// What repeated runs of one measurement say: the middle one, and how far they lie apart.
struct Spread {
    double low = 0;
    double median = 0;
    double high = 0;
};

/// `share` 0 is the smallest, 0.5 the median, 1 the largest; between two samples it is
/// interpolated. Throws std::invalid_argument when there is no sample or the share is outside 0
/// to 1.
[[nodiscard]] double quantile(std::vector<double> samples, double share);
/// Throws std::invalid_argument when there is no run.
[[nodiscard]] Spread spread_of(std::vector<double> const& runs);

}  // namespace obscura::app::bench
