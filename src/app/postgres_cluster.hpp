#pragma once

#include "app/process.hpp"
#include "app/state_folder.hpp"
#include "app/unit.hpp"
#include "net/task.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace obscura::app {

/// A private PostgreSQL 15 on 127.0.0.1. PostgreSQL refuses to run as root: then it runs under the
/// account `postgres`, and its data lie in the state folder where that account can reach it, else
/// in a folder under /var/lib that the state folder names (postgres.location).
class PostgresCluster {
public:
    static constexpr auto owner = "obscura_owner";  ///< superuser of this private cluster
    static constexpr auto database = "obscura";

    /// Throws StartFailure when there is no PostgreSQL 15, or no account for it.
    PostgresCluster(StateFolder const& state, std::uint16_t port);

    [[nodiscard]] bool exists() const;
    /// initdb, once. A start that was cut off begins anew.
    [[nodiscard]] net::Task<void> create(boost::asio::any_io_executor executor);
    /// Ready when the server says so in postmaster.pid, as pg_ctl has it.
    [[nodiscard]] UnitSpec unit() const;
    /// Once the server runs, and once only.
    [[nodiscard]] net::Task<void> create_database(boost::asio::any_io_executor executor);

    [[nodiscard]] std::string const& folder() const { return folder_; }
    /// A server that a killed supervisor left behind is on its way out: waits for it, within 20 s.
    [[nodiscard]] net::Task<void> wait_for_predecessor() const;

private:
    [[nodiscard]] std::string data() const { return folder_ + "/data"; }
    [[nodiscard]] ProcessSpec server() const;
    [[nodiscard]] ProcessSpec tool(std::string const& name) const;

    StateFolder const& state_;
    std::uint16_t port_;
    std::string folder_;
    std::optional<Account> account_;
};

}  // namespace obscura::app
