#include "paper/stream/ws_api.hpp"

#include "paper/protocol/json_text.hpp"
#include "paper/protocol/render_exchange.hpp"

#include <utility>

namespace obscura::paper {
namespace {

constexpr std::string_view base_path = "/ws-api/v3";
constexpr std::string_view ws_method = "WS";
/// Logging in, subscribing and the like.
constexpr std::uint64_t session_weight = 2;

/// An id as it came: a string, an integer or null.
Outcome<std::string> read_id(base::Json const& message) {
    constexpr std::size_t max_length = 36;
    auto const* id = message.find("id");
    if (id == nullptr || id->is_null()) return "null";
    bool const fits =
        id->is_string() ? id->as_string().size() <= max_length : id->to_int64().has_value();
    if (!fits) return refuse(-1100, "Illegal characters found in parameter 'id'.");
    return id->dump();
}

void add_limit(JsonText& json, char const* type, char const* interval, int count,
               std::uint64_t limit, std::uint64_t used) {
    json.begin_object()
        .text("rateLimitType", type)
        .text("interval", interval)
        .number("intervalNum", count)
        .number("limit", static_cast<std::int64_t>(limit))
        .number("count", static_cast<std::int64_t>(used))
        .end_object();
}

}  // namespace

WsApi::WsApi(Exchange& exchange, Gate& gate, PrivateStreams& streams, Connections& connections,
             net::Scope& scope, std::span<Endpoint const> endpoints, std::chrono::milliseconds idle)
    : exchange_(exchange),
      gate_(gate),
      streams_(streams),
      connections_(connections),
      scope_(scope),
      idle_(idle),
      methods_{{"session.logon", &WsApi::log_on},
               {"session.logout", &WsApi::log_out},
               {"session.status", &WsApi::session_status},
               {"userDataStream.subscribe", &WsApi::subscribe},
               {"userDataStream.subscribe.signature", &WsApi::subscribe_signed},
               {"userDataStream.unsubscribe", &WsApi::unsubscribe}} {
    for (auto const& endpoint : endpoints) {
        if (!endpoint.websocket_method.empty())
            endpoints_.emplace(endpoint.websocket_method, &endpoint);
    }
}

net::SocketRoute WsApi::route() {
    return {.pattern = std::string(base_path),
            .handler = [this](net::Request& request, net::WebSocket& socket) {
                return serve(*this, request, socket);
            }};
}

net::Task<void> WsApi::serve(WsApi& api, net::Request& request, net::WebSocket& socket) {
    auto const session = std::make_shared<Session>();
    session->connection = std::make_shared<Connection>(socket);
    session->address = request.remote_address;
    session->opened_at = api.exchange_.now();
    // However the socket ends, nobody may reach for it any more.
    struct Leave {
        WsApi& api;
        SessionPtr session;
        ~Leave() {
            session->ended = true;
            for (auto const& [id, account] : session->subscriptions) {
                api.streams_.unsubscribe(account, *session->connection, id);
            }
            api.connections_.remove(session->connection);
        }
    } const leave{api, session};
    api.connections_.add(session->connection);
    while (true) {
        auto const message = co_await socket.receive(api.idle_);
        if (!message) co_return;
        api.receive(session, *message);
    }
}

void WsApi::receive(SessionPtr const& session, std::string_view text) {
    Incoming in;
    auto const message = base::parse_json(text, {.max_depth = 8, .max_members = 200});
    auto const verdict = [&]() -> Outcome<void> {
        if (!message || !message->is_object())
            return refuse(-1000, "The request is not a JSON object.");
        auto const id = read_id(*message);
        if (!id) return std::unexpected(id.error());
        in.id_json = *id;
        in.method = (*message)["method"].is_string() ? (*message)["method"].as_string() : "";
        auto params = Params::from_json((*message)["params"]);
        if (!params) return std::unexpected(params.error());
        in.params = std::move(*params);
        in.wants_limits = in.params.extract("returnRateLimits").value_or("true") != "false";
        return {};
    }();
    auto const endpoint = endpoints_.find(in.method);
    auto const weight = verdict && endpoint != endpoints_.end()
                            ? endpoint->second->weight(in.params)
                            : session_weight;
    auto const charged = gate_.charge(session->address, weight);
    if (charged.kind != RateLimits::WeightVerdict::Kind::ok) {
        auto const error = weight_error(charged, exchange_.limits().settings());
        reply(*session, in, std::unexpected(error));
        return;
    }
    if (!verdict) {
        reply(*session, in, std::unexpected(verdict.error()));
        return;
    }
    auto const given_key = in.params.find("apiKey");
    auto const api_key = given_key ? *given_key : std::string_view(session->api_key);
    auto const faults =
        gate_.meet(std::string(base_path) + "/" + in.method, ws_method, in.params, api_key);
    if (faults.latency.count() == 0) {
        execute(*session, in, faults);
    } else {
        scope_.spawn("paper.delayed_call", run_later(*this, session, std::move(in), faults));
    }
}

net::Task<void> WsApi::run_later(WsApi& api, SessionPtr session, Incoming in,
                                 RequestFaults faults) {
    co_await net::sleep_for(faults.latency);
    if (!api.scope_.stopping()) api.execute(*session, in, faults);
}

void WsApi::execute(Session& session, Incoming const& in, RequestFaults const& faults) {
    if (faults.drop_before) {
        session.connection->abort();
        return;
    }
    if (faults.fail && !faults.fail_after) {
        reply(session, in, std::unexpected(service_unavailable()));
        return;
    }
    auto const before = session.next_subscription;
    auto const answer = perform(session, in, faults.fill_share);
    // Messages have no middle to break off in.
    if (faults.drop_after || faults.reset_mid_body) {
        session.connection->abort();
    } else if (faults.fail_after) {
        reply(session, in, std::unexpected(backend_timeout()));
    } else {
        reply(session, in, answer);
    }
    if (session.next_subscription == before) return;
    auto const added = session.subscriptions.rbegin();
    streams_.mute_matching(added->second, *session.connection);
}

Outcome<Gate::Answer> WsApi::perform(Session& session, Incoming const& in,
                                     std::optional<base::Decimal> fill_share) {
    if (auto const own = methods_.find(in.method); own != methods_.end()) {
        auto result = (this->*own->second)(session, in);
        if (!result) return std::unexpected(result.error());
        return Gate::Answer{std::move(*result), std::nullopt};
    }
    auto const endpoint = endpoints_.find(in.method);
    if (endpoint == endpoints_.end())
        return refuse(-1000, "Unknown method: " + in.method.substr(0, 64));
    // A key that comes with the request counts before the one that logged in.
    auto const api_key = in.params.find("apiKey");
    auto const* logged_in = api_key ? nullptr : exchange_.state().find_account(session.logged_in);
    return gate_.perform(*endpoint->second, in.params, api_key, logged_in, fill_share);
}

void WsApi::reply(Session& session, Incoming const& in, Outcome<Gate::Answer> const& answer) {
    auto const& limits = exchange_.limits().settings();
    JsonText json(1024);
    json.begin_object().raw("id", in.id_json);
    if (answer) {
        json.number("status", 200).raw("result", answer->body);
    } else {
        json.number("status", answer.error().http_status)
            .raw("error", render_error(answer.error()));
    }
    if (!in.wants_limits) {
        session.connection->send(json.end_object().take());
        return;
    }
    json.begin_array("rateLimits");
    if (answer && answer->order_counts) {
        add_limit(json, "ORDERS", "SECOND", 10, limits.orders_per_10s,
                  answer->order_counts->in_10s);
        add_limit(json, "ORDERS", "DAY", 1, limits.orders_per_day, answer->order_counts->in_day);
    }
    add_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute,
              gate_.charge(session.address, 0).used);
    json.end_array().end_object();
    session.connection->send(json.take());
}

}  // namespace obscura::paper
