#pragma once

#include "app/process.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace obscura::app::bench {

/// A measurement that cannot be made; `what()` says what to change.
struct BenchFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Runs a program to its end; what it wrote. Throws BenchFailure with its last lines when it fails.
[[nodiscard]] net::Task<std::string> run_child(boost::asio::any_io_executor executor,
                                               std::vector<std::string> argv,
                                               std::string output_file);

/// Calls `work(0)` to `work(count - 1)`, at most `width` at a time. The first exception comes out
/// when those under way have ended; what was not begun is not begun then.
[[nodiscard]] net::Task<void> in_parallel(boost::asio::any_io_executor executor, std::size_t count,
                                          std::size_t width,
                                          std::function<net::Task<void>(std::size_t)> work);

}  // namespace obscura::app::bench
