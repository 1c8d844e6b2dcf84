#pragma once

#include "net/task.hpp"

#include <boost/asio/io_context.hpp>

namespace obscura::app {

enum class OnSignal {
    dies,  ///< as any program
    ends   ///< SIGTERM and SIGINT end it with 0, wherever it is
};

/// Runs a command that is one coroutine, and answers its exit status. What it throws is thrown.
int run_to_end(boost::asio::io_context& io, net::Task<int> command,
               OnSignal on_signal = OnSignal::dies);

}  // namespace obscura::app
