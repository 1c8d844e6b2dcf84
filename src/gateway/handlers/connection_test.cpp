#include "gateway/handlers/connection_test.hpp"

#include "base/log.hpp"
#include "gateway/query.hpp"
#include "ports/key_vault.hpp"

namespace obscura::gateway {
namespace {

using base::Json;

/// A look weighs 20 of the 6,000 a minute that a venue grants this address, which orders need more.
constexpr ports::RateQuota of_user{.limit = 5, .window = std::chrono::seconds(60)};
constexpr ports::RateQuota of_venue{.limit = 30, .window = std::chrono::seconds(60)};
constexpr std::chrono::seconds signed_for{5};

std::unexpected<base::Error> no_such_connection() {
    return base::fail(base::Errc::not_found, "connection_not_found",
                      "There is no such connection.");
}

std::unexpected<base::Error> unusable() {
    return base::fail(base::Errc::invalid_argument, "credentials_unusable",
                      "The credentials cannot be used; connect the account again.");
}

Json passed(ports::AccountRights const& rights, std::chrono::milliseconds latency) {
    auto permissions = Json::object({{"read", true},
                                     {"trade", rights.may_trade},
                                     {"withdraw", rights.may_withdraw},
                                     {"deposit", rights.may_deposit}});
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
    auto const within = co_await count(*connection);
    if (!within) co_return std::unexpected(within.error());
    auto const started = clock_.steady();
    auto const latency = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - started);
    };
    auto request = co_await sign(*connection);
    if (!request && request.error().reason != "credentials_unusable")
        co_return std::unexpected(request.error());
    if (!request) co_return net::json_response(200, failed(request.error(), latency()));
    auto const rights = co_await venue_.read_account(std::move(*request));
    co_return net::json_response(
        200, rights ? passed(*rights, latency()) : failed(rights.error(), latency()));
}

Task<base::Result<void>> ConnectionTestRoutes::count(ports::ConnectionRecord const& connection) {
    auto const user = "connection_test:" + connection.user.to_string();
    auto const by_user = co_await limits_.take(user, of_user);
    if (!by_user.allowed) co_return std::unexpected(rate_limited(by_user));
    auto const venue = "connection_test:" + connection.venue + ":" +
                       std::string(model::to_string(connection.environment));
    auto const by_venue = co_await limits_.take(venue, of_venue);
    if (!by_venue.allowed) co_return std::unexpected(rate_limited(by_venue));
    co_return base::Result<void>{};
}

Task<base::Result<ports::SignedRequest>> ConnectionTestRoutes::sign(
    ports::ConnectionRecord const& connection) {
    std::vector<ports::SignItem> items(1);
    items[0].id = "test";
    items[0].venue = connection.venue;
    items[0].environment = connection.environment;
    items[0].context = ports::context_of(connection);
    items[0].credentials = connection.credentials;
    items[0].operation = model::ReadAccount{};
    items[0].not_after = clock_.now() + signed_for;
    auto answers = co_await signer_.sign(std::move(items));
    if (!answers) co_return std::unexpected(answers.error());
    auto& answer = answers->at(0);
    if (answer) co_return std::move(*answer);
    if (answer.error().code != base::Errc::invalid_argument)
        co_return std::unexpected(answer.error());
    base::log::warn("connection_test.not_signed",
                    {{"connection", connection.id.to_string()}, {"reason", answer.error().reason}});
    co_return unusable();
}

}  // namespace obscura::gateway
