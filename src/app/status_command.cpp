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

/// How a process is, in a word, and what it says of itself.
struct Health {
    std::string word;
    base::Json body;
};

net::Task<Health> health_of(net::HttpClient& client, std::string url) {
    net::Request request;
    request.target = "/health";
    auto const answer = co_await client.fetch(std::move(url), std::move(request), 2s);
    if (!answer) co_return Health{.word = "down", .body = {}};
    auto body = base::parse_json(answer->body).value_or(base::Json());
    auto said = text_of(body, "status");
    if (said.empty()) said = answer->status == 200 ? "ok" : std::to_string(answer->status);
    co_return Health{.word = std::move(said), .body = std::move(body)};
}

/// The gateway's verdict on citadel. What nobody has appraised is not attested.
void set_evidence(base::Json& status, base::Json const& gateways_health) {
    auto const& citadel = gateways_health["services"]["citadel"];
    status.set("attested", citadel["attested"] == base::Json(true));
    status.set("evidence", text_of(citadel, "evidence"));
}

/// Adds "status" to every process: services are asked, the data servers are up when they have a
/// pid.
net::Task<void> ask_all(net::HttpClient& client, base::Json& status, bool& all_well) {
    base::Json gateway;
    for (auto& [key, value] : status.as_object()) {
        if (key != "processes" || !value.is_array()) continue;
        for (auto& process : value.as_array()) {
            auto const url = text_of(process, "url");
            std::string health = process["pid"].is_null() ? "down" : "ok";
            if (health == "ok" && url.starts_with("http://")) {
                auto answer = co_await health_of(client, url);
                health = std::move(answer.word);
                if (text_of(process, "name") == "gateway") gateway = std::move(answer.body);
            }
            all_well = all_well && health == "ok";
            process.set("status", health);
        }
    }
    set_evidence(status, gateway);
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
    bool const is_attested = status["attested"] == base::Json(true);
    std::printf("obscura %s  state: %s  attested: %s\n", text_of(status, "version").c_str(),
                text_of(status["state"], "folder").c_str(), is_attested ? "yes" : "no");
    if (auto const words = text_of(status, "evidence"); !words.empty())
        std::printf("  citadel: %s\n", words.c_str());
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
