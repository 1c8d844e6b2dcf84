#include "gateway/handlers/operations.hpp"

#include "gateway/openapi.hpp"

namespace obscura::gateway {
namespace {

Task<base::Result<net::Response>> live(Call&) {
    co_return net::json_response(200, base::Json::object({{"status", "live"}}));
}

Task<base::Result<net::Response>> openapi(Call&) {
    co_return net::text_response(200, std::string(openapi_document()), "application/json");
}

}  // namespace

void OperationRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back(
        {"GET", "/health", Access::probe, [this](Call& call) { return health(call); }});
    endpoints.push_back({"GET", "/livez", Access::probe, live});
    endpoints.push_back(
        {"GET", "/readyz", Access::probe, [this](Call& call) { return ready(call); }});
    endpoints.push_back(
        {"GET", "/metrics", Access::probe, [this](Call& call) { return metrics(call); }});
    endpoints.push_back({"GET", "/openapi.json", Access::probe, openapi});
    endpoints.push_back({"GET", "/.well-known/jwks.json", Access::probe,
                         [this](Call& call) { return keys(call); }});
}

Task<base::Result<net::Response>> OperationRoutes::health(Call&) {
    auto const report = co_await health_.report();
    co_return net::json_response(report.is_ready ? 200 : 503, report.body);
}

Task<base::Result<net::Response>> OperationRoutes::ready(Call&) {
    auto const report = co_await health_.report();
    auto const* status = report.is_ready ? "ready" : "not_ready";
    co_return net::json_response(report.is_ready ? 200 : 503,
                                 base::Json::object({{"status", status}}));
}

Task<base::Result<net::Response>> OperationRoutes::metrics(Call& call) {
    if (!any_contains(metrics_from_, call.client_address))
        co_return base::fail(base::Errc::forbidden, "address_not_allowed",
                             "The metrics are not for this address.");
    co_return net::text_response(200, metrics_.expose(), "text/plain; version=0.0.4");
}

Task<base::Result<net::Response>> OperationRoutes::keys(Call&) {
    auto const keys = co_await tokens_.key_set();
    auto response = net::json_response(200, keys);
    response.headers.set("Cache-Control", "public, max-age=300");
    co_return response;
}

}  // namespace obscura::gateway
