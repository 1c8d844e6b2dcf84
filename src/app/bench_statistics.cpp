#include "app/bench_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace obscura::app::bench {

double quantile(std::vector<double> samples, double share) {
    if (samples.empty()) throw std::invalid_argument("no samples");
    if (!(share >= 0 && share <= 1)) throw std::invalid_argument("a share is 0 to 1");
    std::ranges::sort(samples);
    auto const place = share * static_cast<double>(samples.size() - 1);
    auto const below = static_cast<std::size_t>(std::floor(place));
    auto const above = std::min(below + 1, samples.size() - 1);
    auto const part = place - std::floor(place);
    return samples[below] + (samples[above] - samples[below]) * part;
}

Spread spread_of(std::vector<double> const& runs) {
    return {.low = quantile(runs, 0), .median = quantile(runs, 0.5), .high = quantile(runs, 1)};
}

}  // namespace obscura::app::bench
