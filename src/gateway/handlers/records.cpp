#include "gateway/handlers/records.hpp"

#include "gateway/query.hpp"
#include "gateway/views.hpp"

namespace obscura::gateway {
namespace {

ports::RecordScope scope_of(ports::Caller const& caller) {
    return {.tenant = caller.tenant, .user = caller.user};
}

/// "subscription:market:symbol"
std::string cursor_of(ports::Position const& position) {
    return position.subscription.to_string() + ":" + position.market + ":" + position.symbol;
}

ports::PositionPage read_position_page(QueryReader& query) {
    ports::PositionPage page;
    page.limit = static_cast<int>(query.integer("limit", 50, {.min = 1, .max = 200}));
    auto const cursor = query.text("cursor", 128);
    if (!cursor) return page;
    auto const first = cursor->find(':');
    auto const second = first == std::string::npos ? first : cursor->find(':', first + 1);
    auto const id = base::parse_uuid(cursor->substr(0, first));
    if (id && second != std::string::npos)
        page.after = {.subscription = *id,
                      .market = cursor->substr(first + 1, second - first - 1),
                      .symbol = cursor->substr(second + 1)};
    else
        query.add_error("cursor", "not_a_cursor", "Must be a next_cursor of ours.");
    return page;
}

}  // namespace

void RecordRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back({"GET", "/v2/executions", Access::user_or_key,
                         [this](Call& call) { return executions(call); }});
    endpoints.push_back({"GET", "/v2/positions", Access::user_or_key,
                         [this](Call& call) { return positions(call); }});
    endpoints.push_back({"GET", "/v2/receipts/{id}", Access::user_or_key,
                         [this](Call& call) { return receipt(call); }});
    endpoints.push_back({"GET", "/.well-known/obscura-receipt-keys", Access::open,
                         [this](Call& call) { return receipt_keys(call); }});
}

Task<base::Result<net::Response>> RecordRoutes::executions(Call& call) {
    QueryReader query(call.request);
    ports::ExecutionFilter const filter{
        .pool = query.id<model::PoolId>("pool_id"),
        .subscription = query.id<model::SubscriptionId>("subscription_id"),
        .signal = query.id<model::SignalId>("signal_id")};
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const rows =
        co_await records_.executions(scope_of(call.caller), filter, and_one_more(page));
    co_return net::json_response(
        200, list_json(rows, page.limit, [](auto const& row) { return view(row); }));
}

Task<base::Result<net::Response>> RecordRoutes::positions(Call& call) {
    QueryReader query(call.request);
    ports::ExecutionFilter const filter{
        .pool = query.id<model::PoolId>("pool_id"),
        .subscription = query.id<model::SubscriptionId>("subscription_id")};
    auto const held_only = query.boolean("held").value_or(true);
    auto page = read_position_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const limit = page.limit++;
    auto const rows = co_await records_.positions(scope_of(call.caller), filter, held_only, page);
    co_return net::json_response(
        200, list_json(rows, limit, [](auto const& row) { return view(row); }, cursor_of));
}

Task<base::Result<net::Response>> RecordRoutes::receipt(Call& call) {
    auto const id = path_id<model::ReceiptId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto const found = co_await records_.receipt(scope_of(call.caller), *id);
    if (!found)
        co_return base::fail(base::Errc::not_found, "receipt_not_found",
                             "There is no such receipt.");
    co_return net::json_response(200, view(*found));
}

Task<base::Result<net::Response>> RecordRoutes::receipt_keys(Call&) {
    auto keys = base::Json::array();
    for (auto const& key : co_await records_.receipt_keys()) keys.push_back(view(key));
    auto response = net::json_response(200, base::Json::object({{"keys", std::move(keys)}}));
    response.headers.set("Cache-Control", "public, max-age=300");
    co_return response;
}

}  // namespace obscura::gateway
