#include "app/api_session.hpp"
#include "app/commands.hpp"
#include "app/key_rotation.hpp"
#include "app/keys_command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>

namespace obscura::app {
namespace {

using base::Json;

/// One call of the admin API, made by the platform's administrator.
struct Call {
    std::string method;
    std::string path;
    Json body;
};

struct Arguments {
    std::string state = ".obscura";
    std::string slug;
    std::string name;
    std::string tenant;
    std::string mode = "live";
    std::vector<std::string> scopes;
    std::vector<std::string> addresses;
    std::string email;
    std::string password_file;
    std::string actor;
    std::string action;
    std::string cursor;
    int limit = 50;
};

Json texts(std::vector<std::string> const& items) {
    auto array = Json::array();
    for (auto const& item : items) array.push_back(item);
    return array;
}

Call create_tenant(Arguments const& a) {
    return {"POST", "/v2/admin/tenants", Json::object({{"slug", a.slug}, {"name", a.name}})};
}

Call create_key(Arguments const& a) {
    auto body = Json::object({{"name", a.name}, {"mode", a.mode}, {"scopes", texts(a.scopes)}});
    if (!a.addresses.empty()) body.set("ip_allow", texts(a.addresses));
    return {"POST", "/v2/admin/tenants/" + a.tenant + "/api-keys", std::move(body)};
}

/// The password's first line, so that it is in no process list.
std::string password_of(Arguments const& a) {
    std::ifstream in(a.password_file);
    std::string password;
    if (!std::getline(in, password))
        throw std::runtime_error(a.password_file + ": the password is to be its first line");
    return password;
}

Call create_user(Arguments const& a) {
    auto body = Json::object({{"email", a.email}, {"password", password_of(a)}});
    if (!a.tenant.empty()) body.set("tenant", a.tenant);
    return {"POST", "/auth/register", std::move(body)};
}

Call read_audit(Arguments const& a) {
    auto path = "/v2/admin/audit?limit=" + std::to_string(a.limit);
    for (auto const& [name, value] : {std::pair("tenant_id", a.tenant), std::pair("actor", a.actor),
                                      std::pair("action", a.action), std::pair("cursor", a.cursor)})
        if (!value.empty()) path += "&" + std::string(name) + "=" + net::percent_encode(value);
    return {"GET", std::move(path), {}};
}

net::Task<Json> call_as_administrator(ApiClient& api, StackInfo const& stack, Call call) {
    auto const& gateway = stack.url("gateway");
    auto login = Json::object(
        {{"email", stack.admin_email}, {"password", std::string(stack.admin_password.reveal())}});
    auto const session = co_await api.expect("POST", gateway, "/auth/login", "", std::move(login));
    auto const token = text_of(session, "access_token");
    co_return co_await api.expect(call.method, gateway, call.path, token, std::move(call.body));
}

int perform(Arguments const& a, Call const& call) {
    auto const stack = load_stack(a.state);
    Json answer;
    auto const talk = [&](ApiClient& api) -> net::Task<void> {
        answer = co_await call_as_administrator(api, stack, call);
    };
    converse(stack, talk);
    std::puts(answer.dump().c_str());
    return 0;
}

using Chosen = std::function<Call(Arguments const&)>;

void add_commands(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* const tenant = app.add_subcommand("create-tenant", "a B2B platform");
    tenant->add_option("--slug", a.slug, "short name in URLs")->required();
    tenant->add_option("--name", a.name, "full name")->required();
    tenant->callback([&] { chosen = create_tenant; });

    auto* const key =
        app.add_subcommand("create-key", "an API key of a tenant; its secret is shown once");
    key->add_option("--tenant", a.tenant, "the tenant's id")->required();
    key->add_option("--name", a.name, "what it is for")->required();
    key->add_option("--scope", a.scopes, "signal:write, pool:manage, stream:access")->required();
    key->add_option("--mode", a.mode, "live, or test: reaches only the paper venue")
        ->check(CLI::IsMember({"live", "test"}))
        ->capture_default_str();
    key->add_option("--ip-allow", a.addresses, "addresses it may come from");
    key->callback([&] { chosen = create_key; });

    auto* const user = app.add_subcommand("create-user", "somebody who can log in");
    user->add_option("--email", a.email, "e-mail address")->required();
    user->add_option("--password-file", a.password_file, "file whose first line is the password")
        ->required();
    user->add_option("--tenant", a.tenant, "slug of the tenant whose user it is");
    user->callback([&] { chosen = create_user; });

    auto* const tenants = app.add_subcommand("list-tenants", "all of them");
    tenants->callback(
        [&] { chosen = [](auto const&) { return Call{"GET", "/v2/admin/tenants", {}}; }; });

    auto* const keys = app.add_subcommand("list-keys", "a tenant's API keys, without secrets");
    keys->add_option("--tenant", a.tenant, "the tenant's id")->required();
    keys->callback([&] {
        chosen = [](Arguments const& given) {
            return Call{"GET", "/v2/admin/tenants/" + given.tenant + "/api-keys", {}};
        };
    });
    auto* const audit = app.add_subcommand("audit", "who did what, newest first");
    audit->add_option("--tenant", a.tenant, "only what belongs to the tenant of this id");
    audit->add_option("--actor", a.actor, "user:ID, key:ID, anonymous or system");
    audit->add_option("--action", a.action, "for example api_key.revoke");
    audit->add_option("--limit", a.limit, "1 to 200 rows")->capture_default_str();
    audit->add_option("--cursor", a.cursor, "next_cursor of the page before");
    audit->callback([&] { chosen = read_audit; });
    (void)app.add_subcommand("rotate-keys", "renews all credentials under the newest master key");
    (void)app.add_subcommand("rotate-token-key", "has access tokens signed by a new key");
    (void)app.add_subcommand("keys", "files of citadel's master keys: seal, show, recovery-key");
    for (auto* const command : app.get_subcommands({}))
        command->add_option("--state", a.state, "state folder of the running stack");
}

}  // namespace

int run_admin(std::vector<std::string> args) {
    // Those that do not talk to the gateway: with citadel and the record, and with files alone.
    if (!args.empty() && args.front() == "rotate-keys")
        return run_rotate_keys({args.begin() + 1, args.end()});
    if (!args.empty() && args.front() == "rotate-token-key")
        return run_rotate_token_key({args.begin() + 1, args.end()});
    if (!args.empty() && args.front() == "keys") return run_keys({args.begin() + 1, args.end()});
    CLI::App app("administration of a running stack; answers are JSON", "obscura admin");
    Arguments arguments;
    Chosen chosen;
    app.require_subcommand(1);
    add_commands(app, arguments, chosen);
    try {
        std::ranges::reverse(args);  // as CLI11 wants them
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    return perform(arguments, chosen(arguments));
}

}  // namespace obscura::app
