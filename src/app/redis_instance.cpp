#include "app/redis_instance.hpp"

#include "app/child_environment.hpp"
#include "app/files.hpp"
#include "store/redis.hpp"

#include <signal.h>

#include <filesystem>

using namespace std::chrono_literals;

namespace obscura::app {
namespace {

constexpr auto program = "/usr/bin/redis-server";

void write_config(StateFolder const& state, std::uint16_t port) {
    auto const password = state.secret("redis");
    std::string text = "bind 127.0.0.1\nport " + std::to_string(port) + "\n";
    text += "requirepass " + std::string(password.reveal()) + "\n";
    text += "dir \"" + state.file("redis") + "\"\n";
    text +=
        "daemonize no\nprotected-mode yes\nappendonly yes\nappendfsync everysec\nsave \"\"\n"
        "maxmemory-policy noeviction\ntcp-keepalive 60\n"
        // Start from what is left of a file that a crash cut off.
        "aof-load-truncated yes\n";
    write_file(state.file("config/redis.conf"), text, 0600);
    base::cleanse(text);
}

}  // namespace

std::string redis_url(StateFolder const& state, std::uint16_t port) {
    auto const password = state.secret("redis");
    return "redis://:" + std::string(password.reveal()) + "@127.0.0.1:" + std::to_string(port);
}

UnitSpec redis_unit(boost::asio::any_io_executor executor, StateFolder const& state,
                    std::uint16_t port) {
    if (!std::filesystem::exists(program))
        throw StartFailure(std::string("no ") + program + ": apt-get install redis-server");
    UnitSpec spec;
    spec.name = "redis";
    spec.url = "redis://127.0.0.1:" + std::to_string(port);
    spec.version = "7";
    spec.process = [&state, port] {
        write_config(state, port);
        ProcessSpec process{.name = "redis",
                            .argv = {program, state.file("config/redis.conf")},
                            .environment = base_environment(),
                            .log_file = state.log("redis")};
        process.working_directory = state.file("redis");
        process.death_signal = SIGTERM;
        return process;
    };
    auto const client = std::make_shared<store::Redis>(
        executor,
        store::RedisConfig{.url = base::Secret(redis_url(state, port)), .timeout = 500ms});
    spec.probe = [client]() { return client->ping(500ms); };
    return spec;
}

}  // namespace obscura::app
