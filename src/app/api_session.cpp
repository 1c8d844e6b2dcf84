#include "app/api_session.hpp"

#include "base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

net::Task<void> talk_and_close(std::function<net::Task<void>(ApiClient&)> const& talk,
                               ApiClient& client) {
    co_await talk(client);
    client.close();
}

}  // namespace

void converse(StackInfo const& stack, std::function<net::Task<void>(ApiClient&)> talk) {
    base::log::start("obscura", base::log::Level::warn, base::log::Format::readable);
    asio::io_context io{1};
    base::SystemClock clock;
    ApiClient client(io.get_executor(), clock, {stack.url("gateway"), stack.url("paper")});
    std::exception_ptr failure;
    asio::co_spawn(io, talk_and_close(talk, client), [&](std::exception_ptr e) {
        failure = e;
        io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace obscura::app
