#include "gateway/handlers/connection_test.hpp"

#include "gateway/query.hpp"

namespace obscura::gateway {
namespace {

using base::Json;

std::unexpected<base::Error> no_such_connection() {
    return base::fail(base::Errc::not_found, "connection_not_found",
                      "There is no such connection.");
}

Json passed(ports::AccountRights const& rights, std::chrono::milliseconds latency) {
    auto permissions = Json::object({{"read", true},
                                     {"trade", rights.may_trade},
                                     {"withdraw", rights.may_withdraw},
                                     {"transfer", rights.may_transfer}});
    if (rights.may_deposit) permissions.set("deposit", *rights.may_deposit);
    return Json::object(
        {{"ok", true}, {"latency_ms", latency.count()}, {"permissions", std::move(permissions)}});
}

Json failed(base::Error const& error, std::chrono::milliseconds latency) {
    auto shown = Json::object({{"code", error.reason}, {"detail", error.detail}});
    return Json::object(
        {{"ok", false}, {"latency_ms", latency.count()}, {"error", std::move(shown)}});
}

}  // namespace

void ConnectionTestRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back({"POST", "/exchanges/connections/{id}/test", Access::user,
                         [this](Call& call) { return test(call); }});
}

Task<base::Result<net::Response>> ConnectionTestRoutes::test(Call& call) {
    auto const id = path_id<model::ConnectionId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto connection = co_await connections_.find_sealed(call.caller.tenant, *call.caller.user, *id);
    if (!connection) co_return no_such_connection();
    auto const within = co_await check_.count(*connection);
    if (!within) co_return std::unexpected(within.error());
    auto const started = clock_.steady();
    auto const latency = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - started);
    };
    auto request = co_await check_.sign(*connection);
    if (!request && request.error().reason != "credentials_unusable")
        co_return std::unexpected(request.error());
    if (!request) co_return net::json_response(200, failed(request.error(), latency()));
    auto const rights = co_await check_.show(std::move(*request));
    co_return net::json_response(
        200, rights ? passed(*rights, latency()) : failed(rights.error(), latency()));
}

}  // namespace obscura::gateway
