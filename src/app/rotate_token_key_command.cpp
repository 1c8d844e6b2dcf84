#include "app/key_rotation.hpp"
#include "app/run_to_end.hpp"
#include "app/stack.hpp"
#include "base/log.hpp"
#include "store/held_key_store.hpp"

#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

net::Task<int> retire_token_key(StackInfo const& stack, asio::any_io_executor executor) {
    base::Metrics metrics;
    store::PgPool database(executor, {.url = stack.engine_database_url, .connections = 1}, metrics);
    store::PgHeldKeyStore keys(database);
    bool const was_there = co_await keys.retire(ports::KeyPurpose::access_token);
    database.close();
    std::puts(was_there
                  ? "retired: the next login has a new key made, and tokens of this one stay good "
                    "until they expire"
                  : "there is none yet: the first login has one made");
    co_return 0;
}

}  // namespace

int run_rotate_token_key(std::vector<std::string> args) {
    CLI::App app("has access tokens signed by a new key, beside a running stack",
                 "obscura admin rotate-token-key");
    std::string state = ".obscura";
    app.add_option("--state", state, "state folder of the running stack");
    try {
        std::ranges::reverse(args);
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    base::log::start("obscura", base::log::Level::warn, base::log::Format::readable);
    auto const stack = load_stack(state);
    asio::io_context io{1};
    return run_to_end(io, retire_token_key(stack, io.get_executor()));
}

}  // namespace obscura::app
