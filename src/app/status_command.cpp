#include "app/commands.hpp"
#include "app/files.hpp"
#include "app/stack.hpp"
#include "app/state_folder.hpp"
#include "app/status_file.hpp"
#include "net/client.hpp"
#include "net/runtime.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace obscura::app {
namespace {

std::string text_of(base::Json const& json, std::string_view key) {
    return std::string(json[key].to_text().value_or(""));
}

net::Task<std::string> health_of(net::HttpClient& client, std::string url) {
    net::Request request;
    request.target = "/health";
    auto const answer = co_await client.fetch(std::move(url), std::move(request), 2s);
    if (!answer) co_return "down";
    auto const body = base::parse_json(answer->body);
    auto const said = body ? text_of(*body, "status") : std::string();
    if (answer->status != 200) co_return said.empty() ? std::to_string(answer->status) : said;
    co_return said.empty() ? "ok" : said;
}

/// Adds "status" to every process: services are asked, the data servers are up when they have a
/// pid.
net::Task<void> ask_all(net::HttpClient& client, base::Json& status, bool& all_well) {
    for (auto& [key, value] : status.as_object()) {
        if (key != "processes" || !value.is_array()) continue;
        for (auto& process : value.as_array()) {
            auto const url = text_of(process, "url");
            std::string health = process["pid"].is_null() ? "down" : "ok";
            if (health == "ok" && url.starts_with("http://"))
                health = co_await health_of(client, url);
            all_well = all_well && health == "ok";
            process.set("status", health);
        }
    }
    client.close();
}

bool ask_all_now(base::Json& status) {
    asio::io_context io{1};
    base::SystemClock clock;
    net::ClientConfig config;
    for (auto const& process : status["processes"].as_array())
        config.allowed_origins.push_back(text_of(process, "url"));
    // The data servers are not asked over HTTP: their addresses are none of the client's.
    std::erase_if(config.allowed_origins,
                  [](auto const& url) { return !url.starts_with("http://"); });
    net::HttpClient client(io.get_executor(), std::move(config), clock);
    bool all_well = true;
    asio::co_spawn(io, ask_all(client, status, all_well), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return all_well;
}

void print_table(base::Json const& status) {
    std::printf("obscura %s  state: %s  attested: no\n", text_of(status, "version").c_str(),
                text_of(status["state"], "folder").c_str());
    for (auto const& process : status["processes"].as_array())
        std::printf("  %-10s %-9s %-45s pid %s\n", text_of(process, "name").c_str(),
                    text_of(process, "status").c_str(), text_of(process, "url").c_str(),
                    process["pid"].is_number() ? process["pid"].digits().c_str() : "-");
}

void print_logins(std::string const& state_dir) {
    auto const logins = load_logins(state_dir);
    if (logins.empty()) return;
    std::printf("logins\n");
    for (auto const& login : logins)
        std::printf("  %-24s %-32s %s\n", login.who.c_str(), login.name.c_str(),
                    login.secret.c_str());
}

}  // namespace

int run_status(StatusOptions const& options) {
    auto status = read_status(options.state);
    auto const holder = lock_holder(options.state);
    if (holder == 0 || !status["processes"].is_array()) {
        if (options.as_json)
            std::puts(base::Json::object({{"schema", 1}, {"running", false}}).dump().c_str());
        else
            std::fprintf(stderr, "no stack runs in %s\n", options.state.c_str());
        return 3;
    }
    if (options.only_pid) {
        std::printf("%d\n", holder);
        return 0;
    }
    bool const all_well = ask_all_now(status);
    status.set("running", true);
    status.set("ok", all_well);
    if (options.as_json) {
        std::puts(status.dump().c_str());
    } else {
        print_table(status);
        if (options.logins) print_logins(options.state);
    }
    return all_well ? 0 : 1;
}

}  // namespace obscura::app
