#include "store/detail/pg_pool_state.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fstream>

namespace obscura::store {
namespace asio = boost::asio;

struct PgTransaction::Impl {
    PgConnection& connection;
    std::chrono::milliseconds limit;
};

namespace {

using State = PgPool::State;
constexpr std::chrono::minutes script_limit{15};

std::string waited_in_vain(State const& pool, std::chrono::milliseconds timeout) {
    auto text = "PostgreSQL: no connection within " + std::to_string(timeout.count()) + " ms";
    if (pool.failures > 0) text += "; the last try: " + pool.last_failure;
    return text;
}

net::Task<State::Lease> acquire(std::shared_ptr<State> pool, std::chrono::milliseconds timeout) {
    if (pool->closed) throw PgUnavailable("PostgreSQL: the pool is closed");
    if (pool->waiters.empty()) {
        if (auto idle = pool->take_idle()) co_return State::Lease(pool, std::move(idle));
    }
    if (pool->waiters.size() >= pool->config.max_waiting) {
        throw PgUnavailable("PostgreSQL: too many wait for a connection");
    }
    auto const since = std::chrono::steady_clock::now();
    State::Waiter waiter(*pool);
    waiter.wake.expires_after(timeout);
    pool->connect_as_needed();
    co_await waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
    pool->metrics.acquire_seconds().observe(std::chrono::steady_clock::now() - since);
    if (waiter.given) co_return State::Lease(pool, std::move(waiter.given));
    auto const cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    throw PgUnavailable(pool->closed ? "PostgreSQL: the pool was closed"
                                     : waited_in_vain(*pool, timeout));
}

net::Task<void> run_transaction(std::shared_ptr<State> pool, TenantScope scope,
                                std::function<net::Task<void>(PgTransaction&)> body) {
    auto const lease = co_await acquire(pool, pool->config.acquire_timeout);
    auto& connection = *lease.connection;
    connection.queue_begin(scope);
    PgTransaction::Impl impl{connection, pool->limit()};
    PgTransaction transaction(impl);
    co_await body(transaction);
    co_await connection.commit(pool->limit());
}

net::Task<PgResult> run_once(std::shared_ptr<State> pool, TenantScope scope, Statement statement,
                             Params params) {
    auto const lease = co_await acquire(pool, pool->config.acquire_timeout);
    co_return co_await lease.connection->once(scope, statement, params, pool->limit());
}

/// Now rather than at every attempt to connect, where it would look like an outage.
void check_authority(PgOptions const& options) {
    auto const file = options.find("sslrootcert");
    auto const mode = options.find("sslmode");
    if (file == options.end() || mode == options.end() || mode->second != "verify-full") return;
    if (file->second != "system" && !std::ifstream(file->second))
        throw std::runtime_error("PostgreSQL: the authority cannot be read: " + file->second);
}

constexpr Statement ping_statement{"ping", "SELECT 1"};

net::Task<std::string> run_ping(std::shared_ptr<State> pool, std::chrono::milliseconds timeout) {
    try {
        auto const since = std::chrono::steady_clock::now();
        auto const lease = co_await acquire(pool, timeout);
        auto const spent = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - since);
        auto const left = std::max(timeout - spent, std::chrono::milliseconds(1));
        co_await lease.connection->once(TenantScope::engine(), ping_statement, {}, left);
        co_return "";
    } catch (PgUnavailable const& e) {
        co_return e.what();
    } catch (PgError const& e) {
        co_return e.what();
    }
}

}  // namespace

net::Task<PgResult> PgTransaction::run(Statement const& statement, Params params) {
    auto const asked = ask(statement, std::move(params));
    co_return co_await answer(asked);
}

PgTransaction::Asked PgTransaction::ask(Statement const& statement, Params params) {
    return {impl_->connection.queue_wanted(statement, params)};
}

net::Task<PgResult> PgTransaction::answer(Asked asked) {
    co_return co_await impl_->connection.result_of(asked.serial, impl_->limit);
}

void PgTransaction::send(Statement const& statement, Params params) {
    impl_->connection.queue(statement, params);
}

net::Task<void> PgTransaction::execute_script(std::string sql) {
    co_await impl_->connection.script(sql, script_limit);
}

PgPool::PgPool(asio::any_io_executor executor, PgConfig config, base::Metrics& metrics)
    : state_(std::make_shared<State>(executor, std::move(config), metrics)) {
    check_authority(state_->options);
}

PgPool::~PgPool() { close(); }

net::Task<void> PgPool::transaction(TenantScope scope,
                                    std::function<net::Task<void>(PgTransaction&)> body) {
    return run_transaction(state_, scope, std::move(body));
}

net::Task<PgResult> PgPool::query(TenantScope scope, Statement const& statement, Params params) {
    return run_once(state_, scope, statement, std::move(params));
}

net::Task<std::string> PgPool::ping(std::chrono::milliseconds timeout) {
    return run_ping(state_, timeout);
}

void PgPool::close() { state_->close(); }

}  // namespace obscura::store
