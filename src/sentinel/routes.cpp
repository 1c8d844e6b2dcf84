#include "sentinel/routes.hpp"

namespace obscura::sentinel {

using base::Json;
using base::Result;
using net::Request;
using net::Response;
using net::Task;

namespace {

enum Access : int { open_to_all, internal };

Json time_or_null(std::optional<base::Timestamp> const& t) {
    return t ? Json(base::to_rfc3339(*t)) : Json();
}

Json feed_json(Roster::FeedView const& feed, base::Timestamp now) {
    auto traders = Json::array();
    for (auto const& trader : feed.account.traders) traders.push_back(trader.to_string());
    auto const& status = feed.status;
    auto age = Json();
    if (status.last_data) age = Json((now - *status.last_data) / std::chrono::milliseconds(1));
    return Json::object({{"connection_id", feed.account.connection.to_string()},
                         {"trader_ids", std::move(traders)},
                         {"venue", feed.account.venue},
                         {"environment", model::to_string(feed.account.environment)},
                         {"market", model::to_string(feed.market)},
                         {"state", status.state},
                         {"live", status.is_live},
                         {"data_age_ms", std::move(age)},
                         {"last_trade_at", time_or_null(status.last_trade)},
                         {"connects", status.connects},
                         {"fills_missed_by_stream", status.fills_missed_by_stream},
                         {"last_error", status.last_error}});
}

Task<Result<Response>> get_health(RouteContext const& context) {
    auto feeds = Json::array();
    bool all_live = true;
    for (auto const& feed : context.roster.feeds()) {
        all_live = all_live && feed.status.is_live;
        feeds.push_back(feed_json(feed, context.clock.now()));
    }
    auto dependencies = Json::object();
    bool all_up = true;
    for (auto* probe : context.probes) {
        auto const began = context.clock.steady();
        auto const result = co_await probe->check(std::chrono::milliseconds(1'000));
        std::chrono::duration<double, std::milli> const took = context.clock.steady() - began;
        all_up = all_up && result.is_up;
        auto entry = Json::object(
            {{"status", result.is_up ? "up" : "down"}, {"latency_ms", Json::figure(took.count())}});
        if (auto const* words = result.facts.find("evidence")) entry.set("evidence", *words);
        dependencies.set(probe->name(), std::move(entry));
    }
    // A feed that reconnects is the venue's matter or passes; it does not make this service ill.
    auto const body = Json::object({{"status", all_up ? "ok" : "degraded"},
                                    {"service", "sentinel"},
                                    {"feeds_live", all_live},
                                    {"buffered_trades", std::uint64_t{context.ingest.buffered()}},
                                    {"dependencies", std::move(dependencies)},
                                    {"feeds", std::move(feeds)}});
    co_return net::json_response(all_up ? 200 : 503, body);
}

Task<Result<Response>> get_ready(RouteContext const& context) {
    bool const ready = context.roster.has_looked() && context.roster.last_error().empty();
    auto const body = Json::object({{"status", ready ? "ok" : "unavailable"}});
    co_return net::json_response(ready ? 200 : 503, body);
}

Task<Result<Response>> get_trades(RouteContext const& context, Request const& request) {
    ports::TradeListParams const params{.trader_id = request.query_param("trader_id"),
                                        .from = request.query_param("from"),
                                        .to = request.query_param("to"),
                                        .limit = request.query_param("limit"),
                                        .cursor = request.query_param("cursor")};
    auto query = ports::trade_query_of(params, context.clock.now());
    if (!query) co_return std::unexpected(query.error());
    auto const page = co_await context.trades.list(std::move(*query));
    if (!page) co_return std::unexpected(page.error());
    co_return net::json_response(200, ports::trade_page_json(*page));
}

Task<Result<Response>> get_metrics(RouteContext const& context) {
    co_return net::text_response(200, context.metrics.expose(), "text/plain; version=0.0.4");
}

Task<Result<Response>> refresh(RouteContext const& context) {
    context.roster.nudge();
    co_return net::json_response(202, Json::object({{"status", "refreshing"}}));
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
    auto const add = [&](std::string method, std::string pattern, Access access,
                         net::Handler handler) {
        router.add({.method = std::move(method),
                    .pattern = std::move(pattern),
                    .access = access,
                    .handler = std::move(handler)});
    };
    add("GET", "/health", open_to_all, [shared](Request&) { return get_health(*shared); });
    add("GET", "/readyz", open_to_all, [shared](Request&) { return get_ready(*shared); });
    add("GET", "/livez", open_to_all, [](Request&) -> Task<Result<Response>> {
        co_return net::json_response(200, Json::object({{"status", "ok"}}));
    });
    add("GET", "/metrics", open_to_all, [shared](Request&) { return get_metrics(*shared); });
    add("POST", "/internal/refresh", internal, [shared](Request&) { return refresh(*shared); });
    add("GET", "/internal/trades", internal,
        [shared](Request& request) { return get_trades(*shared, request); });
    router.set_guard([shared](net::Route const& route, Request& request) {
        return check(*shared, route.access, request);
    });
    return router;
}

}  // namespace obscura::sentinel
