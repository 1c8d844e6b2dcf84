#include "net/session.hpp"

#include "net/detail/client_exchange.hpp"
#include "net/detail/request_text.hpp"

#include <optional>

namespace obscura::net {
namespace {

using detail::PooledConnection;
using Why = TransportError::Kind;

std::unexpected<TransportError> ended(Why kind, std::string why, bool timed_out = false) {
    return std::unexpected(
        TransportError{.kind = kind, .timed_out = timed_out, .detail = std::move(why)});
}

}  // namespace

struct HttpSession::State {
    Url url;
    std::size_t limit = 0;
    std::optional<boost::asio::ssl::context> tls;
    std::unique_ptr<PooledConnection> connection;  ///< null once it has ended
    PeerKey peer_key;
};

HttpSession::HttpSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpSession::~HttpSession() = default;

PeerKey const& HttpSession::peer_key() const { return state_->peer_key; }

Task<std::expected<std::unique_ptr<HttpSession>, TransportError>> HttpSession::open(
    boost::asio::any_io_executor executor, ClientConfig config, std::string origin,
    std::chrono::milliseconds deadline) {
    auto const url = parse_url(origin);
    detail::EgressList const allowed(config.allowed_origins);
    if (!url || url->target != "/" || !url->scheme.starts_with("http") || !allowed.allows(*url))
        co_return ended(Why::refused_by_policy, "not an origin that is allowed: " + origin);
    auto state = std::make_unique<State>();
    state->url = *url;
    state->limit = config.max_response_bytes;
    if (url->is_tls()) state->tls.emplace(detail::make_client_context(config.tls));
    detail::TlsUse tls;
    if (state->tls) tls = {&*state->tls, detail::identity_at(config.tls, *url)};
    auto opened = co_await detail::connect(executor, *url, std::move(tls),
                                           detail::Deadline::Clock::now() + deadline);
    if (!opened) {
        auto const kind = opened.error().refused ? Why::refused_by_policy : Why::not_sent;
        co_return ended(kind, opened.error().detail, opened.error().timed_out);
    }
    state->connection = std::make_unique<PooledConnection>(std::move(*opened));
    state->peer_key = state->connection->peer_key;
    co_return std::unique_ptr<HttpSession>(new HttpSession(std::move(state)));
}

Task<std::expected<Response, TransportError>> HttpSession::fetch(
    Request request, std::chrono::milliseconds deadline) {
    detail::Wiped const wiped(request.body);
    if (!detail::is_well_formed(request))
        co_return ended(Why::refused_by_policy, "the request is not well-formed HTTP");
    // Whatever goes wrong from here on, there is no second request on this connection.
    auto connection = std::move(state_->connection);
    if (!connection || !connection->is_fresh())
        co_return ended(Why::not_sent, "the connection has ended");
    connection->deadline.arm_after(deadline);
    auto const sent = co_await detail::write_request(*connection, request, state_->url);
    if (sent.nothing_left)
        co_return ended(Why::not_sent, sent.error.message(), connection->deadline.expired());
    bool reusable = false;
    auto response = co_await detail::read_response(*connection, request.method == "HEAD",
                                                   state_->limit, reusable);
    bool const timed_out = connection->deadline.expired();
    if (!response)
        co_return ended(Why::unknown_outcome, timed_out ? "no answer in time" : response.error(),
                        timed_out);
    connection->deadline.disarm();
    if (reusable && !sent.error && !timed_out) state_->connection = std::move(connection);
    co_return std::move(*response);
}

}  // namespace obscura::net
