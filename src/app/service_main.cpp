#include "app/service_main.hpp"

#include "base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>

namespace obscura::app {
namespace {

std::optional<std::string> allowed_level(std::string const& text) {
    if (text == "debug" || text == "info" || text == "warn" || text == "error") return std::nullopt;
    return "debug, info, warn or error";
}
std::optional<std::string> allowed_format(std::string const& text) {
    if (text == "json" || text == "readable") return std::nullopt;
    return "json or readable";
}

base::log::Level level_of(std::string const& text) {
    if (text == "debug") return base::log::Level::debug;
    if (text == "warn") return base::log::Level::warn;
    if (text == "error") return base::log::Level::error;
    return base::log::Level::info;
}

int usage(std::string_view name) {
    std::fprintf(stderr, "usage: %.*s [--config FILE] [--print-config]\n",
                 static_cast<int>(name.size()), name.data());
    return 2;
}

struct Arguments {
    std::string config_file;
    bool print_config = false;
};
std::optional<Arguments> parse(std::vector<std::string> const& args) {
    Arguments parsed;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--print-config")
            parsed.print_config = true;
        else if (args[i] == "--config" && i + 1 < args.size())
            parsed.config_file = args[++i];
        else
            return std::nullopt;
    }
    return parsed;
}

std::vector<std::string> load(base::ConfigTable& table, std::string const& file) {
    std::string toml;
    if (!file.empty()) {
        std::ifstream in(file, std::ios::binary);
        if (!in) return {file + ": cannot be read"};
        toml.assign(std::istreambuf_iterator<char>(in), {});
    }
    return table.load(toml, file, base::process_environment());
}

net::Task<void> stop_in_order(ServiceHost& host) {
    co_await host.stop.run();
    host.io.stop();
}

}  // namespace

void bind_common(base::ConfigTable& table, CommonConfig& config, std::uint16_t default_port) {
    config.http.port = default_port;
    table.bind("log.level", config.log_level, "debug, info, warn or error", allowed_level);
    table.bind("log.format", config.log_format, "json or readable", allowed_format);
    table.bind("http.address", config.http.address, "Address to listen on");
    table.bind("http.port", config.http.port, "TCP port; 0 takes any free one");
    table.bind("http.max_connections", config.http.max_connections,
               "Connections beyond it are answered with 503", {1, 1'000'000});
    table.bind("http.max_unknown_body_bytes", config.http.max_unknown_body_bytes,
               "Bodies held for senders not authenticated yet, in total; beyond it 503",
               {1 << 20, INT64_MAX});
    table.bind("http.header_timeout", config.http.header_timeout,
               "From a request's first byte to the end of its header", {100, 600'000});
    table.bind("http.body_timeout", config.http.body_timeout, "For the whole body of a request",
               {100, 600'000});
}

void bind_internal(base::ConfigTable& table, CommonConfig& config, std::uint16_t default_port) {
    bind_common(table, config, default_port);
    config.tls.bind_to(table);
}

int run_service(std::string_view name, std::vector<std::string> const& args,
                base::ConfigTable& table, CommonConfig& common,
                std::function<std::shared_ptr<void>(ServiceHost&)> start) {
    auto const arguments = parse(args);
    if (!arguments) return usage(name);
    if (arguments->print_config) {
        std::fputs(table.reference().c_str(), stdout);
        return 0;
    }
    if (auto const complaints = load(table, arguments->config_file); !complaints.empty()) {
        for (auto const& complaint : complaints) std::fprintf(stderr, "%s\n", complaint.c_str());
        return 2;
    }
    base::log::start(
        name, level_of(common.log_level),
        common.log_format == "json" ? base::log::Format::json : base::log::Format::readable);
    ServiceHost host;
    int status = 0;
    bool stopping = false;
    host.shut_down = [&](int exit_status) {
        if (stopping) return;
        stopping = true;
        status = exit_status;
        boost::asio::co_spawn(host.io, stop_in_order(host), boost::asio::detached);
    };
    boost::asio::signal_set signals(host.io, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code error, int signal) {
        if (error) return;
        base::log::info("service.stopping", {{"signal", signal}});
        host.shut_down(0);
    });
    try {
        auto const service = start(host);
        base::log::info("service.started");
        host.io.run();
    } catch (std::exception const& e) {
        base::log::error("service.failed", {{"detail", e.what()}});
        return 1;
    }
    base::log::info("service.stopped", {{"status", status}});
    return status;
}

}  // namespace obscura::app
