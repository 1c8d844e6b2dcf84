#include "store/detail/pg_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>

namespace obscura::store {
namespace asio = boost::asio;
namespace {

constexpr Statement begin_statement{"begin", "BEGIN"};
constexpr Statement tenant_statement{"set_tenant", "SELECT set_config('app.tenant_id', $1, true)"};
constexpr Statement commit_statement{"commit", "COMMIT"};
constexpr Statement rollback_statement{"rollback", "ROLLBACK"};
constexpr Statement session_statement{
    "session",
    "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false), "
    "set_config('bytea_output', 'hex', false), set_config('statement_timeout', $1, false), "
    "set_config('idle_in_transaction_session_timeout', $2, false), "
    "set_config('plan_cache_mode', CASE WHEN $3 THEN 'force_generic_plan' ELSE 'auto' END, false), "
    "set_config('enable_seqscan', CASE WHEN $3 THEN 'off' ELSE 'on' END, false), "
    // Each reads one of its two sides whole.
    "set_config('enable_hashjoin', CASE WHEN $3 THEN 'off' ELSE 'on' END, false), "
    "set_config('enable_mergejoin', CASE WHEN $3 THEN 'off' ELSE 'on' END, false), "
    // A sequence that cannot be avoided counts as dear as nothing is, and would be compiled each
    // time.
    "set_config('jit', CASE WHEN $3 THEN 'off' ELSE current_setting('jit') END, false)"};

std::string trimmed(char const* message) {
    std::string text = message != nullptr ? message : "";
    while (text.ends_with('\n')) text.pop_back();
    for (auto& c : text) {
        if (c == '\n' || c == '\t') c = ' ';
    }
    return text;
}

base::Instant now() { return std::chrono::steady_clock::now(); }

}  // namespace

/// Ends the socket's wait after `limit`. Its handler may still be queued when the connection or
/// the deadline is gone, hence the token and the number.
class PgConnection::Deadline {
public:
    Deadline(PgConnection& owner, Duration limit) : owner_(owner) {
        owner_.timed_out_ = false;
        auto const number = ++owner_.deadline_;
        owner_.timer_.expires_after(limit);
        owner_.timer_.async_wait(
            [&connection = owner_, number, alive = std::weak_ptr<int>(owner_.alive_)](auto error) {
                if (error || alive.expired() || connection.deadline_ != number) return;
                connection.timed_out_ = true;
                connection.socket_.cancel();
            });
    }
    ~Deadline() {
        ++owner_.deadline_;
        owner_.timer_.cancel();
    }
    Deadline(Deadline const&) = delete;
    Deadline& operator=(Deadline const&) = delete;

private:
    PgConnection& owner_;
};

PgConnection::PgConnection(asio::any_io_executor executor, PgConfig const& config,
                           PgOptions const& options, PgMetrics& metrics)
    : socket_(executor), timer_(executor), config_(config), options_(options), metrics_(metrics) {}

PgConnection::~PgConnection() {
    if (conn_ != nullptr) PQfinish(conn_);
}

net::Task<void> PgConnection::open() {
    Deadline const deadline(*this, config_.connect_timeout);
    co_await connect();
    if (PQsetnonblocking(conn_, 1) != 0 || PQenterPipelineMode(conn_) != 1) {
        throw PgUnavailable("PostgreSQL: " + trimmed(PQerrorMessage(conn_)));
    }
    queue(session_statement, Params()
                                 .add(std::int64_t{config_.statement_timeout.count()})
                                 .add(std::int64_t{config_.idle_in_transaction.count()})
                                 .add(config_.fixed_plans));
    auto const serial = queue_sync();
    co_await wait(serial, Until::end, config_.connect_timeout, "session");
    if (failure_) std::rethrow_exception(failure_);
}

net::Task<void> PgConnection::connect() {
    std::vector<char const*> keywords;
    std::vector<char const*> values;
    auto const add = [&](char const* keyword, char const* value) {
        keywords.push_back(keyword);
        values.push_back(value);
    };
    for (auto const& [keyword, value] : options_) add(keyword.c_str(), value.c_str());
    add("fallback_application_name", "obscura");
    add("client_encoding", "UTF8");
    add(nullptr, nullptr);
    conn_ = PQconnectStartParams(keywords.data(), values.data(), 0);
    if (conn_ == nullptr) throw std::bad_alloc();
    PQsetNoticeReceiver(conn_, [](void*, PGresult const*) {}, nullptr);
    auto step = PQstatus(conn_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (step != PGRES_POLLING_OK) {
        if (step == PGRES_POLLING_FAILED) {
            throw PgUnavailable("PostgreSQL: " + trimmed(PQerrorMessage(conn_)));
        }
        watch_socket();
        co_await wait_for_socket(step == PGRES_POLLING_READING, step == PGRES_POLLING_WRITING);
        if (timed_out_) throw PgUnavailable("PostgreSQL: connecting took too long");
        if (failure_) std::rethrow_exception(failure_);
        step = PQconnectPoll(conn_);
    }
    watch_socket();
}

void PgConnection::watch_socket() {
    // libpq may close its socket and open another at any poll, with the same number.
    int const copy = fcntl(PQsocket(conn_), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) throw PgUnavailable("PostgreSQL: no file descriptor left");
    boost::system::error_code ignored;
    socket_.close(ignored);
    socket_.assign(copy);
}

/// TLS takes whole records off the socket, and a record may be more than libpq had room for: of the
/// rest the socket tells nothing.
bool PgConnection::has_unread() const {
    auto* const ssl = static_cast<SSL*>(PQsslStruct(conn_, "OpenSSL"));
    return ssl != nullptr && SSL_pending(ssl) > 0;
}

net::Task<void> PgConnection::wait_for_socket(bool read, bool write) {
    using asio::posix::descriptor_base;
    auto const token = asio::as_tuple(asio::use_awaitable);
    boost::system::error_code error;
    if (read && write) {
        auto const [order, read_error, write_error] =
            co_await asio::experimental::make_parallel_group(
                socket_.async_wait(descriptor_base::wait_read, asio::deferred),
                socket_.async_wait(descriptor_base::wait_write, asio::deferred))
                .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
        error = order[0] == 0 ? read_error : write_error;
    } else {
        auto const kind = read ? descriptor_base::wait_read : descriptor_base::wait_write;
        auto const [only] = co_await socket_.async_wait(kind, token);
        error = only;
    }
    auto const cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (error && cancelled != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (error && !timed_out_) lose("the connection was closed");
}

void PgConnection::push(Kind kind, PgMetrics::Series const& series) {
    items_.push_back({kind, &series, now()});
    ++queued_;
}

PgConnection::Serial PgConnection::queue(Statement const& statement, Params const& params) {
    return queue(statement, params, Kind::execute);
}

PgConnection::Serial PgConnection::queue_wanted(Statement const& statement, Params const& params) {
    auto const serial = queue(statement, params);
    if (!failure_) wanted_.try_emplace(serial);
    return serial;
}

PgConnection::Serial PgConnection::queue(Statement const& statement, Params const& params,
                                         Kind kind) {
    if (failure_) return queued_;
    auto const& series = metrics_.of(statement.name);
    if (!prepare(statement, series)) return queued_;
    std::vector<char const*> values;
    values.reserve(params.values().size());
    for (auto const& value : params.values()) values.push_back(value ? value->c_str() : nullptr);
    if (PQsendQueryPrepared(conn_, series.name.c_str(), static_cast<int>(values.size()),
                            values.data(), nullptr, nullptr, 0) != 1) {
        lose(trimmed(PQerrorMessage(conn_)));
    } else {
        push(kind, series);
    }
    return queued_;
}

bool PgConnection::prepare(Statement const& statement, PgMetrics::Series const& series) {
    auto const known = prepared_.find(statement.name);
    if (known != prepared_.end()) {
        if (known->second == statement.sql) return true;
        throw std::logic_error("two statements are named " + series.name);
    }
    std::string sql(statement.sql);
    if (PQsendPrepare(conn_, series.name.c_str(), sql.c_str(), 0, nullptr) != 1) {
        lose(trimmed(PQerrorMessage(conn_)));
        return false;
    }
    push(Kind::prepare, series);
    prepared_.emplace(series.name, std::move(sql));
    return true;
}

void PgConnection::queue_begin(TenantScope const& scope) {
    queue(begin_statement);
    if (scope.tenant) queue(tenant_statement, Params().add(*scope.tenant));
}

PgConnection::Serial PgConnection::queue_commit() {
    return queue(commit_statement, {}, Kind::commit);
}

PgConnection::Serial PgConnection::queue_sync() {
    if (broken_) return queued_;
    if (PQpipelineSync(conn_) != 1)
        lose(trimmed(PQerrorMessage(conn_)));
    else
        push(Kind::sync, metrics_.of("sync"));
    return queued_;
}

net::Task<PgResult> PgConnection::result_of(Serial serial, Duration limit) {
    if (failure_) std::rethrow_exception(failure_);
    if (completed_ < serial) {
        // Not a flush: only after a sync does the server count this session as idle in its
        // transaction and end it, locks and all, when this process never says another word.
        queue_sync();
        co_await wait(serial, Until::result_or_failure, limit, "statement");
    }
    co_return take_result(serial);
}

net::Task<void> PgConnection::commit(Duration limit) {
    if (failure_) std::rethrow_exception(failure_);
    queue_commit();
    auto const serial = queue_sync();
    co_await wait(serial, Until::end, limit, "commit");
    if (failure_) std::rethrow_exception(failure_);
}

net::Task<PgResult> PgConnection::once(TenantScope const& scope, Statement const& statement,
                                       Params const& params, Duration limit) {
    if (scope.tenant) queue_begin(scope);
    auto const wanted = queue_wanted(statement, params);
    if (scope.tenant) queue_commit();
    auto const serial = queue_sync();
    co_await wait(serial, Until::end, limit, statement.name);
    co_return take_result(wanted);
}

net::Task<void> PgConnection::script(std::string const& sql, Duration limit) {
    // Several statements in one text need the simple protocol, and that needs an empty pipeline.
    auto const before = queue_sync();
    co_await wait(before, Until::end, limit, "script");
    if (failure_) std::rethrow_exception(failure_);
    if (PQexitPipelineMode(conn_) != 1 || PQsendQuery(conn_, sql.c_str()) != 1) {
        lose(trimmed(PQerrorMessage(conn_)));
        std::rethrow_exception(failure_);
    }
    push(Kind::script, metrics_.of("script"));
    co_await wait(queued_, Until::end, limit, "script");
    if (!broken_ && PQenterPipelineMode(conn_) != 1) lose(trimmed(PQerrorMessage(conn_)));
    if (failure_) std::rethrow_exception(failure_);
    if (PQtransactionStatus(conn_) != PQTRANS_INTRANS) {
        throw PgError("script: it must not end the transaction", "25000", "");
    }
}

net::Task<void> PgConnection::wait(Serial serial, Until until, Duration limit,
                                   std::string_view what) {
    Deadline const deadline(*this, limit);
    while (!broken_ && completed_ < serial) {
        int const unsent = PQflush(conn_);
        read_results();
        if (broken_ || completed_ >= serial) break;
        if (failure_ && until == Until::result_or_failure) break;
        if (unsent < 0) {
            lose(trimmed(PQerrorMessage(conn_)));
            break;
        }
        if (!has_unread()) co_await wait_for_socket(true, unsent > 0);
        if (timed_out_) {
            lose(std::string(what) + " was not answered in time");
        } else if (!broken_ && PQconsumeInput(conn_) == 0) {
            auto const why = trimmed(PQerrorMessage(conn_));
            read_results();
            lose(why);
        }
    }
}

PgResult PgConnection::take_result(Serial serial) {
    auto found = wanted_.extract(serial);
    if (!failure_ && (found.empty() || !found.mapped())) lose("a result is missing");
    if (failure_) std::rethrow_exception(failure_);
    return PgResult(std::move(found.mapped()));
}

bool PgConnection::settle() {
    if (broken_ || stale_ || conn_ == nullptr || !items_.empty() || !at_rest_) return false;
    if (PQstatus(conn_) != CONNECTION_OK || PQpipelineStatus(conn_) != PQ_PIPELINE_ON) return false;
    if (PQtransactionStatus(conn_) != PQTRANS_IDLE) return false;
    failure_ = nullptr;
    wanted_.clear();
    return true;
}

net::Task<void> PgConnection::reset(Duration limit) {
    // A script cut short is not worth the protocol's finer points.
    if (broken_ || stale_ || PQpipelineStatus(conn_) == PQ_PIPELINE_OFF) {
        throw PgUnavailable("the connection is of no more use");
    }
    failure_ = nullptr;
    wanted_.clear();
    queue_sync();
    queue(rollback_statement);
    auto const serial = queue_sync();
    co_await wait(serial, Until::end, limit, "rollback");
    if (!settle()) throw PgUnavailable("the connection did not come to rest");
}

bool PgConnection::still_open() {
    // Reading once may give a farewell message, and only the next time the end of the stream.
    for (int i = 0; i < 4; ++i) {
        pollfd poll_for{.fd = PQsocket(conn_), .events = POLLIN, .revents = 0};
        if (::poll(&poll_for, 1, 0) == 0) return PQstatus(conn_) == CONNECTION_OK;
        if (PQconsumeInput(conn_) == 0) return false;
        if (PQisBusy(conn_) != 0 || PQstatus(conn_) != CONNECTION_OK) return false;
    }
    return false;
}

void PgConnection::abort() {
    lose("the pool was closed");
    socket_.cancel();
}

}  // namespace obscura::store
