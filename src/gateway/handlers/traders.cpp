#include "gateway/handlers/traders.hpp"

#include "gateway/handlers/own_connection.hpp"
#include "gateway/query.hpp"
#include "gateway/views.hpp"

namespace obscura::gateway {

void TraderRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back({"POST", "/v2/traders", Access::user,
                         [this](Call& call) { return create(call); }, Creates::yes});
    endpoints.push_back(
        {"GET", "/v2/traders", Access::user_or_key, [this](Call& call) { return list(call); }});
}

Task<base::Result<net::Response>> TraderRoutes::create(Call& call) {
    auto const body = net::json_body(call.request);
    if (!body) co_return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    ports::TraderRecord trader{.id = model::TraderId{call.new_id},
                               .tenant = call.caller.tenant,
                               .user = *call.caller.user,
                               .connection = model::ConnectionId{reader.uuid("connection_id")},
                               .display_name = reader.text("display_name", {.max = 60}),
                               .created_at = call.now};
    if (auto const done = reader.finish(); !done) co_return std::unexpected(done.error());
    auto const connection = co_await own_connection(connections_, call, trader.connection,
                                                    ports::ConnectionPurpose::lead);
    if (!connection) co_return std::unexpected(connection.error());
    auto const stored = co_await traders_.create(std::move(trader));
    if (!stored) co_return std::unexpected(stored.error());
    co_return net::json_response(201, view(*stored));
}

Task<base::Result<net::Response>> TraderRoutes::list(Call& call) {
    QueryReader query(call.request);
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const rows = co_await traders_.list(call.caller.tenant, std::nullopt, and_one_more(page));
    co_return net::json_response(
        200, list_json(rows, page.limit, [](auto const& row) { return view(row); }));
}

}  // namespace obscura::gateway
