// `obscura bench-load`: not for people, `obscura bench` starts it.
#include "app/bench_load.hpp"
#include "app/files.hpp"
#include "base/log.hpp"
#include "net/http.hpp"

#include <CLI/CLI.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>

namespace obscura::app::bench {
namespace {

struct LoadOptions {
    std::string to;
    std::string requests;
    std::size_t count = 0;
    std::size_t connections = 1;
    double rate = 0;
};

LoadPlan plan_of(LoadOptions const& options) {
    auto const url = net::parse_url(options.to);
    if (!url) throw std::invalid_argument("--to is no URL: " + options.to);
    auto requests = unpack_requests(read_file(options.requests).value_or(""));
    if (!requests || requests->empty())
        throw std::invalid_argument("--requests holds no requests: " + options.requests);
    LoadPlan plan{.host = url->host, .port = url->port, .requests = std::move(*requests)};
    plan.count = options.count == 0 ? plan.requests.size() : options.count;
    plan.connections = std::min(options.connections, plan.count);
    if (options.rate > 0) plan.rate = options.rate;
    return plan;
}

}  // namespace

int run_load_command(std::vector<std::string> args) {
    CLI::App app("sends requests from a file over keep-alive connections", "obscura bench-load");
    LoadOptions options;
    app.add_option("--to", options.to, "http://address:port")->required();
    app.add_option("--requests", options.requests, "file of packed requests")->required();
    app.add_option("--count", options.count, "how many to send (else each of the file once)");
    app.add_option("--connections", options.connections, "each with one request under way")
        ->check(CLI::Range(1, 4'096));
    app.add_option("--rate", options.rate, "requests a second, whatever the answers do")
        ->check(CLI::NonNegativeNumber);
    try {
        std::ranges::reverse(args);  // as CLI11 wants them
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    base::log::start("bench-load", base::log::Level::warn, base::log::Format::readable);
    boost::asio::io_context io(1);
    base::SystemClock clock;
    std::exception_ptr failure;
    LoadResult result;
    boost::asio::co_spawn(io, run_load(io.get_executor(), plan_of(options), clock),
                          [&](std::exception_ptr e, LoadResult r) {
                              failure = e;
                              result = std::move(r);
                          });
    io.run();
    if (failure) std::rethrow_exception(failure);
    std::puts(result.to_json().dump().c_str());
    return 0;
}

}  // namespace obscura::app::bench
