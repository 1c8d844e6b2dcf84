#include "gateway/handlers/signals.hpp"

#include "gateway/query.hpp"

namespace obscura::gateway {
namespace {

using base::Json;

/// A signal without an id of its own takes one from the Idempotency-Key: sent again after an answer
/// that got lost, it is the same signal to conductor and not a second order for everybody.
void name_by_key(Call const& call, model::SignalRequest& request) {
    if (request.external_trade_id || !call.has_idempotency_key) return;
    request.external_trade_id =
        std::string(ports::idempotency_name_prefix) + call.new_id.to_string();
    request.body.set("external_trade_id", *request.external_trade_id);
}

Json accepted_json(ports::SignalAccepted const& signal, net::Request const& request) {
    auto json = Json::object({{"signal_id", signal.id.to_string()},
                              {"pool_id", signal.pool.to_string()},
                              {"status", "queued"},
                              {"queued_at", base::to_rfc3339(signal.queued_at)},
                              {"priority", model::to_string(signal.priority)},
                              {"estimated_subscribers", signal.estimated_subscribers}});
    auto const key = request.headers.find("Idempotency-Key");
    json.set("idempotency_key", key ? Json(*key) : Json());
    auto const& id = signal.external_trade_id;
    bool const theirs = id && !id->starts_with(ports::idempotency_name_prefix);
    json.set("external_trade_id", theirs ? Json(*id) : Json());
    return json;
}

/// conductor names a parameter as it names a field; here it is one of the query's.
base::Error about_the_query(base::Error error) {
    for (auto& field : error.fields)
        if (field.pointer.starts_with('/')) field.pointer.front() = '?';
    return error;
}

}  // namespace

void SignalRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back({"POST", "/v2/pools/{id}/signals", Access::signal_writer,
                         [this](Call& call) { return submit(call); }, Creates::yes});
    endpoints.push_back(
        {"GET", "/v2/pools/{id}/signals", Access::key, [this](Call& call) { return list(call); }});
    endpoints.push_back({"GET", "/v2/pools/{id}/signals/{signal_id}", Access::key,
                         [this](Call& call) { return show(call); }});
}

Task<base::Result<net::Response>> SignalRoutes::submit(Call& call) {
    auto const pool = path_id<model::PoolId>(call.request);
    if (!pool) co_return std::unexpected(pool.error());
    auto const body = net::json_body(call.request);
    if (!body) co_return std::unexpected(body.error());
    auto request = model::signal_request_from_json(*body, served_);
    if (!request) co_return std::unexpected(request.error());
    name_by_key(call, *request);
    auto const accepted =
        co_await intake_.submit(call.caller, *pool, std::move(*request), call.request.id);
    if (!accepted) co_return std::unexpected(accepted.error());
    co_return net::json_response(accepted->was_known ? 200 : 202,
                                 accepted_json(*accepted, call.request));
}

Task<base::Result<net::Response>> SignalRoutes::list(Call& call) {
    auto const pool = path_id<model::PoolId>(call.request);
    if (!pool) co_return std::unexpected(pool.error());
    QueryReader query(call.request);
    auto const limit = query.integer("limit", 50, {.min = 1, .max = 200});
    auto cursor = query.text("cursor", 128).value_or("");
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto page =
        co_await intake_.list(call.caller, *pool, std::move(cursor), static_cast<int>(limit));
    if (!page) co_return std::unexpected(about_the_query(std::move(page.error())));
    co_return net::json_response(200, *page);
}

Task<base::Result<net::Response>> SignalRoutes::show(Call& call) {
    auto const pool = path_id<model::PoolId>(call.request);
    if (!pool) co_return std::unexpected(pool.error());
    auto const signal = path_id<model::SignalId>(call.request, "signal_id");
    if (!signal) co_return std::unexpected(signal.error());
    auto const status = co_await intake_.status(call.caller, *pool, *signal);
    if (!status) co_return std::unexpected(status.error());
    co_return net::json_response(200, *status);
}

}  // namespace obscura::gateway
