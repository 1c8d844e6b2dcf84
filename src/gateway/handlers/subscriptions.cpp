#include "gateway/handlers/subscriptions.hpp"

#include "gateway/handlers/own_connection.hpp"
#include "gateway/handlers/pools.hpp"
#include "gateway/query.hpp"
#include "gateway/views.hpp"

namespace obscura::gateway {
namespace {

using base::Money;

base::DecimalRule const money_rule{.max = base::Decimal(1'000'000'000), .positive = true};

std::optional<Money> optional_money(base::ObjectReader& reader, std::string_view key) {
    auto const value = reader.optional_decimal(key, money_rule);
    if (!value) return std::nullopt;
    return Money{*value};
}

/// Of a change: absent leaves the limit, null takes it away.
std::optional<std::optional<Money>> changed_limit(base::ObjectReader& reader,
                                                  base::Json const& body, std::string_view key) {
    auto const value = optional_money(reader, key);
    auto const* given = body.find(key);
    if (given == nullptr) return std::nullopt;
    return value;
}

void check_mode(base::ObjectReader& reader) {
    auto const mode = reader.optional_text("mode", {.max = 32});
    if (!mode || *mode == "fixed_amount") return;
    if (*mode == "advanced")
        reader.add_error("mode", "not_allowed", "Must be fixed_amount in this version.");
    else
        reader.add_error("mode", "not_allowed", "Must be one of: fixed_amount.");
}

base::Result<ports::SubscriptionRecord> read_subscription(Call& call, model::PoolId pool) {
    auto const body = net::json_body(call.request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    check_mode(reader);
    ports::SubscriptionRecord subscription{
        .id = model::SubscriptionId{call.new_id},
        .tenant = call.caller.tenant,
        .pool = pool,
        .user = *call.caller.user,
        .connection = model::ConnectionId{reader.uuid("connection_id")},
        .total_investment_usd = Money{reader.decimal("total_investment_usd", money_rule)},
        .max_loss_usd = optional_money(reader, "max_loss_usd"),
        .profit_target_usd = optional_money(reader, "profit_target_usd"),
        .daily_loss_limit_usd = optional_money(reader, "daily_loss_limit_usd"),
        .created_at = call.now};
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return subscription;
}

base::Result<ports::SubscriptionChange> read_change(Call& call) {
    auto const body = net::json_body(call.request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    ports::SubscriptionChange change{
        .total_investment_usd = optional_money(reader, "total_investment_usd"),
        .max_loss_usd = changed_limit(reader, *body, "max_loss_usd"),
        .profit_target_usd = changed_limit(reader, *body, "profit_target_usd"),
        .daily_loss_limit_usd = changed_limit(reader, *body, "daily_loss_limit_usd")};
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return change;
}

std::unexpected<base::Error> no_such_subscription() {
    return base::fail(base::Errc::not_found, "subscription_not_found",
                      "There is no such subscription.");
}

base::Result<net::Response> answer(base::Result<ports::SubscriptionRecord> const& subscription) {
    if (!subscription) return std::unexpected(subscription.error());
    return net::json_response(200, view(*subscription));
}

}  // namespace

void SubscriptionRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back({"POST", "/v2/pools/{id}/subscribe", Access::user,
                         [this](Call& call) { return subscribe(call); }, Creates::yes});
    endpoints.push_back(
        {"GET", "/v2/subscriptions", Access::user, [this](Call& call) { return list(call); }});
    endpoints.push_back(
        {"GET", "/v2/subscriptions/{id}", Access::user, [this](Call& call) { return show(call); }});
    endpoints.push_back({"PATCH", "/v2/subscriptions/{id}", Access::user,
                         [this](Call& call) { return change(call); }});
    endpoints.push_back({"DELETE", "/v2/subscriptions/{id}", Access::user,
                         [this](Call& call) { return close(call); }});
    endpoints.push_back({"POST", "/v2/subscriptions/{id}/pause", Access::user,
                         [this](Call& call) { return set_paused(call, true); }});
    endpoints.push_back({"POST", "/v2/subscriptions/{id}/resume", Access::user,
                         [this](Call& call) { return set_paused(call, false); }});
}

Task<base::Result<void>> SubscriptionRoutes::check_pool(Call& call, model::PoolId id) {
    auto const pool = co_await pools_.find(viewer_of(call.caller), id);
    if (!pool)
        co_return base::fail(base::Errc::not_found, "pool_not_found", "There is no such pool.");
    if (pool->status != ports::PoolStatus::active)
        co_return base::fail(base::Errc::conflict, "pool_not_active",
                             "The pool takes no subscribers now.");
    co_return base::Result<void>{};
}

Task<base::Result<net::Response>> SubscriptionRoutes::subscribe(Call& call) {
    auto const pool = path_id<model::PoolId>(call.request);
    if (!pool) co_return std::unexpected(pool.error());
    auto subscription = read_subscription(call, *pool);
    if (!subscription) co_return std::unexpected(subscription.error());
    auto const open = co_await check_pool(call, *pool);
    if (!open) co_return std::unexpected(open.error());
    auto const connection = co_await own_connection(connections_, call, subscription->connection,
                                                    ports::ConnectionPurpose::follow);
    if (!connection) co_return std::unexpected(connection.error());
    auto const stored = co_await subscriptions_.create(std::move(*subscription));
    if (!stored) co_return std::unexpected(stored.error());
    co_return net::json_response(201, view(*stored));
}

Task<base::Result<net::Response>> SubscriptionRoutes::list(Call& call) {
    QueryReader query(call.request);
    auto const status = query.one_of("status", ports::subscription_status_names);
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const rows = co_await subscriptions_.list(call.caller.tenant, *call.caller.user, status,
                                                   and_one_more(page));
    co_return net::json_response(
        200, list_json(rows, page.limit, [](auto const& row) { return view(row); }));
}

Task<base::Result<net::Response>> SubscriptionRoutes::show(Call& call) {
    auto const id = path_id<model::SubscriptionId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto const found = co_await subscriptions_.find(call.caller.tenant, *call.caller.user, *id);
    if (!found) co_return no_such_subscription();
    co_return net::json_response(200, view(*found));
}

Task<base::Result<net::Response>> SubscriptionRoutes::change(Call& call) {
    auto const id = path_id<model::SubscriptionId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto const wanted = read_change(call);
    if (!wanted) co_return std::unexpected(wanted.error());
    co_return answer(
        co_await subscriptions_.change(call.caller.tenant, *call.caller.user, *id, *wanted));
}

Task<base::Result<net::Response>> SubscriptionRoutes::close(Call& call) {
    auto const id = path_id<model::SubscriptionId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    co_return answer(
        co_await subscriptions_.close(call.caller.tenant, *call.caller.user, *id, call.now));
}

Task<base::Result<net::Response>> SubscriptionRoutes::set_paused(Call& call, bool paused) {
    auto const id = path_id<model::SubscriptionId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    co_return answer(
        co_await subscriptions_.set_paused(call.caller.tenant, *call.caller.user, *id, paused));
}

}  // namespace obscura::gateway
