#pragma once

#include "net/router.hpp"
#include "net/websocket.hpp"
#include "paper/exchange.hpp"
#include "paper/stream/connection.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::paper {

/// Public market streams at /ws, /ws/<stream>[/<stream>...] and /stream?streams=<a>/<b>: SUBSCRIBE,
/// UNSUBSCRIBE and LIST_SUBSCRIPTIONS, and @trade, @miniTicker, @ticker, @bookTicker, @depth,
/// @depth5/10/20 (with or without @100ms), !miniTicker@arr, !ticker@arr. Names that exist nowhere
/// are taken and stay silent, as on the venue. Event-loop thread only; outlives its server.
class MarketStreams {
public:
    static constexpr std::size_t max_streams = 1024;  ///< per connection

    MarketStreams(Exchange const& exchange, Connections& connections,
                  std::chrono::milliseconds idle);

    [[nodiscard]] std::vector<net::SocketRoute> routes();
    void publish(PublicTrade const& trade);
    void publish(MarketMoved const& event);

private:
    struct Session {
        std::shared_ptr<Connection> connection;
        bool combined = false;  ///< payloads are wrapped in {"stream": ..., "data": ...}
        std::set<std::string, std::less<>> streams;
    };
    using SessionPtr = std::shared_ptr<Session>;

    [[nodiscard]] static net::Task<void> serve(MarketStreams& streams, net::Request& request,
                                               net::WebSocket& socket, bool combined);
    void receive(SessionPtr const& session, std::string_view text);
    /// False when the connection would have too many.
    [[nodiscard]] bool subscribe(SessionPtr const& session, std::string const& name);
    void unsubscribe(SessionPtr const& session, std::string const& name);
    /// Renders and sends when somebody listens.
    void send(std::string const& name, std::function<std::string()> const& render);

    Exchange const& exchange_;
    Connections& connections_;
    std::chrono::milliseconds idle_;
    std::map<std::string, std::set<SessionPtr>, std::less<>> listeners_;
    std::vector<std::string> lower_names_;  ///< by SymbolId
    std::vector<Book> shown_books_;         ///< what @depth has told so far
};

}  // namespace obscura::paper
