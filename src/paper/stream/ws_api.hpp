#pragma once

#include "net/router.hpp"
#include "net/websocket.hpp"
#include "paper/rest/gate.hpp"
#include "paper/stream/connection.hpp"
#include "paper/stream/private_streams.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

namespace obscura::paper {

/// The WebSocket API at /ws-api/v3: {id, method, params} in, {id, status, result | error,
/// rateLimits} out, private events pushed to those who subscribed. Event-loop thread only; outlives
/// its server.
class WsApi {
public:
    /// `endpoints` must outlive it. `idle`: a peer that is silent for longer is gone.
    WsApi(Exchange& exchange, Gate& gate, PrivateStreams& streams, Connections& connections,
          net::Scope& scope, std::span<Endpoint const> endpoints, std::chrono::milliseconds idle);

    [[nodiscard]] net::SocketRoute route();

private:
    /// One socket's session; shared with requests that a fault delays.
    struct Session {
        std::shared_ptr<Connection> connection;
        std::string address;
        AccountId logged_in{};  ///< 0: nobody
        std::string api_key;    ///< of whoever is logged in
        base::Timestamp logged_in_at{};
        base::Timestamp opened_at{};
        std::map<std::int64_t, AccountId> subscriptions;
        std::int64_t next_subscription = 0;
        bool ended = false;  ///< the socket is gone; a delayed request may still be under way
    };
    using SessionPtr = std::shared_ptr<Session>;
    struct Incoming {
        std::string id_json = "null";
        std::string method;
        Params params;
        bool wants_limits = true;  ///< "returnRateLimits"
    };
    using Method = Outcome<std::string> (WsApi::*)(Session&, Incoming const&);

    [[nodiscard]] static net::Task<void> serve(WsApi& api, net::Request& request,
                                               net::WebSocket& socket);
    [[nodiscard]] static net::Task<void> run_later(WsApi& api, SessionPtr session, Incoming in,
                                                   RequestFaults faults);
    void receive(SessionPtr const& session, std::string_view text);
    void execute(Session& session, Incoming const& in, RequestFaults const& faults);
    [[nodiscard]] Outcome<Gate::Answer> perform(Session& session, Incoming const& in,
                                                std::optional<base::Decimal> fill_share);
    void reply(Session& session, Incoming const& in, Outcome<Gate::Answer> const& answer);

    [[nodiscard]] Outcome<std::string> log_on(Session& session, Incoming const& in);
    [[nodiscard]] Outcome<std::string> log_out(Session& session, Incoming const& in);
    [[nodiscard]] Outcome<std::string> session_status(Session& session, Incoming const& in);
    [[nodiscard]] Outcome<std::string> subscribe(Session& session, Incoming const& in);
    [[nodiscard]] Outcome<std::string> subscribe_signed(Session& session, Incoming const& in);
    [[nodiscard]] Outcome<std::string> unsubscribe(Session& session, Incoming const& in);
    [[nodiscard]] Outcome<std::string> add_subscription(Session& session, AccountId account);
    [[nodiscard]] Outcome<Key const*> authenticate(Params const& params) const;
    [[nodiscard]] std::string status_json(Session const& session) const;

    Exchange& exchange_;
    Gate& gate_;
    PrivateStreams& streams_;
    Connections& connections_;
    net::Scope& scope_;
    std::chrono::milliseconds idle_;
    std::unordered_map<std::string_view, Endpoint const*> endpoints_;
    std::unordered_map<std::string_view, Method> methods_;
};

}  // namespace obscura::paper
