#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>

namespace obscura::test {

/// Runs the loop until `condition` holds; throws when that takes half a minute.
inline void run_until(boost::asio::io_context& io, std::function<bool()> const& condition) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    io.restart();
    while (!condition()) {
        if (io.run_one_until(deadline) == 0) throw std::logic_error("the loop ran dry or hangs");
    }
}

}  // namespace obscura::test
