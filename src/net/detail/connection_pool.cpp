#include "net/detail/connection_pool.hpp"

#include <boost/asio/steady_timer.hpp>

#include <poll.h>

namespace asio = boost::asio;

namespace obscura::net::detail {

namespace {

constexpr auto warm_limit = std::chrono::seconds(10);
constexpr auto names_valid_for = std::chrono::seconds(30);

std::unexpected<ConnectError> refused(std::string why) {
    return std::unexpected(ConnectError{.refused = true, .detail = std::move(why)});
}

}  // namespace

PooledConnection::PooledConnection(Stream s)
    : stream(std::move(s)),
      deadline(stream.get_executor(), [this] { stream.close(); }),
      peer_key(stream.tls() ? peer_key_of(*stream.tls()) : nullptr) {}

bool PooledConnection::is_fresh() {
    if (!stream.socket().is_open() || buffer.size() > 0) return false;
    pollfd state{.fd = stream.socket().native_handle(), .events = POLLIN | POLLRDHUP, .revents = 0};
    if (::poll(&state, 1, 0) < 0) return false;
    if (state.revents & ~POLLIN) return false;  // closed by the peer, or broken
    // After a TLS handshake the server's session tickets wait to be read with the first answer.
    return state.revents == 0 || (stream.tls() && exchanges == 0);
}

/// Stands in the queue; lives in the frame of `acquire`.
struct ConnectionPool::Waiter {
    asio::steady_timer timer;
    bool granted = false;  ///< a slot, perhaps with a connection
    bool taken = false;    ///< the grant is in a lease
    std::unique_ptr<PooledConnection> connection;
};

ConnectionPool::Lease::~Lease() {
    if (pool_) pool_->give_back(*origin_, nullptr);
}

void ConnectionPool::Lease::drop_stale() {
    if (connection_ && !connection_->is_fresh()) connection_.reset();
}

void ConnectionPool::Lease::keep() {
    auto const pool = std::move(pool_);
    pool->give_back(*origin_, std::move(connection_));
}

Task<std::expected<void, ConnectError>> ConnectionPool::Lease::reconnect(
    Deadline::Clock::time_point until) {
    connection_.reset();
    auto opened = co_await open(pool_, *origin_, until);
    if (!opened) co_return std::unexpected(std::move(opened.error()));
    connection_ = std::move(*opened);
    co_return std::expected<void, ConnectError>();
}

ConnectionPool::ConnectionPool(asio::any_io_executor executor, ClientConfig config,
                               base::Clock const& clock)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      clock_(clock),
      egress_(config_.allowed_origins) {
    // A file that cannot be read stops the start, not the first request.
    auto const& tls = config_.tls;
    if (!tls.ca_file.empty() || !tls.certificate_file.empty()) tls_ = make_client_context(tls);
}

std::expected<ConnectionPool::Origin*, ConnectError> ConnectionPool::find(
    std::string const& origin) {
    if (closed_) return refused("the client is closed");
    auto const known = origins_.find(origin);
    if (known != origins_.end()) return &known->second;
    auto const url = parse_url(origin);
    if (!url || url->target != "/" || !url->scheme.starts_with("http")) {
        return refused("not an http(s) origin: " + origin);
    }
    if (!egress_.allows(*url)) {
        return refused(url->origin() + " is not on the list of allowed origins");
    }
    auto& made = origins_[origin];
    made.url = *url;
    return &made;
}

std::unique_ptr<PooledConnection> ConnectionPool::take_idle(Origin& origin) {
    while (!origin.idle.empty()) {
        auto connection = std::move(origin.idle.back());
        origin.idle.pop_back();
        connection->deadline.disarm();
        if (connection->is_fresh()) return connection;
        --origin.slots_taken;
    }
    return nullptr;
}

Task<std::expected<ConnectionPool::Lease, ConnectError>> ConnectionPool::acquire(
    Shared self, std::string name, Deadline::Clock::time_point until) {
    auto const found = self->find(name);
    if (!found) co_return std::unexpected(found.error());
    auto& origin = **found;
    if (auto idle = self->take_idle(origin)) co_return Lease(self, origin, std::move(idle));
    if (origin.slots_taken < self->config_.max_connections_per_origin) {
        ++origin.slots_taken;
        co_return Lease(self, origin, nullptr);
    }
    if (origin.waiters.size() >= self->config_.max_waiting_per_origin) {
        co_return refused("too many requests wait for " + name);
    }

    Waiter waiter{.timer = asio::steady_timer(self->executor_, until)};
    struct InQueue {
        ConnectionPool& pool;
        Origin& origin;
        Waiter& waiter;
        std::list<Waiter*>::iterator place;
        ~InQueue() {
            // A grant that came together with a cancellation or the deadline goes on.
            if (!waiter.granted)
                origin.waiters.erase(place);
            else if (!waiter.taken)
                pool.give_back(origin, std::move(waiter.connection));
        }
    };
    auto const place = origin.waiters.insert(origin.waiters.end(), &waiter);
    InQueue const queued{*self, origin, waiter, place};
    co_await waiter.timer.async_wait(quietly);
    if (self->closed_) co_return refused("the client is closed");
    if (!waiter.granted) {
        auto const late = Deadline::Clock::now() >= until;  // or cancelled
        auto const* const why = late ? "no connection became free in time" : "cancelled";
        co_return std::unexpected(ConnectError{.timed_out = late, .detail = why});
    }
    waiter.taken = true;
    Lease lease(self, origin, std::move(waiter.connection));
    lease.drop_stale();
    co_return lease;
}

/// Frees or fills a slot that the caller holds.
void ConnectionPool::give_back(Origin& origin, std::unique_ptr<PooledConnection> connection) {
    if (closed_) connection.reset();
    if (!origin.waiters.empty()) {
        auto* const next = origin.waiters.front();
        origin.waiters.pop_front();
        next->granted = true;
        next->connection = std::move(connection);
        next->timer.cancel();
        return;
    }
    if (!connection) {
        --origin.slots_taken;
        return;
    }
    connection->deadline.arm_after(config_.idle_timeout);
    origin.idle.push_back(std::move(connection));
}

Task<std::expected<std::unique_ptr<PooledConnection>, ConnectError>> ConnectionPool::open(
    Shared self, Origin& origin, Deadline::Clock::time_point until) {
    if (origin.url.is_tls() && !self->tls_) self->tls_ = make_client_context(self->config_.tls);
    if (origin.endpoints.empty() || self->clock_.steady() >= origin.endpoints_until) {
        auto resolved = co_await resolve(self->executor_, origin.url, until);
        if (!resolved) co_return std::unexpected(std::move(resolved.error()));
        origin.endpoints = std::move(*resolved);
        origin.endpoints_until = self->clock_.steady() + names_valid_for;
    }
    TlsUse tls;
    if (origin.url.is_tls()) tls = {&*self->tls_, identity_at(self->config_.tls, origin.url)};
    auto stream =
        co_await connect_to(self->executor_, origin.url, origin.endpoints, std::move(tls), until);
    if (!stream) {
        origin.endpoints.clear();  // the name may have moved
        co_return std::unexpected(std::move(stream.error()));
    }
    co_return std::make_unique<PooledConnection>(std::move(*stream));
}

Task<void> ConnectionPool::open_ahead(Shared self, Origin& origin) {
    Lease lease(self, origin, nullptr);
    auto const opened = co_await lease.reconnect(Deadline::Clock::now() + warm_limit);
    if (opened) lease.keep();
}

Task<void> ConnectionPool::warm(Shared self, std::string name, std::size_t count) {
    auto const found = self->find(name);
    if (!found) co_return;
    auto& origin = **found;
    Scope opening(self->executor_);
    auto const most = self->config_.max_connections_per_origin;
    for (auto have = origin.idle.size(); have < count && origin.slots_taken < most; ++have) {
        ++origin.slots_taken;
        opening.spawn("client.warm", open_ahead(self, origin));
    }
    co_await opening.join();
}

void ConnectionPool::close() {
    closed_ = true;
    for (auto& [name, origin] : origins_) {
        origin.slots_taken -= origin.idle.size();
        origin.idle.clear();
        for (auto* const waiter : origin.waiters) waiter->timer.cancel();
    }
}

}  // namespace obscura::net::detail
