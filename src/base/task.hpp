#pragma once

#include <boost/asio/awaitable.hpp>

namespace obscura::base {

/// What every coroutine of the project returns. One process runs one event-loop thread: coroutines
/// need no locks, and work that takes more than a millisecond goes to a `net::CpuPool`. Only the
/// type is here, so that ports can name it without depending on `net`.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace obscura::base
