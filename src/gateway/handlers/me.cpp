#include "gateway/handlers/me.hpp"

#include "gateway/query.hpp"
#include "gateway/views.hpp"

namespace obscura::gateway {
namespace {

constexpr int page_size = 200;
/// An export stays one bounded answer; what is beyond is listed by the routes, and `truncated` says
/// so.
constexpr std::size_t max_exported = 10'000;

/// Every row of a list by id, page by page.
template <class Fetch, class View>
Task<base::Json> collect(Fetch fetch, View shown) {
    auto all = base::Json::array();
    ports::Page page{.limit = page_size};
    while (all.as_array().size() < max_exported) {
        auto const rows = co_await fetch(page);
        for (auto const& row : rows) all.push_back(shown(row));
        if (rows.size() < static_cast<std::size_t>(page_size)) break;
        page.before = rows.back().id.value;
    }
    co_return all;
}

constexpr auto as_view = [](auto const& row) { return view(row); };

std::unexpected<base::Error> user_gone() {
    return base::fail(base::Errc::not_found, "user_not_found", "The user is no longer there.");
}

constexpr std::array<base::EnumName<ports::HeldPositions>, 2> held_names{
    {{"refuse", ports::HeldPositions::refuse}, {"abandon", ports::HeldPositions::abandon}}};

}  // namespace

void MeRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back({"GET", "/me", Access::user, [this](Call& call) { return show(call); }});
    endpoints.push_back(
        {"DELETE", "/me", Access::user, [this](Call& call) { return erase(call); }});
    endpoints.push_back(
        {"GET", "/me/export", Access::user, [this](Call& call) { return export_all(call); }});
}

Task<base::Result<net::Response>> MeRoutes::show(Call& call) {
    auto const user = co_await users_.find(call.caller.tenant, *call.caller.user);
    if (!user) co_return user_gone();
    co_return net::json_response(200, view(*user));
}

Task<base::Result<net::Response>> MeRoutes::erase(Call& call) {
    QueryReader query(call.request);
    auto const held = query.one_of("positions", held_names).value_or(ports::HeldPositions::refuse);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const done = co_await users_.erase(call.caller.tenant, *call.caller.user, held, call.now,
                                            stamp_of(call));
    if (!done) co_return std::unexpected(done.error());
    co_return net::Response{.status = 204};
}

Task<base::Result<net::Response>> MeRoutes::export_all(Call& call) {
    auto const tenant = call.caller.tenant;
    auto const id = *call.caller.user;
    auto const user = co_await users_.find(tenant, id);
    if (!user) co_return user_gone();
    ports::RecordScope const scope{.tenant = tenant, .user = id};
    ports::PoolViewer const viewer{.tenant = tenant, .user = id};
    auto const own_pools = ports::PoolFilter{.kind = ports::PoolKind::custom};
    auto connections = [&](ports::Page page) { return connections_.list(tenant, id, page); };
    auto traders = [&](ports::Page page) { return traders_.list(tenant, id, page); };
    auto pools = [&](ports::Page page) { return pools_.list(viewer, own_pools, page); };
    auto subscriptions = [&](ports::Page page) {
        return subscriptions_.list(tenant, id, std::nullopt, page);
    };
    auto const pool_view = [&](ports::PoolRecord const& pool) { return view(pool, tenant); };
    auto all = base::Json::object({{"exported_at", base::to_rfc3339(call.now)}});
    all.set("user", view(*user));
    all.set("connections", co_await collect(connections, as_view));
    all.set("traders", co_await collect(traders, as_view));
    all.set("pools", co_await collect(pools, pool_view));
    all.set("subscriptions", co_await collect(subscriptions, as_view));
    all.set("executions", co_await executions_of(scope));
    all.set("positions", co_await positions_of(scope));
    all.set("truncated", all["executions"].as_array().size() >= max_exported);
    co_return net::json_response(200, all);
}

Task<base::Json> MeRoutes::executions_of(ports::RecordScope scope) {
    auto fetch = [this, scope](ports::Page page) { return records_.executions(scope, {}, page); };
    co_return co_await collect(fetch, as_view);
}

Task<base::Json> MeRoutes::positions_of(ports::RecordScope scope) {
    auto all = base::Json::array();
    ports::PositionPage page{.limit = page_size};
    while (all.as_array().size() < max_exported) {
        auto const rows = co_await records_.positions(scope, {}, false, page);
        for (auto const& row : rows) all.push_back(view(row));
        if (rows.size() < static_cast<std::size_t>(page_size)) break;
        auto const& last = rows.back();
        page.after = {last.subscription.value, last.market, last.symbol};
    }
    co_return all;
}

}  // namespace obscura::gateway
