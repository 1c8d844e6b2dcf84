#pragma once

#include "app/stack.hpp"
#include "net/task.hpp"
#include "store/migrate.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>
#include <vector>

namespace obscura::app {

/// Where the SQL files are: beside the installed executable, or in the source tree.
[[nodiscard]] std::string migrations_folder();

/// Roles and schema; `url` names a superuser. Returns the migrations applied now.
[[nodiscard]] net::Task<std::vector<std::string>> migrate_database(
    boost::asio::any_io_executor executor, std::string url, std::string folder,
    store::RolePasswords passwords);

/// The platform's own tenant and its first administrator, when they are missing.
[[nodiscard]] net::Task<void> ensure_administrator(boost::asio::any_io_executor executor,
                                                   StackInfo const& stack);

}  // namespace obscura::app
