// `obscura bench-empty`: not for people, `obscura bench citadel` starts it. A handler that does
// nothing, on the server that citadel has.
#include "app/bench_citadel.hpp"
#include "base/log.hpp"
#include "net/server.hpp"

#include <CLI/CLI.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <charconv>

namespace obscura::app::bench {
namespace {

constexpr std::size_t most_bytes = 4 << 20;

net::Task<base::Result<net::Response>> answer(net::Request& request) {
    std::size_t size = 0;
    auto const text = request.param("size");
    (void)std::from_chars(text.data(), text.data() + text.size(), size);
    co_return net::text_response(200, std::string(std::min(size, most_bytes), 'x'),
                                 "application/json");
}

}  // namespace

int run_empty_command(std::vector<std::string> args) {
    CLI::App app("answers every request with as many bytes as it asks for", "obscura bench-empty");
    net::ServerConfig config;
    app.add_option("--port", config.port, "to listen on at 127.0.0.1")->required();
    try {
        std::ranges::reverse(args);  // as CLI11 wants them
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    base::log::start("bench-empty", base::log::Level::warn, base::log::Format::readable);
    boost::asio::io_context io(1);
    base::SystemClock clock;
    base::SystemRandom random;
    net::Router router;
    router.add({.method = "GET", .pattern = "/health", .handler = answer});
    router.add(
        {.method = "POST", .pattern = "/{size}", .body_limit = most_bytes, .handler = answer});
    net::HttpServer server(io.get_executor(), config, std::move(router), clock, random);
    server.start();
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code, int) { io.stop(); });
    io.run();
    return 0;
}

}  // namespace obscura::app::bench
