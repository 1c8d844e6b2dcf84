#include "conductor/service.hpp"

#include "base/failpoint.hpp"
#include "crypto/signed_header.hpp"

#include <memory>

namespace obscura::conductor {
namespace {

using base::Errc;
using base::Json;
using base::Result;
using net::Request;
using net::Response;
using net::Task;

enum Access { open_to_all = 0, gateway_only = 1 };
constexpr std::chrono::seconds caller_header_age{30};

Result<void> check_internal_key(ServiceParts const& parts, Request const& request) {
    auto const given = request.headers.find("X-Internal-API-Key").value_or("");
    if (parts.gateway_key.empty() || !base::equal_constant_time(given, parts.gateway_key.reveal()))
        return base::fail(Errc::unauthenticated, "internal_key_required",
                          "X-Internal-API-Key is missing or wrong.");
    return {};
}

Result<ports::Caller> caller_of(ServiceParts const& parts, Request const& request) {
    auto const header = request.headers.find("X-Obscura-Caller").value_or("");
    auto const payload =
        crypto::open_header(parts.gateway_key, header, parts.clock.now(), caller_header_age);
    if (!payload) return std::unexpected(payload.error());
    auto const json = base::parse_json(*payload);
    if (!json) return std::unexpected(json.error());
    return ports::caller_from_json(*json);
}

template <class Id>
Result<Id> path_id(Request const& request, std::string_view name, char const* reason) {
    auto const id = Id::parse(request.param(name));
    if (!id) return base::fail(Errc::not_found, reason, "No such resource.");
    return *id;
}

Json accepted_json(ports::SignalAccepted const& accepted) {
    return Json::object({
        {"signal_id", accepted.id.to_string()},
        {"pool_id", accepted.pool.to_string()},
        {"status", "queued"},
        {"queued_at", base::to_rfc3339(accepted.queued_at)},
        {"priority", std::string(to_string(accepted.priority))},
        {"estimated_subscribers", accepted.estimated_subscribers},
        {"external_trade_id",
         accepted.external_trade_id ? Json(*accepted.external_trade_id) : Json()},
        {"was_known", accepted.was_known},
    });
}

/// POST /internal/pools/{pool}/signals: 202 once the signal is committed, 200 when it was before.
Task<Result<Response>> post_signal(ServiceParts const& parts, Request const& request) {
    auto const caller = caller_of(parts, request);
    if (!caller) co_return std::unexpected(caller.error());
    auto const pool = path_id<model::PoolId>(request, "pool", "pool_not_found");
    if (!pool) co_return std::unexpected(pool.error());
    auto const body = net::json_body(request);
    if (!body) co_return std::unexpected(body.error());
    auto signal = model::signal_request_from_json(*body, parts.served);
    if (!signal) co_return std::unexpected(signal.error());

    base::failpoint("conductor.before_accept");
    auto accepted = co_await parts.signals.accept(*caller, *pool, std::move(*signal),
                                                  model::SignalSource::rest);
    if (!accepted) co_return std::unexpected(accepted.error());
    base::failpoint("conductor.after_accept");
    if (!accepted->answer.was_known) parts.engine.dispatch(std::move(accepted->signal));
    auto const json = accepted_json(accepted->answer);
    co_return net::json_response(accepted->answer.was_known ? 200 : 202, json);
}

Task<Result<Response>> get_signal(ServiceParts const& parts, Request const& request) {
    auto const caller = caller_of(parts, request);
    if (!caller) co_return std::unexpected(caller.error());
    auto const pool = path_id<model::PoolId>(request, "pool", "pool_not_found");
    if (!pool) co_return std::unexpected(pool.error());
    auto const signal = path_id<model::SignalId>(request, "signal", "signal_not_found");
    if (!signal) co_return std::unexpected(signal.error());
    auto const document = co_await parts.signals.status(*caller, *pool, *signal);
    if (!document) co_return std::unexpected(document.error());
    co_return net::json_response(200, *document);
}

Task<Result<Response>> list_signals(ServiceParts const& parts, Request const& request) {
    auto const caller = caller_of(parts, request);
    if (!caller) co_return std::unexpected(caller.error());
    auto const pool = path_id<model::PoolId>(request, "pool", "pool_not_found");
    if (!pool) co_return std::unexpected(pool.error());
    auto const limit = Json(Json::Number{request.query_param("limit").value_or("50")}).to_int64();
    if (!limit || *limit < 1 || *limit > 200)
        co_return std::unexpected(base::field_error("/limit", "out_of_range", "Must be 1 to 200."));
    auto cursor = request.query_param("cursor").value_or("");
    auto const page =
        co_await parts.signals.list(*caller, *pool, std::move(cursor), static_cast<int>(*limit));
    if (!page) co_return std::unexpected(page.error());
    co_return net::json_response(200, *page);
}

Task<Result<Response>> get_health(ServiceParts const& parts) {
    auto const database = co_await parts.check_database();
    auto const engine = parts.engine.health();
    auto const citadel = parts.citadel_status();
    bool const good = database.empty() && engine.is_leader && !citadel.is_refused;
    auto const body = Json::object({
        {"service", "conductor"},
        {"status", good ? "ok" : "degraded"},
        {"database", database.empty() ? "ok" : database},
        {"citadel", citadel.words},
        {"leading", engine.is_leader},
        {"queued_signals", static_cast<std::uint64_t>(engine.queued_signals)},
        {"open_legs", static_cast<std::uint64_t>(engine.open_legs)},
    });
    co_return net::json_response(good ? 200 : 503, body);
}

}  // namespace

net::Router make_router(ServiceParts service) {
    auto const parts = std::make_shared<ServiceParts const>(std::move(service));
    net::Router router;
    router.set_guard([parts](net::Route const& route, Request& request) -> Task<Result<void>> {
        if (route.access == open_to_all) co_return Result<void>{};
        co_return check_internal_key(*parts, request);
    });
    router.add({.method = "GET",
                .pattern = "/health",
                .access = open_to_all,
                .handler = [parts](Request&) { return get_health(*parts); }});
    router.add({.method = "GET",
                .pattern = "/metrics",
                .access = open_to_all,
                .handler = [parts](Request&) -> Task<Result<Response>> {
                    co_return net::text_response(200, parts->metrics.expose(),
                                                 "text/plain; version=0.0.4");
                }});
    router.add({.method = "POST",
                .pattern = "/internal/pools/{pool}/signals",
                .access = gateway_only,
                .handler = [parts](Request& request) { return post_signal(*parts, request); }});
    router.add({.method = "GET",
                .pattern = "/internal/pools/{pool}/signals",
                .access = gateway_only,
                .handler = [parts](Request& request) { return list_signals(*parts, request); }});
    router.add({.method = "GET",
                .pattern = "/internal/pools/{pool}/signals/{signal}",
                .access = gateway_only,
                .handler = [parts](Request& request) { return get_signal(*parts, request); }});
    return router;
}

}  // namespace obscura::conductor
