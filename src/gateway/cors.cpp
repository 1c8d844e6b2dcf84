#include "gateway/cors.hpp"

#include <algorithm>

namespace obscura::gateway {

bool Cors::allows(std::string_view origin) const {
    return std::ranges::any_of(
        origins_, [&](std::string const& allowed) { return allowed == "*" || allowed == origin; });
}

void Cors::decorate(net::Request const& request, net::Response& response) const {
    if (origins_.empty()) return;
    response.headers.add("Vary", "Origin");
    auto const origin = request.headers.find("Origin");
    if (!origin || !allows(*origin)) return;
    response.headers.set("Access-Control-Allow-Origin", std::string(*origin));
    response.headers.set("Access-Control-Expose-Headers",
                         "X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, "
                         "Idempotent-Replayed, Location");
}

net::Response Cors::preflight(net::Request const& request, std::string const& methods) const {
    net::Response response{.status = 204, .headers = {{"Allow", methods}}};
    decorate(request, response);
    if (!response.headers.find("Access-Control-Allow-Origin")) return response;
    response.headers.set("Access-Control-Allow-Methods", methods);
    response.headers.set("Access-Control-Allow-Headers",
                         "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Request-Id, "
                         "traceparent");
    response.headers.set("Access-Control-Max-Age", "600");
    return response;
}

}  // namespace obscura::gateway
