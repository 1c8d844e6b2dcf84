#pragma once

#include "base/clock.hpp"
#include "store/detail/pg_metrics.hpp"
#include "store/detail/pg_options.hpp"
#include "store/detail/pg_result.hpp"
#include "store/pg.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <exception>
#include <map>

namespace obscura::store {

/// One libpq connection in pipeline mode. One coroutine at a time uses it: statements are queued,
/// then it waits. The first failure of a pipeline stays until `reset`, since the server skips
/// everything behind it. Event-loop thread only.
class PgConnection {
public:
    using Serial = std::uint64_t;  ///< position of a queued item; rises by one
    using Duration = std::chrono::milliseconds;

    PgConnection(boost::asio::any_io_executor executor, PgConfig const& config,
                 PgOptions const& options, PgMetrics& metrics);
    ~PgConnection();
    PgConnection(PgConnection const&) = delete;
    PgConnection& operator=(PgConnection const&) = delete;

    /// Connects and sets the session up; PgUnavailable. Host names are resolved by libpq, which
    /// blocks: production URLs name addresses, sockets or names of /etc/hosts.
    [[nodiscard]] net::Task<void> open();

    /// Queues, preparing the statement on its first use here. Nothing is queued after a failure.
    Serial queue(Statement const& statement, Params const& params = {});
    /// The same for a statement whose result is asked for later.
    Serial queue_wanted(Statement const& statement, Params const& params);
    void queue_begin(TenantScope const& scope);
    Serial queue_commit();
    Serial queue_sync();

    /// Sends what is queued and waits for one wanted result; throws the first failure of the
    /// pipeline.
    [[nodiscard]] net::Task<PgResult> result_of(Serial serial, Duration limit);
    /// Sends COMMIT and waits until it is done.
    [[nodiscard]] net::Task<void> commit(Duration limit);
    /// One statement, alone or in a tenant's transaction, in one round trip.
    [[nodiscard]] net::Task<PgResult> once(TenantScope const& scope, Statement const& statement,
                                           Params const& params, Duration limit);
    /// Statements separated by semicolons, within the transaction under way.
    [[nodiscard]] net::Task<void> script(std::string const& sql, Duration limit);

    /// Ready for the next user: nothing under way, no transaction. Forgets a settled failure.
    [[nodiscard]] bool settle();
    /// Drains and rolls back until `settle` holds; throws when that fails.
    [[nodiscard]] net::Task<void> reset(Duration limit);
    /// Whether the server closed it while it was idle: one system call.
    [[nodiscard]] bool still_open();
    /// Ends the wait under way with PgUnavailable.
    void abort();

private:
    enum class Kind { prepare, execute, commit, sync, script };
    enum class Until { result_or_failure, end };
    struct Item {
        Kind kind;
        PgMetrics::Series const* series;
        base::Instant queued_at;
        bool ended_once = false;  ///< a sync whose implicit commit failed gives one NULL more
    };
    class Deadline;

    [[nodiscard]] PgResult take_result(Serial serial);
    void push(Kind kind, PgMetrics::Series const& series);
    Serial queue(Statement const& statement, Params const& params, Kind kind);
    bool prepare(Statement const& statement, PgMetrics::Series const& series);
    [[nodiscard]] net::Task<void> wait(Serial serial, Until until, Duration limit,
                                       std::string_view what);
    [[nodiscard]] net::Task<void> wait_for_socket(bool read, bool write);
    [[nodiscard]] net::Task<void> connect();
    void watch_socket();
    [[nodiscard]] bool has_unread() const;
    void read_results();
    void take(std::shared_ptr<PgResultData> data);
    void end_of_results();
    void pop();
    void fail(PGresult const* result);
    void lose(std::string const& why);

    boost::asio::posix::stream_descriptor socket_;  ///< a duplicate: libpq closes its own
    boost::asio::steady_timer timer_;
    PgConfig const& config_;
    PgOptions const& options_;
    PgMetrics& metrics_;
    PGconn* conn_ = nullptr;
    std::map<std::string, std::string, std::less<>> prepared_;  ///< name -> SQL
    std::deque<Item> items_;                                    ///< under way, oldest first
    Serial queued_ = 0;
    Serial completed_ = 0;
    /// The wanted results: empty until they come, gone once they are taken.
    std::map<Serial, std::shared_ptr<PgResultData>> wanted_;
    std::exception_ptr failure_;
    bool at_rest_ = true;  ///< nothing ended since the server told the transaction's state
    bool broken_ = false;
    bool stale_ = false;  ///< its prepared statements no longer fit the schema
    bool timed_out_ = false;
    std::uint64_t deadline_ = 0;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// The server's message without what may be a parameter's value.
[[nodiscard]] std::string safe_message(std::string_view sqlstate, std::string_view message);

}  // namespace obscura::store
