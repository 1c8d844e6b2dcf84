#include "store/detail/pg_pool_state.hpp"

#include "base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

/// How connections come, go round and go.
namespace obscura::store {
namespace asio = boost::asio;
namespace {

using State = PgPool::State;

/// Rolls back what a failed or cancelled user left; a coroutine of its own, since the user's may
/// not wait any more.
net::Task<void> clean_up(std::shared_ptr<State> pool, State::Connection connection) {
    bool clean = false;
    try {
        co_await connection->reset(pool->limit());
        clean = true;
    } catch (std::exception const& e) {
        base::log::debug("pg.discarded", {{"why", e.what()}});
    }
    if (clean)
        pool->make_available(std::move(connection));
    else
        pool->drop(std::move(connection));
}

/// Opens one connection; the reason when that failed.
net::Task<std::string> open(std::shared_ptr<State> pool, PgConnection& connection) {
    std::string failure;
    pool->opening.insert(&connection);
    try {
        co_await connection.open();
    } catch (std::exception const& e) {
        failure = e.what();
        if (failure.empty()) failure = "no reason given";
    }
    pool->opening.erase(&connection);
    co_return failure;
}

/// Tries until it has opened one, or nobody waits. During an outage one coroutine tries for all.
net::Task<void> connect(std::shared_ptr<State> pool) {
    while (!pool->closed && !pool->waiters.empty()) {
        auto connection = std::make_unique<PgConnection>(pool->executor, pool->config,
                                                         pool->options, pool->metrics);
        auto failure = co_await open(pool, *connection);
        if (failure.empty() && !pool->closed) {
            if (pool->failures > 0) base::log::info("pg.connected_again");
            pool->failures = 0;
            --pool->connecting;
            pool->make_available(std::move(connection));
            pool->connect_as_needed();
            co_return;
        }
        connection.reset();
        if (pool->closed) break;
        if (pool->failures++ == 0) base::log::warn("pg.unreachable", {{"why", failure}});
        pool->last_failure = std::move(failure);
        if (pool->connecting > 1) break;
        auto const pause = std::min(50 << std::min(pool->failures - 1, 6), 2'000);
        pool->backoff.expires_after(std::chrono::milliseconds(pause));
        co_await pool->backoff.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    --pool->connecting;
    --pool->total;
}

}  // namespace

State::Connection State::take_idle() {
    while (!idle.empty()) {
        auto connection = std::move(idle.back());
        idle.pop_back();
        if (connection->still_open()) return connection;
        drop(std::move(connection));
    }
    return nullptr;
}

void State::give_back(Connection connection) {
    if (closed) {
        drop(std::move(connection));
    } else if (connection->settle()) {
        make_available(std::move(connection));
    } else {
        asio::co_spawn(executor, clean_up(shared_from_this(), std::move(connection)),
                       asio::detached);
    }
}

void State::make_available(Connection connection) {
    if (closed) return drop(std::move(connection));
    if (waiters.empty()) return idle.push_back(std::move(connection));
    auto& first = *waiters.front();
    first.leave_queue();
    first.given = std::move(connection);
    first.wake.cancel();
}

void State::drop(Connection connection) {
    connection.reset();
    --total;
    connect_as_needed();
}

void State::connect_as_needed() {
    while (!closed && total < config.connections && connecting < waiters.size() &&
           (failures == 0 || connecting == 0)) {
        ++total;
        ++connecting;
        asio::co_spawn(executor, connect(shared_from_this()), asio::detached);
    }
}

void State::close() {
    if (std::exchange(closed, true)) return;
    backoff.cancel();
    for (auto* connection : opening) connection->abort();
    for (auto* waiter : waiters) waiter->wake.cancel();
    while (!idle.empty()) {
        idle.pop_back();
        --total;
    }
}

}  // namespace obscura::store
