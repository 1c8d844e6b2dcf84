#pragma once

#include "net/router.hpp"
#include "net/websocket.hpp"
#include "paper/exchange.hpp"
#include "paper/stream/connection.hpp"
#include "paper/stream/private_streams.hpp"

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
/// @depth5/10/20 (with or without @100ms), !miniTicker@arr, !ticker@arr. The futures market's are
/// the same under /market, /public and /private: @markPrice (with or without @1s), @miniTicker,
/// @bookTicker, !markPrice@arr, !miniTicker@arr. A listen key is a stream too, everywhere, and
/// /private/ws?listenKey=<key> is another way to it. Names that exist nowhere are taken and stay
/// silent, as on the venue. Event-loop thread only; outlives its server.
class MarketStreams {
public:
    static constexpr std::size_t max_streams = 1024;  ///< per connection

    /// `futures_private`: where listen keys lead.
    MarketStreams(Exchange const& exchange, PrivateStreams& futures_private,
                  Connections& connections, std::chrono::milliseconds idle);

    [[nodiscard]] std::vector<net::SocketRoute> routes();
    void publish(PublicTrade const& trade);
    void publish(MarketMoved const& event);

private:
    struct Session {
        std::shared_ptr<Connection> connection;
        Market market = Market::spot;
        bool combined = false;  ///< payloads are wrapped in {"stream": ..., "data": ...}
        std::set<std::string, std::less<>> streams;
        std::set<AccountId> accounts;  ///< those whose private events it hears
    };
    using SessionPtr = std::shared_ptr<Session>;

    [[nodiscard]] static net::Task<void> serve(MarketStreams& streams, net::Request& request,
                                               net::WebSocket& socket, Market market,
                                               bool combined);
    void receive(SessionPtr const& session, std::string_view text);
    /// False when the connection would have too many.
    [[nodiscard]] bool subscribe(SessionPtr const& session, std::string const& name);
    void unsubscribe(SessionPtr const& session, std::string const& name);
    /// Joins the private stream when `name` is a listen key.
    void listen(SessionPtr const& session, std::string const& name);
    void leave(SessionPtr const& session, AccountId account);
    /// Renders and sends when somebody listens.
    void send(Market market, std::string const& name, std::function<std::string()> const& render);
    void publish_futures(SymbolId symbol, base::Timestamp now);

    using Listeners = std::map<std::string, std::set<SessionPtr>, std::less<>>;
    [[nodiscard]] Listeners& listeners(Market market) {
        return market == Market::spot ? spot_listeners_ : futures_listeners_;
    }

    Exchange const& exchange_;
    PrivateStreams& futures_private_;
    Connections& connections_;
    std::chrono::milliseconds idle_;
    Listeners spot_listeners_;
    Listeners futures_listeners_;
    std::vector<std::string> lower_names_;  ///< by SymbolId
    std::vector<Book> shown_books_;         ///< what @depth has told so far
};

}  // namespace obscura::paper
