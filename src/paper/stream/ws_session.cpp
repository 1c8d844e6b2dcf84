#include "paper/protocol/json_text.hpp"
#include "paper/stream/ws_api.hpp"

#include <utility>

// The methods of the WebSocket API that belong to the connection: login and subscriptions.

namespace obscura::paper {

Outcome<Key const*> WsApi::authenticate(Params const& params) const {
    auto const key = exchange_.keys().find(params.find("apiKey"));
    if (!key) return key;
    auto const signature = params.find("signature");
    if (!signature || signature->empty()) {
        return refuse(
            -1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.");
    }
    auto const in_time = check_timestamp(params, exchange_.now(), Market::spot);
    if (!in_time) return std::unexpected(in_time.error());
    auto const verified = verify_signature(**key, params.signed_bytes(), *signature);
    if (!verified) return std::unexpected(verified.error());
    ParamReader reader(params);
    auto const read = reader.finish();
    if (!read) return std::unexpected(read.error());
    return key;
}

std::string WsApi::status_json(Session const& session) const {
    JsonText json;
    json.begin_object();
    if (session.logged_in.value == 0) {
        json.null("apiKey").null("authorizedSince");
    } else {
        json.text("apiKey", session.api_key)
            .number("authorizedSince", base::to_unix_ms(session.logged_in_at));
    }
    json.number("connectedSince", base::to_unix_ms(session.opened_at))
        .flag("returnRateLimits", true)
        .number("serverTime", base::to_unix_ms(exchange_.now()))
        .flag("userDataStream", !session.subscriptions.empty())
        .end_object();
    return json.take();
}

Outcome<std::string> WsApi::log_on(Session& session, Incoming const& in) {
    auto const key = authenticate(in.params);
    if (!key) return std::unexpected(key.error());
    if ((*key)->type != KeyType::ed25519) {
        return refuse(-4056, "HMAC_SHA256 API key is not supported.");
    }
    session.logged_in = (*key)->account;
    session.api_key = std::string(in.params.find("apiKey").value_or(""));
    session.logged_in_at = exchange_.now();
    return status_json(session);
}

Outcome<std::string> WsApi::log_out(Session& session, Incoming const&) {
    session.logged_in = {};
    session.api_key.clear();
    return status_json(session);
}

Outcome<std::string> WsApi::session_status(Session& session, Incoming const&) {
    return status_json(session);
}

Outcome<std::string> WsApi::add_subscription(Session& session, AccountId account) {
    if (session.ended) return refuse(-1000, "The connection is gone.");
    if (session.subscriptions.size() >= PrivateStreams::max_subscriptions) {
        return refuse(-1000, "Too many subscriptions on this connection.");
    }
    auto const id = session.next_subscription++;
    session.subscriptions.emplace(id, account);
    streams_.subscribe(account, session.connection, id);
    return "{\"subscriptionId\":" + std::to_string(id) + "}";
}

Outcome<std::string> WsApi::subscribe(Session& session, Incoming const&) {
    if (session.logged_in.value == 0) {
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    }
    return add_subscription(session, session.logged_in);
}

Outcome<std::string> WsApi::subscribe_signed(Session& session, Incoming const& in) {
    auto const key = authenticate(in.params);
    if (!key) return std::unexpected(key.error());
    return add_subscription(session, (*key)->account);
}

Outcome<std::string> WsApi::unsubscribe(Session& session, Incoming const& in) {
    ParamReader reader(in.params);
    auto const id = reader.optional_integer("subscriptionId", 0, INT64_MAX);
    auto const read = reader.finish();
    if (!read) return std::unexpected(read.error());
    auto const leaving = std::exchange(session.subscriptions, {});
    for (auto const& [subscription, account] : leaving) {
        if (!id || *id == subscription) {
            streams_.unsubscribe(account, *session.connection, subscription);
        } else {
            session.subscriptions.emplace(subscription, account);
        }
    }
    return "{}";
}

}  // namespace obscura::paper
