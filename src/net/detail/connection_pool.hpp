#pragma once

#include "net/client.hpp"
#include "net/detail/connect.hpp"
#include "net/detail/http_io.hpp"
#include "net/runtime.hpp"

#include <expected>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace obscura::net::detail {

/// One client connection. Its deadline closes the socket.
struct PooledConnection {
    explicit PooledConnection(Stream s);

    Stream stream;
    Buffer buffer;
    Deadline deadline;
    unsigned exchanges = 0;  ///< answers read so far
    PeerKey peer_key;

    /// False when the peer has closed it or has sent what nobody asked for.
    [[nodiscard]] bool is_fresh();
};

/// The connections of a client, by origin. A slot is the right to have one connection; slots and
/// idle connections go to waiters first come, first served. Event-loop thread only.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
public:
    using Shared = std::shared_ptr<ConnectionPool>;

    ConnectionPool(boost::asio::any_io_executor executor, ClientConfig config,
                   base::Clock const& clock);

    struct Waiter;
    struct Origin {
        Url url;
        std::size_t slots_taken = 0;
        std::vector<std::unique_ptr<PooledConnection>> idle;  ///< most recently used last
        std::list<Waiter*> waiters;
        Endpoints endpoints;  ///< resolved, valid until
        base::Instant endpoints_until{};
    };

    /// A slot with its connection. Destruction closes the connection and frees the slot; that is
    /// what a cancelled coroutine does.
    class Lease {
    public:
        Lease(Shared pool, Origin& origin, std::unique_ptr<PooledConnection> connection)
            : pool_(std::move(pool)), origin_(&origin), connection_(std::move(connection)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();

        [[nodiscard]] PooledConnection* connection() { return connection_.get(); }
        /// Replaces what the slot holds by a new connection.
        [[nodiscard]] Task<std::expected<void, ConnectError>> reconnect(
            Deadline::Clock::time_point until);
        /// Keeps the slot alone when the peer has closed the connection.
        void drop_stale();
        /// Gives the connection back for the next request.
        void keep();

    private:
        Shared pool_;
        Origin* origin_;
        std::unique_ptr<PooledConnection> connection_;
    };

    /// A slot, with an idle connection where there is one. Errors: closed, egress, too many waiters
    /// (`refused`), or the deadline passed in the queue.
    [[nodiscard]] static Task<std::expected<Lease, ConnectError>> acquire(
        Shared self, std::string origin, Deadline::Clock::time_point until);
    [[nodiscard]] static Task<void> warm(Shared self, std::string origin, std::size_t count);
    void close();
    [[nodiscard]] ClientConfig const& config() const { return config_; }

private:
    [[nodiscard]] std::expected<Origin*, ConnectError> find(std::string const& origin);
    [[nodiscard]] std::unique_ptr<PooledConnection> take_idle(Origin& origin);
    void give_back(Origin& origin, std::unique_ptr<PooledConnection> connection);
    [[nodiscard]] static Task<std::expected<std::unique_ptr<PooledConnection>, ConnectError>> open(
        Shared self, Origin& origin, Deadline::Clock::time_point until);
    [[nodiscard]] static Task<void> open_ahead(Shared self, Origin& origin);

    boost::asio::any_io_executor executor_;
    ClientConfig config_;
    base::Clock const& clock_;
    EgressList egress_;
    std::optional<boost::asio::ssl::context> tls_;  ///< made when first needed
    std::unordered_map<std::string, Origin> origins_;
    bool closed_ = false;
};

}  // namespace obscura::net::detail
