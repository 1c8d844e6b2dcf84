#pragma once

#include "app/state_folder.hpp"
#include "app/unit.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <string>

namespace obscura::app {

/// A private Redis 7 on 127.0.0.1, with a password, appending to disk every second. It never
/// evicts: what does not fit is refused, since a queue that forgets is worse than one that is full.
[[nodiscard]] UnitSpec redis_unit(boost::asio::any_io_executor executor, StateFolder const& state,
                                  std::uint16_t port);
/// redis://:password@127.0.0.1:port
[[nodiscard]] std::string redis_url(StateFolder const& state, std::uint16_t port);

}  // namespace obscura::app
