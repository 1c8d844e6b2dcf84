#pragma once

#include "app/bench_statistics.hpp"

#include <string>
#include <vector>

namespace obscura::app::bench {

/// One side of a comparison: a bar to the median, with a whisker from the lowest run to the
/// highest.
struct Bar {
    std::string name;
    Spread spread;
};
/// Latencies whose share below each value is drawn.
struct Curve {
    std::string name;
    std::vector<double> samples;
};

/// Plots as SVG documents of their own, readable without any program but a browser.
[[nodiscard]] std::string bars_svg(std::string const& title, std::string const& unit,
                                   std::vector<Bar> const& bars);
/// The share of samples at or below a value, by value on a logarithmic axis. Curves without samples
/// are left out.
[[nodiscard]] std::string curves_svg(std::string const& title, std::string const& unit,
                                     std::vector<Curve> const& curves);

}  // namespace obscura::app::bench
