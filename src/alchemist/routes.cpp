#include "alchemist/routes.hpp"

#include "crypto/signed_header.hpp"
#include "ports/caller.hpp"

namespace obscura::alchemist {

using base::Json;
using base::Result;
using net::Request;
using net::Response;
using net::Task;

namespace {

enum Access : int { open_to_all, internal };

/// The gateway signs a caller's header at each request.
constexpr std::chrono::seconds caller_max_age{60};

Result<ports::Caller> caller_of(RouteContext const& context, Request const& request) {
    auto const header = request.headers.find("X-Obscura-Caller");
    if (!header)
        return base::fail(base::Errc::unauthenticated, "caller_required",
                          "This route needs a signed X-Obscura-Caller.");
    auto const payload =
        crypto::open_header(context.gateway_key, *header, context.clock.now(), caller_max_age);
    if (!payload) return std::unexpected(payload.error());
    auto const json = base::parse_json(*payload);
    if (!json) return std::unexpected(json.error());
    return ports::caller_from_json(*json);
}

Task<Result<Response>> get_trades(RouteContext const& context, Request const& request) {
    auto const caller = caller_of(context, request);
    if (!caller) co_return std::unexpected(caller.error());
    ports::TradeListParams const params{.trader_id = std::string(request.param("id")),
                                        .from = request.query_param("from"),
                                        .to = request.query_param("to"),
                                        .limit = request.query_param("limit"),
                                        .cursor = request.query_param("cursor")};
    auto query = ports::trade_query_of(params, context.clock.now());
    if (!query) co_return std::unexpected(query.error());
    query->tenant = caller->tenant;
    if (caller->user && !caller->is_admin) query->owner = caller->user;
    auto const page = co_await context.trades.list(std::move(*query));
    if (!page) co_return std::unexpected(page.error());
    co_return net::json_response(200, ports::trade_page_json(*page));
}

Task<Result<Response>> get_health(RouteContext const& context) {
    auto dependencies = Json::object();
    bool all_up = true;
    for (auto* probe : context.probes) {
        auto const began = context.clock.steady();
        auto const result = co_await probe->check(std::chrono::milliseconds(1'000));
        std::chrono::duration<double, std::milli> const took = context.clock.steady() - began;
        all_up = all_up && result.is_up;
        dependencies.set(probe->name(), Json::object({{"status", result.is_up ? "up" : "down"},
                                                      {"latency_ms", Json::figure(took.count())}}));
    }
    auto const body =
        Json::object({{"status", all_up ? "ok" : "degraded"},
                      {"service", "alchemist"},
                      {"proofs", "not_available"},  // ports::Prover has no implementation
                      {"dependencies", std::move(dependencies)}});
    co_return net::json_response(all_up ? 200 : 503, body);
}

Task<Result<Response>> get_live(Request&) {
    co_return net::json_response(200, Json::object({{"status", "ok"}}));
}

Task<Result<Response>> get_metrics(RouteContext const& context) {
    co_return net::text_response(200, context.metrics.expose(), "text/plain; version=0.0.4");
}

Task<Result<void>> check(RouteContext const& context, int access, Request const& request) {
    if (access == open_to_all) co_return Result<void>{};
    auto const given = request.headers.find("X-Internal-API-Key");
    if (given && base::equal_constant_time(*given, context.gateway_key.reveal()))
        co_return Result<void>{};
    co_return base::fail(base::Errc::unauthenticated, "internal_key_required",
                         "This route needs a valid X-Internal-API-Key.");
}

}  // namespace

net::Router make_router(RouteContext context) {
    net::Router router;
    auto const shared = std::make_shared<RouteContext const>(std::move(context));
    auto const add = [&](std::string pattern, Access access, net::Handler handler) {
        router.add({.method = "GET",
                    .pattern = std::move(pattern),
                    .access = access,
                    .handler = std::move(handler)});
    };
    add("/health", open_to_all, [shared](Request&) { return get_health(*shared); });
    add("/livez", open_to_all, get_live);
    add("/readyz", open_to_all, get_live);
    add("/metrics", open_to_all, [shared](Request&) { return get_metrics(*shared); });
    add("/internal/traders/{id}/trades", internal,
        [shared](Request& request) { return get_trades(*shared, request); });
    router.set_guard([shared](net::Route const& route, Request& request) {
        return check(*shared, route.access, request);
    });
    return router;
}

}  // namespace obscura::alchemist
