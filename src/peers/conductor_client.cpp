#include "peers/conductor_client.hpp"

#include "base/decode.hpp"
#include "crypto/signed_header.hpp"

#include <stdexcept>

namespace obscura::peers {
namespace {

std::string origin_of(std::string const& url) {
    auto const parsed = net::parse_url(url);
    if (!parsed) throw std::invalid_argument("conductor's address is no URL: " + url);
    return parsed->origin();
}

std::string signals_path(model::PoolId pool) {
    return "/internal/pools/" + pool.to_string() + "/signals";
}

base::Error transport_error(net::TransportError const& error) {
    bool const may_have_acted = error.kind == net::TransportError::Kind::unknown_outcome;
    if (may_have_acted)
        return {.code = base::Errc::upstream_timeout,
                .reason = "conductor_silent",
                .detail =
                    "It is unknown whether the request took effect. Send it again with the "
                    "same external_trade_id or Idempotency-Key: it counts once.",
                .internal = error.detail};
    return {.code = base::Errc::unavailable,
            .reason = "conductor_unavailable",
            .detail = "Signals cannot be taken right now; nothing was accepted.",
            .internal = error.detail,
            .retry_after = std::chrono::seconds(1)};
}

base::Error nonsense(std::string internal) {
    return {.code = base::Errc::bad_gateway,
            .reason = "peer_failed",
            .detail = "A service behind this one failed.",
            .internal = std::move(internal)};
}

/// conductor's answer, field by field: ours may add to it before we know.
base::Result<ports::SignalAccepted> accepted_from(base::Json const& json) {
    auto const text = [&](std::string_view key) { return json[key].to_text().value_or(""); };
    auto const id = model::SignalId::parse(text("signal_id"));
    auto const pool = model::PoolId::parse(text("pool_id"));
    auto const queued_at = base::parse_rfc3339(text("queued_at"));
    auto const priority = model::value_of(text("priority"), model::priority_names);
    auto const subscribers = json["estimated_subscribers"].to_int64();
    if (!id || !pool || !queued_at || !priority || !subscribers)
        return std::unexpected(
            nonsense("not a signal's acceptance: " + json.dump().substr(0, 300)));
    ports::SignalAccepted accepted{.id = *id,
                                   .pool = *pool,
                                   .queued_at = *queued_at,
                                   .priority = *priority,
                                   .estimated_subscribers = *subscribers};
    if (auto const external = json["external_trade_id"].to_text())
        accepted.external_trade_id = std::string(*external);
    accepted.was_known = json["was_known"].is_bool() && json["was_known"].as_bool();
    return accepted;
}

}  // namespace

ConductorClient::ConductorClient(net::HttpClient& http, ConductorClientConfig const& config,
                                 base::Secret const& key, base::Clock const& clock)
    : http_(http),
      origin_(origin_of(config.url)),
      deadline_(config.deadline),
      key_(key.clone()),
      clock_(clock) {}

net::Request ConductorClient::make_request(std::string method, std::string target,
                                           ports::Caller const& caller) const {
    net::Request request{.method = std::move(method), .target = std::move(target)};
    auto const who = ports::to_json(caller).dump();
    request.headers.add("X-Internal-API-Key", std::string(key_.reveal()));
    request.headers.add("X-Obscura-Caller", crypto::sign_header(key_, who, clock_.now()));
    if (!caller.traceparent.empty()) request.headers.add("traceparent", caller.traceparent);
    return request;
}

ports::Task<base::Result<base::Json>> ConductorClient::exchange(net::Request request) {
    auto const answer = co_await http_.fetch(origin_, std::move(request), deadline_);
    if (!answer) co_return std::unexpected(transport_error(answer.error()));
    if (answer->status < 200 || answer->status > 299) co_return std::unexpected(error_of(*answer));
    auto json = base::parse_json(answer->body);
    if (!json) co_return std::unexpected(nonsense("not JSON: " + answer->body.substr(0, 200)));
    co_return std::move(*json);
}

ports::Task<base::Result<ports::SignalAccepted>> ConductorClient::submit(
    ports::Caller caller, model::PoolId pool, model::SignalRequest request,
    std::string request_id) {
    auto outgoing = make_request("POST", signals_path(pool), caller);
    outgoing.headers.add("Content-Type", "application/json");
    outgoing.headers.add("X-Request-Id", std::move(request_id));
    outgoing.body = request.body.dump();
    auto const answer = co_await exchange(std::move(outgoing));
    if (!answer) co_return std::unexpected(answer.error());
    co_return accepted_from(*answer);
}

ports::Task<base::Result<base::Json>> ConductorClient::status(ports::Caller caller,
                                                              model::PoolId pool,
                                                              model::SignalId signal) {
    auto request = make_request("GET", signals_path(pool) + "/" + signal.to_string(), caller);
    co_return co_await exchange(std::move(request));
}

ports::Task<base::Result<base::Json>> ConductorClient::list(ports::Caller caller,
                                                            model::PoolId pool, std::string cursor,
                                                            int limit) {
    auto target = signals_path(pool) + "?limit=" + std::to_string(limit);
    if (!cursor.empty()) target += "&cursor=" + net::percent_encode(cursor);
    auto request = make_request("GET", std::move(target), caller);
    co_return co_await exchange(std::move(request));
}

}  // namespace obscura::peers
