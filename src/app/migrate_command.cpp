#include "app/commands.hpp"
#include "app/database_setup.hpp"
#include "app/files.hpp"
#include "base/config.hpp"
#include "base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <stdexcept>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

/// From a file, so that a password is in no process list and no shell history.
base::Secret password_in(std::string const& path) {
    if (path.empty()) return {};
    auto text = read_file(path);
    if (!text) throw std::runtime_error("no such file: " + path);
    while (text->ends_with('\n')) text->pop_back();
    base::Secret password(*text);
    base::cleanse(*text);
    return password;
}

std::string url_or_environment(std::string const& url) {
    if (!url.empty()) return url;
    auto const environment = base::process_environment();
    auto const found = environment.find("DATABASE_URL");
    if (found == environment.end())
        throw std::runtime_error(
            "which database? --database-url, or DATABASE_URL in the environment");
    return found->second;
}

net::Task<void> migrate_and_tell(asio::any_io_executor executor, std::string url,
                                 std::string folder, store::RolePasswords passwords) {
    auto const applied = co_await migrate_database(std::move(executor), std::move(url),
                                                   std::move(folder), std::move(passwords));
    for (auto const& name : applied) std::printf("applied %s\n", name.c_str());
    if (applied.empty()) std::puts("nothing to apply");
}

}  // namespace

int run_migrate(MigrateOptions const& options) {
    base::log::start("migrate", base::log::Level::warn, base::log::Format::readable);
    asio::io_context io{1};
    store::RolePasswords passwords{.app = password_in(options.app_password_file),
                                   .engine = password_in(options.engine_password_file)};
    auto const folder = options.folder.empty() ? migrations_folder() : options.folder;
    asio::co_spawn(io,
                   migrate_and_tell(io.get_executor(), url_or_environment(options.database_url),
                                    folder, std::move(passwords)),
                   [](std::exception_ptr failure) {
                       if (failure) std::rethrow_exception(failure);
                   });
    io.run();
    return 0;
}

}  // namespace obscura::app
