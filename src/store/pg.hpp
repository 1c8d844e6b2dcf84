#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/ids.hpp"
#include "base/metrics.hpp"
#include "base/secret.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"
#include "ports/store_unavailable.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::store {

/// A named SQL text; the name is the prepared statement's and the metric's. Names are unique.
struct Statement {
    std::string_view name;
    std::string_view sql;
};

/// Text-format parameters in order ($1, $2, ...).
class Params {
public:
    Params& add(std::string_view text);
    Params& add(char const* text) { return add(std::string_view(text)); }
    Params& add(std::string const& text) { return add(std::string_view(text)); }
    Params& add(std::int64_t n);
    Params& add(int n) { return add(static_cast<std::int64_t>(n)); }
    Params& add(bool b);
    Params& add(base::Decimal d);
    Params& add(base::Uuid const& id);
    Params& add(base::Timestamp t);             ///< timestamptz, microseconds
    Params& add_bytes(std::string_view bytes);  ///< bytea
    Params& add_null();
    /// One array parameter (text[], uuid[], numeric[] ... by the cast in the SQL); nullopt = NULL.
    Params& add_array(std::vector<std::optional<std::string>> const& items);
    template <class Tag>
    Params& add(base::Amount<Tag> a) {
        return add(a.value);
    }
    template <class Tag>
    Params& add(base::Id<Tag> const& id) {
        return add(id.value);
    }
    template <class T>
    Params& add(std::optional<T> const& value) {
        return value ? add(*value) : add_null();
    }

    [[nodiscard]] std::vector<std::optional<std::string>> const& values() const { return values_; }

private:
    std::vector<std::optional<std::string>> values_;
};

/// One row of a result; columns by position. The typed readers throw std::runtime_error when the
/// column is NULL or of another form: the schema and the query disagree.
class Row {
public:
    Row(struct PgResultData const& data, int row) : data_(&data), row_(row) {}
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::string_view text(int column) const;  ///< valid while the result lives
    [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool boolean(int column) const;
    [[nodiscard]] base::Decimal decimal(int column) const;
    [[nodiscard]] base::Uuid uuid(int column) const;
    [[nodiscard]] base::Timestamp timestamp(int column) const;  ///< session time zone is UTC
    [[nodiscard]] std::string bytes(int column) const;
    /// A one-dimensional array of text without NULLs.
    [[nodiscard]] std::vector<std::string> text_array(int column) const;
    template <class Id>
    [[nodiscard]] Id id(int column) const {
        return Id{uuid(column)};
    }
    template <class A>
    [[nodiscard]] A amount(int column) const {
        return A{decimal(column)};
    }

private:
    struct PgResultData const* data_;
    int row_;
};

class PgResult {
public:
    explicit PgResult(std::shared_ptr<PgResultData> data) : data_(std::move(data)) {}
    [[nodiscard]] int size() const;
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] Row operator[](int row) const { return Row(*data_, row); }
    /// Rows changed by INSERT, UPDATE, DELETE.
    [[nodiscard]] std::int64_t affected() const;

private:
    std::shared_ptr<PgResultData> data_;
};

/// The server refused a statement. `sqlstate` tells why; `constraint` names it where there is one.
struct PgError : std::runtime_error {
    PgError(std::string what, std::string state, std::string constraint_name)
        : std::runtime_error(std::move(what)),
          sqlstate(std::move(state)),
          constraint(std::move(constraint_name)) {}
    std::string sqlstate;
    std::string constraint;
    [[nodiscard]] bool is_unique_violation() const { return sqlstate == "23505"; }
    [[nodiscard]] bool is_foreign_key_violation() const { return sqlstate == "23503"; }
    /// Serialization failure, deadlock: the same transaction may succeed when run again.
    [[nodiscard]] bool is_transient() const { return sqlstate == "40001" || sqlstate == "40P01"; }
};
/// The connection broke or a deadline passed. Whether a COMMIT under way took effect is unknown:
/// what follows must be harmless when it did.
struct PgUnavailable : ports::StoreUnavailable {
    using ports::StoreUnavailable::StoreUnavailable;
};

