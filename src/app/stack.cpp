#include "app/stack.hpp"

#include "app/files.hpp"
#include "app/free_port.hpp"
#include "app/postgres_cluster.hpp"
#include "app/redis_instance.hpp"
#include "app/state_folder.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace obscura::app {
namespace {

/// Who calls whom.
constexpr char const* internal_keys[] = {
    "gateway@citadel",  "sentinel@citadel",  "conductor@citadel", "gateway@conductor",
    "gateway@sentinel", "gateway@alchemist", "rotation@citadel",  "alchemist@citadel"};

std::string logins_file(std::string const& state_dir) { return state_dir + "/secrets/logins.json"; }

std::string text_of(base::Json const& json, std::string_view key) {
    return std::string(json[key].to_text().value_or(""));
}

std::map<std::string, std::uint16_t> ports_of(StateFolder const& state) {
    auto const text = read_file(state.file("ports.json"));
    auto const json = base::parse_json(text.value_or("{}"));
    std::map<std::string, std::uint16_t> ports;
    if (json && json->is_object())
        for (auto const& [name, port] : json->as_object())
            ports[name] = static_cast<std::uint16_t>(port.to_int64().value_or(0));
    return ports;
}

std::string database_url(StateFolder const& state, std::string const& role,
                         std::string const& secret_name, std::uint16_t port) {
    auto const password = state.secret(secret_name);
    return "postgresql://" + role + ":" + std::string(password.reveal()) +
           "@127.0.0.1:" + std::to_string(port) + "/" + PostgresCluster::database;
}

}  // namespace

StackInfo load_stack(std::string const& state_dir) {
    if (!std::filesystem::exists(state_dir + "/ports.json"))
        throw std::runtime_error("no stack was ever started in " + state_dir +
                                 ": `obscura up` starts one");
    StateFolder const state(state_dir);
    auto ports = ports_of(state);
    StackInfo stack;
    stack.state_dir = state.path();
    for (auto const name : service_names)
        stack.urls[std::string(name)] =
            "http://127.0.0.1:" + std::to_string(ports[std::string(name)]);
    auto const postgres = ports["postgres"];
    stack.owner_database_url =
        database_url(state, PostgresCluster::owner, "postgres-owner", postgres);
    stack.app_database_url = database_url(state, "obscura_app", "postgres-app", postgres);
    stack.engine_database_url = database_url(state, "obscura_engine", "postgres-engine", postgres);
    stack.redis_url = redis_url(state, ports["redis"]);
    for (auto const* pair : internal_keys)
        stack.internal_keys.emplace(pair, state.secret("internal-" + std::string(pair), 32));
    stack.admin_email = admin_email;
    stack.admin_password = state.secret("admin-password", 12);
    return stack;
}

std::vector<Login> load_logins(std::string const& state_dir) {
    auto const text = read_file(logins_file(state_dir));
    auto const json = base::parse_json(text.value_or("[]"));
    std::vector<Login> logins;
    if (!json || !json->is_array()) return logins;
    for (auto const& item : json->as_array())
        logins.push_back({text_of(item, "who"), text_of(item, "name"), text_of(item, "secret")});
    return logins;
}

void save_login(std::string const& state_dir, Login const& login) {
    auto logins = load_logins(state_dir);
    auto const same = [&](Login const& other) { return other.name == login.name; };
    if (auto const found = std::ranges::find_if(logins, same); found != logins.end())
        *found = login;
    else
        logins.push_back(login);
    auto json = base::Json::array();
    for (auto const& l : logins)
        json.push_back(
            base::Json::object({{"who", l.who}, {"name", l.name}, {"secret", l.secret}}));
    write_file(logins_file(state_dir), json.dump() + "\n", 0600);
}

}  // namespace obscura::app
