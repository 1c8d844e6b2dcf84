#include "gateway/door.hpp"

#include "base/log.hpp"
#include "net/problem.hpp"
#include "ports/store_unavailable.hpp"

#include <algorithm>
#include <map>

namespace obscura::gateway {
namespace {

/// A W3C traceparent of version 00, or "": anything else is not passed on.
std::string traceparent_of(net::Request const& request) {
    auto const field = request.headers.find("traceparent");
    if (!field || field->size() != 55 || !field->starts_with("00-")) return "";
    for (std::size_t i = 3; i < field->size(); ++i) {
        bool const dash = i == 35 || i == 52;
        char const c = (*field)[i];
        bool const hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex) return "";
    }
    return std::string(*field);
}

std::string join(std::vector<std::string> const& names) {
    std::string out;
    for (auto const& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

std::string caller_key(ports::Caller const& caller) {
    return caller.user ? "u:" + caller.user->to_string() : "k:" + caller.api_key->to_string();
}

void log_if_ours(base::Error const& error, net::Request const& request) {
    if (error.code != base::Errc::internal) return;
    base::log::error("gateway.internal_error", {{"request_id", request.id},
                                                {"path", request.path},
                                                {"reason", error.reason},
                                                {"error", error.internal}});
}

}  // namespace

net::Router Door::router(EndpointList endpoints) {
    net::Router router;
    std::map<std::string, std::vector<std::string>> methods;
    for (auto& endpoint : endpoints) {
        auto const shared = std::make_shared<Endpoint const>(std::move(endpoint));
        methods[shared->pattern].push_back(shared->method);
        router.add({.method = shared->method,
                    .pattern = shared->pattern,
                    .access = static_cast<int>(shared->access),
                    .body_limit = config_.body_limit,
                    .handler = [this, shared](net::Request& request) {
                        return answer(*shared, request);
                    }});
    }
    for (auto const& [pattern, allowed] : methods)
        router.add({.method = "OPTIONS",
                    .pattern = pattern,
                    .access = static_cast<int>(Access::probe),
                    .handler = [this, names = join(allowed)](net::Request& request) {
                        return preflight(request, names);
                    }});
    return router;
}

Task<base::Result<net::Response>> Door::preflight(net::Request& request, std::string methods) {
    co_return cors_.preflight(request, methods);
}

Task<base::Result<net::Response>> Door::answer(Endpoint const& endpoint, net::Request& request) {
    Call call{.request = request,
              .client_address = client_address(request, config_.trusted_proxies),
              .now = clock_.now()};
    std::optional<Counted> counted;
    auto served = co_await serve(endpoint, call, counted);
    if (!served) log_if_ours(served.error(), request);
    auto response = served ? std::move(*served) : net::problem(served.error(), request.id);
    if (counted) add_rate_headers(response, counted->policy, counted->quota, counted->decision);
    cors_.decorate(request, response);
    co_return response;
}

Task<base::Result<net::Response>> Door::serve(Endpoint const& endpoint, Call& call,
                                              std::optional<Counted>& counted) {
    std::optional<base::Error> failed;
    try {
        co_return co_await pass(endpoint, call, counted);
    } catch (ports::StoreUnavailable const& e) {
        base::log::warn("gateway.store_unavailable",
                        {{"request_id", call.request.id}, {"error", e.what()}});
        failed = base::Error{.code = base::Errc::unavailable,
                             .reason = "store_unavailable",
                             .detail = "The record cannot be reached right now; try again.",
                             .retry_after = std::chrono::seconds(1)};
    }
    co_return std::unexpected(std::move(*failed));
}

Task<base::Result<net::Response>> Door::pass(Endpoint const& endpoint, Call& call,
                                             std::optional<Counted>& counted) {
    if (endpoint.access == Access::probe) co_return co_await endpoint.handler(call);
    // On open routes a tenant's server counts by its key: it registers many users from one address.
    bool const by_credential =
        needs_credential(endpoint.access) || Authenticator::has_api_key(call.request);
    auto const known = by_credential ? co_await know(endpoint, call, counted)
                                     : co_await count_address(call, counted);
    if (!known) co_return std::unexpected(known.error());
    auto const allowed = check_access(endpoint.access, call.caller);
    if (!allowed) co_return std::unexpected(allowed.error());
    co_return co_await idempotency_.run(endpoint, call);
}

Task<base::Result<void>> Door::know(Endpoint const& endpoint, Call& call,
                                    std::optional<Counted>& counted) {
    auto const principal = co_await authenticator_.authenticate(call.request, call.client_address);
    if (!principal || !*principal) {
        // Guessing is limited by where it comes from.
        auto const within = co_await count_address(call, counted);
        if (!within) co_return std::unexpected(within.error());
        if (!principal) co_return std::unexpected(principal.error());
        co_return base::fail(base::Errc::unauthenticated, "unauthenticated",
                             "This route needs an access token or an API key.");
    }
    call.caller = (*principal)->caller;
    call.request.body_hold.reset();  // their own limits bound what they send
    call.caller.traceparent = traceparent_of(call.request);
    auto const& limits = (*principal)->limits;
    bool const execution = endpoint.access == Access::signal_writer;
    auto const policy = std::string_view(execution ? "execution" : "general");
    auto key = std::string(policy) + ":" + caller_key(call.caller);
    co_return co_await count(policy, std::move(key),
                             execution ? limits.execution_per_min : limits.general_per_min,
                             counted);
}

Task<base::Result<void>> Door::count_address(Call const& call, std::optional<Counted>& counted) {
    auto key = "address:" + network_of(call.client_address);
    co_return co_await count("address", std::move(key), config_.open_per_min, counted);
}

Task<base::Result<void>> Door::count(std::string_view policy, std::string key, std::int64_t per_min,
                                     std::optional<Counted>& counted) {
    ports::RateQuota const quota{.limit = per_min, .window = std::chrono::seconds(60)};
    auto const decision = co_await limits_.take(std::move(key), quota);
    counted = Counted{.policy = policy, .quota = quota, .decision = decision};
    if (!decision.allowed) co_return std::unexpected(rate_limited(decision));
    co_return base::Result<void>{};
}

}  // namespace obscura::gateway
