#pragma once

#include "base/config.hpp"
#include "store/detail/pg_connection.hpp"

#include <list>
#include <unordered_set>
#include <utility>

namespace obscura::store {

/// What the coroutines of a pool share; it outlives the pool itself while one of them runs.
struct PgPool::State : std::enable_shared_from_this<PgPool::State> {
    using Connection = std::unique_ptr<PgConnection>;

    /// Somebody in the queue; lives in the frame of `acquire`.
    struct Waiter {
        State& pool;
        boost::asio::steady_timer wake;
        Connection given;
        std::list<Waiter*>::iterator place;
        bool queued = true;
        explicit Waiter(State& owner) : pool(owner), wake(owner.executor) {
            place = pool.waiters.insert(pool.waiters.end(), this);
        }
        /// Also when the coroutine is cancelled: what was given goes to the next.
        ~Waiter() {
            leave_queue();
            if (given) pool.give_back(std::move(given));
        }
        Waiter(Waiter const&) = delete;
        Waiter& operator=(Waiter const&) = delete;
        void leave_queue() {
            if (std::exchange(queued, false)) pool.waiters.erase(place);
        }
    };

    /// A connection in use; it goes back at the end, cleaned up in the background when it must be.
    struct Lease {
        std::shared_ptr<State> pool;
        Connection connection;
        Lease(std::shared_ptr<State> owner, Connection taken)
            : pool(std::move(owner)), connection(std::move(taken)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (connection) pool->give_back(std::move(connection));
        }
    };

    State(boost::asio::any_io_executor on, PgConfig settings, base::Metrics& registry)
        : executor(on),
          config(std::move(settings)),
          options(pg_options(config.url, config.tls, base::process_environment())),
          metrics(registry),
          backoff(on) {}

    [[nodiscard]] Connection take_idle();
    void give_back(Connection connection);
    void make_available(Connection connection);
    void drop(Connection connection);
    void connect_as_needed();
    void close();

    /// Longest wait for one answer: the server gives up first and says so.
    [[nodiscard]] std::chrono::milliseconds limit() const {
        return config.statement_timeout + std::chrono::seconds(1);
    }

    boost::asio::any_io_executor executor;
    PgConfig config;
    PgOptions options;
    PgMetrics metrics;
    boost::asio::steady_timer backoff;
    std::vector<Connection> idle;  ///< the last one used first: it is the warmest
    std::list<Waiter*> waiters;    ///< first come, first served
    std::unordered_set<PgConnection*> opening;
    std::size_t total = 0;       ///< idle, in use, being opened or cleaned up
    std::size_t connecting = 0;  ///< coroutines that open one
    int failures = 0;            ///< since the last connection that was opened
    std::string last_failure;
    bool closed = false;
};

}  // namespace obscura::store
