#include "gateway/handlers/pools.hpp"

#include "gateway/query.hpp"
#include "gateway/views.hpp"

#include <algorithm>

namespace obscura::gateway {
namespace {

using base::Json;
using ports::PoolKind;

constexpr std::size_t max_traders = 50;
constexpr base::TextRule name_rule{.max = 80};
constexpr base::TextRule description_rule{.min = 0, .max = 2000};
constexpr base::IntegerRule fee_rule{.min = 1000, .max = 2000};

/// Six places, as they are kept.
bool is_weight(base::Decimal weight) {
    return weight ==
           base::to_step(weight, base::Decimal::from_scaled(1, 6), base::Rounding::toward_zero);
}

ports::PoolTrader read_trader(Json const& item, std::string const& pointer,
                              std::vector<base::FieldError>& errors) {
    base::ObjectReader reader(item, pointer);
    ports::PoolTrader entry{.trader = model::TraderId{reader.uuid("trader_id")}};
    auto const weight =
        reader.optional_decimal("weight", {.max = base::Decimal(1), .positive = true});
    if (weight) entry.weight = *weight;
    if (weight && !is_weight(*weight))
        reader.add_error("weight", "too_precise", "Must have at most 6 places after the point.");
    std::ranges::move(reader.errors(), std::back_inserter(errors));
    return entry;
}

std::optional<std::vector<ports::PoolTrader>> read_traders(base::ObjectReader& reader) {
    auto const* list = reader.optional_array("traders", 0, max_traders);
    if (list == nullptr) return std::nullopt;
    std::vector<ports::PoolTrader> traders;
    std::vector<base::FieldError> errors;
    for (auto const& item : list->as_array()) {
        auto const pointer = "/traders/" + std::to_string(traders.size());
        auto const entry = read_trader(item, pointer, errors);
        bool const again =
            std::ranges::find(traders, entry.trader, &ports::PoolTrader::trader) != traders.end();
        if (again && !entry.trader.value.is_nil())
            errors.push_back({pointer + "/trader_id", "duplicate", "Must be in the list once."});
        traders.push_back(entry);
    }
    reader.absorb(std::move(errors));
    return traders;
}

base::Result<void> may_create(ports::Caller const& caller, PoolKind kind) {
    switch (kind) {
        case PoolKind::curated:
            if (caller.is_admin) return {};
            return base::fail(base::Errc::forbidden, "admin_required",
                              "Curated pools are made by platform administrators.");
        case PoolKind::custom:
            if (caller.user) return {};
            return base::fail(base::Errc::forbidden, "user_required",
                              "Custom pools are made by users; a tenant makes partner pools.");
        case PoolKind::partner:
            if (caller.has_scope(scope_pool_manage)) return {};
            return base::fail(base::Errc::forbidden, "api_key_required",
                              "Partner pools are made with a tenant's API key (pool:manage).");
    }
    return base::fail(base::Errc::forbidden, "forbidden", "Not allowed.");
}

std::unexpected<base::Error> no_such_pool() {
    return base::fail(base::Errc::not_found, "pool_not_found", "There is no such pool.");
}

base::Result<ports::PoolRecord> read_pool(Call& call) {
    auto const body = net::json_body(call.request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    ports::PoolRecord pool{.id = model::PoolId{call.new_id},
                           .tenant = call.caller.tenant,
                           .owner = call.caller.user,
                           .created_at = call.now};
    auto const usual = call.caller.api_key ? PoolKind::partner : PoolKind::custom;
    pool.kind = reader.optional_one_of("kind", ports::pool_kind_names).value_or(usual);
    pool.name = reader.text("name", name_rule);
    pool.description = reader.optional_text("description", description_rule).value_or("");
    pool.performance_fee_bps =
        reader.optional_integer("performance_fee_bps", fee_rule).value_or(1000);
    pool.traders = read_traders(reader).value_or(std::vector<ports::PoolTrader>{});
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return pool;
}

base::Result<ports::PoolChange> read_change(Call& call) {
    auto const body = net::json_body(call.request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    ports::PoolChange change{
        .name = reader.optional_text("name", name_rule),
        .description = reader.optional_text("description", description_rule),
        .performance_fee_bps = reader.optional_integer("performance_fee_bps", fee_rule),
        .traders = read_traders(reader)};
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return change;
}

}  // namespace

ports::PoolViewer viewer_of(ports::Caller const& caller) {
    return {.tenant = caller.tenant, .user = caller.user, .is_admin = caller.is_admin};
}

bool may_manage(ports::Caller const& caller, ports::PoolRecord const& pool) {
    if (pool.tenant != caller.tenant) return false;
    switch (pool.kind) {
        case PoolKind::curated:
            return caller.is_admin;
        case PoolKind::custom:
            return caller.user && pool.owner == caller.user;
        case PoolKind::partner:
            return caller.api_key && caller.has_scope(scope_pool_manage);
    }
    return false;
}

void PoolRoutes::add_to(EndpointList& endpoints) {
    using enum ports::PoolStatus;
    endpoints.push_back({"POST", "/v2/pools", Access::pool_manager,
                         [this](Call& call) { return create(call); }, Creates::yes});
    endpoints.push_back(
        {"GET", "/v2/pools", Access::user_or_key, [this](Call& call) { return list(call); }});
    endpoints.push_back(
        {"GET", "/v2/pools/{id}", Access::user_or_key, [this](Call& call) { return show(call); }});
    endpoints.push_back({"PATCH", "/v2/pools/{id}", Access::pool_manager,
                         [this](Call& call) { return change(call); }});
    endpoints.push_back({"POST", "/v2/pools/{id}/activate", Access::pool_manager,
                         [this](Call& call) { return set_status(call, active); }});
    endpoints.push_back({"POST", "/v2/pools/{id}/pause", Access::pool_manager,
                         [this](Call& call) { return set_status(call, paused); }});
    endpoints.push_back({"POST", "/v2/pools/{id}/archive", Access::pool_manager,
                         [this](Call& call) { return set_status(call, archived); }});
}

Task<base::Result<net::Response>> PoolRoutes::create(Call& call) {
    auto pool = read_pool(call);
    if (!pool) co_return std::unexpected(pool.error());
    auto const allowed = may_create(call.caller, pool->kind);
    if (!allowed) co_return std::unexpected(allowed.error());
    auto const stored = co_await pools_.create(std::move(*pool), stamp_of(call));
    if (!stored) co_return std::unexpected(stored.error());
    co_return net::json_response(201, view(*stored, call.caller.tenant));
}

Task<base::Result<net::Response>> PoolRoutes::list(Call& call) {
    QueryReader query(call.request);
    ports::PoolFilter const filter{.kind = query.one_of("kind", ports::pool_kind_names),
                                   .status = query.one_of("status", ports::pool_status_names)};
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const rows = co_await pools_.list(viewer_of(call.caller), filter, and_one_more(page));
    auto const shown = [&](auto const& row) { return view(row, call.caller.tenant); };
    co_return net::json_response(200, list_json(rows, page.limit, shown));
}

Task<base::Result<net::Response>> PoolRoutes::show(Call& call) {
    auto const id = path_id<model::PoolId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto const pool = co_await pools_.find(viewer_of(call.caller), *id);
    if (!pool) co_return no_such_pool();
    co_return net::json_response(200, view(*pool, call.caller.tenant));
}

Task<base::Result<net::Response>> PoolRoutes::change(Call& call) {
    auto wanted = read_change(call);
    if (!wanted) co_return std::unexpected(wanted.error());
    auto const pool = co_await own_pool(call);
    if (!pool) co_return std::unexpected(pool.error());
    auto const stored =
        co_await pools_.change(pool->tenant, pool->id, std::move(*wanted), stamp_of(call));
    if (!stored) co_return std::unexpected(stored.error());
    co_return net::json_response(200, view(*stored, call.caller.tenant));
}

Task<base::Result<net::Response>> PoolRoutes::set_status(Call& call, ports::PoolStatus to) {
    auto const pool = co_await own_pool(call);
    if (!pool) co_return std::unexpected(pool.error());
    auto const stored = co_await pools_.set_status(pool->tenant, pool->id, to, stamp_of(call));
    if (!stored) co_return std::unexpected(stored.error());
    co_return net::json_response(200, view(*stored, call.caller.tenant));
}

Task<base::Result<ports::PoolRecord>> PoolRoutes::own_pool(Call& call) {
    auto const id = path_id<model::PoolId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto pool = co_await pools_.find(viewer_of(call.caller), *id);
    if (!pool) co_return no_such_pool();
    if (!may_manage(call.caller, *pool))
        co_return base::fail(base::Errc::forbidden, "not_your_pool",
                             "Only who made the pool may change it.");
    co_return std::move(*pool);
}

}  // namespace obscura::gateway
