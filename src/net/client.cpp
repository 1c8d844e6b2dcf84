#include "net/client.hpp"

#include "net/detail/client_exchange.hpp"
#include "net/detail/request_text.hpp"

namespace asio = boost::asio;

namespace obscura::net {

using detail::ConnectError;
using detail::ConnectionPool;
using Kind = TransportError::Kind;
using Answer = std::expected<Response, TransportError>;

struct HttpClient::State {
    std::shared_ptr<ConnectionPool> pool;
};

namespace {

std::unexpected<TransportError> failure(Kind kind, std::string detail, bool timed_out = false) {
    return std::unexpected(
        TransportError{.kind = kind, .timed_out = timed_out, .detail = std::move(detail)});
}

std::unexpected<TransportError> another_key() {
    return std::unexpected(TransportError{.kind = Kind::refused_by_policy,
                                          .other_key = true,
                                          .detail = "the peer has another TLS key"});
}

std::unexpected<TransportError> not_sent(ConnectError const& error) {
    auto const kind = error.refused ? Kind::refused_by_policy : Kind::not_sent;
    return failure(kind, error.detail, error.timed_out);
}

/// Writes and reads on the connection of `lease`. `stale` is set when the peer had closed the
/// connection before anything left us.
Task<Answer> exchange(ConnectionPool::Lease& lease, Request const& request, Url const& url,
                      detail::Deadline::Clock::time_point until, std::size_t limit, bool& stale) {
    auto& connection = *lease.connection();
    connection.deadline.arm(until);
    auto const sent = co_await detail::write_request(connection, request, url);
    if (sent.nothing_left) {
        stale = !connection.deadline.expired();
        co_return failure(Kind::not_sent, "write: " + sent.error.message(),
                          connection.deadline.expired());
    }
    // A peer that refuses a long body may answer and close before it has read all of it.
    bool reusable = false;
    auto response =
        co_await detail::read_response(connection, request.method == "HEAD", limit, reusable);
    auto const timed_out = connection.deadline.expired();
    if (!response) {
        auto const why = timed_out ? "no answer in time" : response.error();
        co_return failure(Kind::unknown_outcome, why, timed_out);
    }
    connection.deadline.disarm();
    if (reusable && !sent.error && !timed_out) lease.keep();
    co_return std::move(*response);
}

/// A null key is nobody's: where one is expected, a plain connection is another's.
bool is_other(detail::PooledConnection const& connection, PeerKey const& expected) {
    return expected && (!connection.peer_key || *connection.peer_key != *expected);
}

Task<Answer> fetch_from(std::shared_ptr<ConnectionPool> pool, std::string origin, Request request,
                        std::chrono::milliseconds deadline, PeerKey expected) {
    auto const until = detail::Deadline::Clock::now() +
                       std::min<std::chrono::milliseconds>(deadline, std::chrono::hours(24));
    detail::Wiped const wiped(request.body);
    if (!detail::is_well_formed(request)) {
        co_return failure(Kind::refused_by_policy, "the request is not well-formed HTTP");
    }
    auto lease = co_await ConnectionPool::acquire(pool, origin, until);
    if (!lease) co_return not_sent(lease.error());
    auto const url = *parse_url(origin);
    auto const limit = pool->config().max_response_bytes;
    auto reused = lease->connection() != nullptr && !is_other(*lease->connection(), expected);
    while (true) {
        if (!reused) {
            auto const opened = co_await lease->reconnect(until);
            if (!opened) co_return not_sent(opened.error());
        }
        if (is_other(*lease->connection(), expected)) co_return another_key();
        bool stale = false;
        auto answer = co_await exchange(*lease, request, url, until, limit, stale);
        if (!stale || !reused) co_return answer;
        reused = false;  // once more, on a connection that nobody has had time to close
    }
}

}  // namespace

HttpClient::HttpClient(asio::any_io_executor executor, ClientConfig config,
                       base::Clock const& clock)
    : state_(std::make_shared<State>(
          State{std::make_shared<ConnectionPool>(std::move(executor), std::move(config), clock)})) {
}

HttpClient::~HttpClient() { close(); }

Task<Answer> HttpClient::fetch(std::string origin, Request request,
                               std::chrono::milliseconds deadline, PeerKey expected) {
    return fetch_from(state_->pool, std::move(origin), std::move(request), deadline,
                      std::move(expected));
}

Task<void> HttpClient::warm(std::string origin, std::size_t count) {
    return ConnectionPool::warm(state_->pool, std::move(origin), count);
}

void HttpClient::close() { state_->pool->close(); }

}  // namespace obscura::net
