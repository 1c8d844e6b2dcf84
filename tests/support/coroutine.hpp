#pragma once

#include "net/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace obscura::test {

/// Runs one coroutine on `io` until it ends and returns its value; its exception comes out. Throws
/// when the loop runs dry first (a coroutine that waits for something nobody will do).
template <class T>
T run(boost::asio::io_context& io, net::Task<T> task) {
    std::optional<T> value;
    std::exception_ptr failure;
    bool done = false;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T v) {
        failure = e;
        value = std::move(v);
        done = true;
    });
    io.restart();
    while (!done && io.run_one() > 0) {
    }
    if (!done) throw std::logic_error("the event loop ran dry before the coroutine ended");
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
}

inline void run(boost::asio::io_context& io, net::Task<void> task) {
    std::exception_ptr failure;
    bool done = false;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e) {
        failure = e;
        done = true;
    });
    io.restart();
    while (!done && io.run_one() > 0) {
    }
    if (!done) throw std::logic_error("the event loop ran dry before the coroutine ended");
    if (failure) std::rethrow_exception(failure);
}

}  // namespace obscura::test
