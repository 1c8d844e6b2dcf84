#include "app/run_to_end.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <utility>

namespace obscura::app {
namespace asio = boost::asio;

int run_to_end(asio::io_context& io, net::Task<int> command, OnSignal on_signal) {
    int status = 1;
    std::exception_ptr failure;
    asio::signal_set signals(io);
    if (on_signal == OnSignal::ends) {
        signals.add(SIGTERM);
        signals.add(SIGINT);
        signals.async_wait([&](boost::system::error_code error, int) {
            if (error) return;
            status = 0;
            io.stop();
        });
    }
    asio::co_spawn(io, std::move(command), [&](std::exception_ptr e, int ended) {
        failure = e;
        status = ended;
        io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return status;
}

}  // namespace obscura::app
