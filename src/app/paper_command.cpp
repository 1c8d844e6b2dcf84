#include "app/api_session.hpp"
#include "app/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

namespace obscura::app {
namespace {

struct NewAccount {
    std::string state = ".obscura";
    std::string label;
    std::string key_type = "hmac";
    std::vector<std::string> balances;  ///< "USDT=1000"
    bool as_json = false;
};

base::Json request_of(NewAccount const& wanted) {
    auto body = base::Json::object({{"key_type", wanted.key_type}});
    if (!wanted.label.empty()) body.set("label", wanted.label);
    auto balances = base::Json::object();
    for (auto const& text : wanted.balances) {
        auto const equals = text.find('=');
        if (equals == text.npos)
            throw std::runtime_error("--balance " + text + ": must be ASSET=AMOUNT");
        balances.set(text.substr(0, equals), text.substr(equals + 1));
    }
    if (!wanted.balances.empty()) body.set("balances", balances);
    return body;
}

void print(NewAccount const& wanted, base::Json const& account) {
    if (wanted.as_json) {
        std::puts(account.dump().c_str());
        return;
    }
    for (auto const& [key, value] : account.as_object())
        std::printf("%-12s %s\n", key.c_str(), std::string(value.to_text().value_or("")).c_str());
}

int create_account(NewAccount const& wanted) {
    auto const stack = load_stack(wanted.state);
    base::Json account;
    auto const talk = [&](ApiClient& api) -> net::Task<void> {
        account = co_await api.expect("POST", stack.url("paper"), "/admin/accounts", "",
                                      request_of(wanted));
    };
    converse(stack, talk);
    account.set("url", stack.url("paper"));
    print(wanted, account);
    return 0;
}

int accounts_command(std::vector<std::string> args) {
    CLI::App app("a paper account with keys, for anybody's client", "obscura paper accounts");
    NewAccount wanted;
    app.require_subcommand(1);
    auto* const create =
        app.add_subcommand("create", "make one (the same label: the same account)");
    create->add_option("--state", wanted.state, "state folder")->capture_default_str();
    create->add_option("--label", wanted.label, "what to call it");
    create->add_option("--balance", wanted.balances, "ASSET=AMOUNT; may be repeated");
    create->add_option("--key-type", wanted.key_type, "hmac or ed25519")
        ->check(CLI::IsMember({"hmac", "ed25519"}));
    create->add_flag("--json", wanted.as_json, "for programs");
    try {
        std::ranges::reverse(args);  // as CLI11 wants them
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    return create_account(wanted);
}

}  // namespace

int run_paper_command(std::vector<std::string> args) {
    if (args.empty() || args.front() != "accounts") return run_paper(std::move(args));
    args.erase(args.begin());
    return accounts_command(std::move(args));
}

}  // namespace obscura::app
