#pragma once

#include <boost/asio/awaitable.hpp>

namespace obscura::net {

/// What every coroutine of the project returns. One process runs one event-loop thread: coroutines
/// need no locks, and work that takes more than a millisecond goes to a `CpuPool`.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace obscura::net