/// One transaction on one connection. Statements are pipelined: `send` does not wait.
class PgTransaction {
public:
    struct Impl;
    explicit PgTransaction(Impl& impl) : impl_(&impl) {}
    /// Sends and waits for the result. Throws PgError / PgUnavailable; the transaction is then
    /// lost.
    [[nodiscard]] net::Task<PgResult> run(Statement const& statement, Params params);
    /// Queues without waiting; its error comes out of the next `run` or of the commit.
    void send(Statement const& statement, Params params);
    /// Queues a statement whose result `answer` waits for: several asked before the first answer
    /// is awaited are one round trip. `run` is both.
    struct Asked {
        std::uint64_t serial;
    };
    [[nodiscard]] Asked ask(Statement const& statement, Params params);
    [[nodiscard]] net::Task<PgResult> answer(Asked asked);
    /// `run` for statements whose text is made at run time (migrations): not prepared.
    [[nodiscard]] net::Task<void> execute_script(std::string sql);

private:
    Impl* impl_;
};

struct PgConfig {
    std::string url;  ///< postgresql://user@host:port/db (password inside or by passfile)
    /// Of servers on other hosts, besides what the URL says (detail/pg_options.hpp): `ca_file` is
    /// whom their certificates must come from; a certificate and a key of ours where they ask.
    net::TlsClientConfig tls;
    std::size_t connections = 8;
    std::size_t max_waiting = 4096;  ///< beyond it PgUnavailable at once
    std::chrono::milliseconds acquire_timeout{10'000};
    std::chrono::milliseconds statement_timeout{10'000};  ///< client and server side
    std::chrono::milliseconds connect_timeout{5'000};
    /// The server ends a session that is silent for so long in the middle of a transaction: a
    /// process that stands still must not keep its locks.
    std::chrono::milliseconds idle_in_transaction{30'000};
    /// Statements are planned once a connection, always go by an index, and join row by row. For
    /// services whose statements name their rows by id: planning those anew costs more than running
    /// them, and a plan made while a table was small, or little of it open, must not read it whole
    /// when it has grown.
    bool fixed_plans = false;
};

/// Whose rows a transaction may touch; set with SET LOCAL app.tenant_id at its begin. `engine()` is
/// for the services whose database role spans tenants.
struct TenantScope {
    std::optional<base::Uuid> tenant;
    [[nodiscard]] static TenantScope of(base::Uuid const& id) { return {id}; }
    template <class Tag>
    [[nodiscard]] static TenantScope of(base::Id<Tag> const& id) {
        return {id.value};
    }
    [[nodiscard]] static TenantScope engine() { return {}; }
};

/// Connection pool over libpq's pipeline mode on the event loop. Statements are prepared once per
/// connection. Broken connections are replaced with backoff; callers see PgUnavailable meanwhile
/// only after `acquire_timeout`. Event-loop thread only.
class PgPool {
public:
    struct State;
    /// Throws std::invalid_argument for a URL that is none, and for a server on another host that
    /// would not be verified; std::runtime_error for an authority's file that cannot be read.
    PgPool(boost::asio::any_io_executor executor, PgConfig config, base::Metrics& metrics);
    ~PgPool();
    PgPool(PgPool const&) = delete;
    PgPool& operator=(PgPool const&) = delete;

    /// BEGIN, tenant, `body`, COMMIT; any exception rolls back and comes out. One transaction is
    /// one round trip more than the `run`s of its body.
    [[nodiscard]] net::Task<void> transaction(TenantScope scope,
                                              std::function<net::Task<void>(PgTransaction&)> body);
    /// One statement in its own transaction: a single round trip.
    [[nodiscard]] net::Task<PgResult> query(TenantScope scope, Statement const& statement,
                                            Params params);
    /// "" when the server answers within `timeout`, else what is wrong.
    [[nodiscard]] net::Task<std::string> ping(std::chrono::milliseconds timeout);
    void close();

private:
    std::shared_ptr<State> state_;
};

}  // namespace obscura::store
