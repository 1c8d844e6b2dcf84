#pragma once

#include "base/metrics.hpp"
#include "store/pg.hpp"
#include "support/coroutine.hpp"
#include "support/private_postgres.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace obscura::store::test {

using namespace std::chrono_literals;
using obscura::test::PrivatePostgres;
using obscura::test::run;
using Body = std::function<net::Task<void>(PgTransaction&)>;

/// An event loop, the private server, and pools on a database of it.
class Database : public ::testing::Test {
protected:
    [[nodiscard]] PgConfig config(std::string const& user = "postgres") const {
        return {.url = server.url(name, user), .connections = 2};
    }
    [[nodiscard]] std::unique_ptr<PgPool> open(PgConfig settings) {
        return std::make_unique<PgPool>(io.get_executor(), std::move(settings), metrics);
    }
    PgResult query(PgPool& pool, Statement const& statement, Params params = {},
                   TenantScope scope = TenantScope::engine()) {
        // PgResult cannot be empty, and `run` needs a value that can.
        std::optional<PgResult> result;
        run(io, keep(pool.query(scope, statement, std::move(params)), result));
        return std::move(*result);
    }
    void transact(PgPool& pool, Body body, TenantScope scope = TenantScope::engine()) {
        run(io, pool.transaction(scope, std::move(body)));
    }
    /// Runs the loop until `condition` holds.
    void run_until(std::function<bool()> const& condition) {
        io.restart();
        while (!condition()) {
            ASSERT_GT(io.run_one_for(30s), 0U) << "the loop ran dry or hangs";
        }
    }

    boost::asio::io_context io;
    base::Metrics metrics;
    PrivatePostgres& server = PrivatePostgres::shared();
    std::string name;

private:
    static net::Task<void> keep(net::Task<PgResult> task, std::optional<PgResult>& out) {
        out = co_await std::move(task);
    }
};

/// How a coroutine that runs beside the test ended.
struct Ending {
    bool done = false;
    std::string unavailable;  ///< PgUnavailable's words
    std::string refused;      ///< PgError's
    bool cancelled = false;
    [[nodiscard]] bool well() const {
        return done && unavailable.empty() && refused.empty() && !cancelled;
    }
};

inline net::Task<void> observe(net::Task<void> task, Ending& out) {
    try {
        co_await std::move(task);
    } catch (PgUnavailable const& e) {
        out.unavailable = e.what();
    } catch (PgError const& e) {
        out.refused = e.what();
    } catch (boost::system::system_error const&) {
        out.cancelled = true;
    }
    out.done = true;
}

}  // namespace obscura::store::test
