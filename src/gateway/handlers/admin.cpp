#include "gateway/handlers/admin.hpp"

#include "gateway/api_key.hpp"
#include "gateway/ip_range.hpp"
#include "gateway/query.hpp"
#include "gateway/views.hpp"

#include <algorithm>

namespace obscura::gateway {
namespace {

using base::Json;

constexpr base::IntegerRule limit_rule{.min = 1, .max = 1'000'000};
constexpr std::size_t max_addresses = 100;
constexpr std::array scopes{scope_signal_write, scope_pool_manage, scope_stream_access};

bool is_slug(std::string_view text) {
    auto const plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return text.size() >= 2 && text.size() <= 63 && plain(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return plain(c) || c == '-'; });
}

/// The tenant's own limits; what is left out stays at the default.
Json read_settings(base::ObjectReader& reader) {
    auto const* limits = reader.optional_object("rate_limits");
    if (limits == nullptr) return Json::object();
    base::ObjectReader rates(*limits, reader.pointer_to("rate_limits"));
    (void)rates.optional_integer("general_per_min", limit_rule);
    (void)rates.optional_integer("execution_per_min", limit_rule);
    reader.absorb(rates.errors());
    return Json::object({{"rate_limits", *limits}});
}

base::Result<ports::TenantRecord> read_tenant(Call& call) {
    auto const body = net::json_body(call.request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    ports::TenantRecord tenant{.id = model::TenantId{call.new_id},
                               .slug = reader.text("slug", {.min = 2, .max = 63}),
                               .name = reader.text("name", {.max = 120}),
                               .settings = read_settings(reader),
                               .created_at = call.now};
    if (!tenant.slug.empty() && !is_slug(tenant.slug))
        reader.add_error("slug", "not_allowed",
                         "Must be lower-case letters, digits and dashes, no dash in front.");
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return tenant;
}

/// An array of texts; each must pass `allowed`.
template <class Allowed>
std::vector<std::string> read_texts(base::ObjectReader& reader, std::string_view key,
                                    std::size_t max, Allowed allowed, std::string const& rule) {
    std::vector<std::string> texts;
    auto const* list = reader.optional_array(key, 0, max);
    if (list == nullptr) return texts;
    std::vector<base::FieldError> errors;
    for (std::size_t i = 0; i < list->as_array().size(); ++i) {
        auto const text = list->as_array()[i].to_text();
        bool const again = text && std::ranges::find(texts, *text) != texts.end();
        if (text && !again && allowed(*text))
            texts.emplace_back(*text);
        else
            errors.push_back(
                {reader.pointer_to(key) + "/" + std::to_string(i), "not_allowed", rule});
    }
    reader.absorb(std::move(errors));
    return texts;
}

/// `mode` decides what a signal may reach, so nobody gets a live key by leaving it out.
base::Result<ports::ApiKeyRecord> read_key(Call& call, model::TenantId tenant) {
    auto const body = net::json_body(call.request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    ports::ApiKeyRecord key{.id = model::ApiKeyId{call.new_id}, .tenant = tenant};
    key.mode = reader.one_of("mode", ports::api_key_mode_names);
    key.name = reader.text("name", {.max = 80});
    auto const is_scope = [](std::string_view text) {
        return std::ranges::find(scopes, text) != scopes.end();
    };
    auto const is_range = [](std::string_view text) { return IpRange::parse(text).has_value(); };
    key.scopes = read_texts(reader, "scopes", scopes.size(), is_scope,
                            "Must be one of signal:write, pool:manage, stream:access, once.");
    key.ip_allow = read_texts(reader, "ip_allow", max_addresses, is_range,
                              "Must be an IP address or a CIDR block, once.");
    key.expires_at = reader.optional_timestamp("expires_at");
    if (key.expires_at && *key.expires_at <= call.now)
        reader.add_error("expires_at", "out_of_range", "Must be in the future.");
    key.created_at = call.now;
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return key;
}

/// How long the old key stays good beside the new one; a day unless told.
base::Result<std::chrono::seconds> read_overlap(Call& call) {
    if (call.request.body.empty()) return std::chrono::hours(24);
    auto const body = net::json_body(call.request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    auto const seconds = reader.optional_integer("overlap_seconds", {.min = 0, .max = 2'592'000});
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return std::chrono::seconds(seconds.value_or(86'400));
}

/// Fills in the secret's part of the record.
ApiKeyText give_secret(ports::ApiKeyRecord& record, base::Secret const& pepper,
                       base::Random& random) {
    auto text = make_api_key(record.mode, random);
    record.public_id = text.public_id;
    record.secret_mac = mac_of(pepper, text.secret);
    return text;
}

base::Result<net::Response> show_once(base::Result<ports::ApiKeyStore::Created> const& created,
                                      ports::ApiKeyRecord const& record, ApiKeyText const& text) {
    if (!created) return std::unexpected(created.error());
    if (*created == ports::ApiKeyStore::Created::already_made)
        return base::fail(base::Errc::conflict, "secret_not_replayable",
                          "The key was made by the first request, and its secret is not kept. "
                          "Revoke it and make another.");
    auto answer = view(record);
    auto const key = render(text);
    answer.set("key", key.reveal());
    return net::json_response(201, answer);
}

std::unexpected<base::Error> no_such_tenant() {
    return base::fail(base::Errc::not_found, "tenant_not_found", "There is no such tenant.");
}

}  // namespace

void AdminRoutes::add_to(EndpointList& endpoints) {
    auto const add = [&](char const* method, char const* path, auto handler,
                         Creates creates = Creates::no) {
        endpoints.push_back({method, path, Access::admin,
                             [this, handler](Call& call) { return (this->*handler)(call); },
                             creates});
    };
    add("POST", "/v2/admin/tenants", &AdminRoutes::create_tenant, Creates::yes);
    add("GET", "/v2/admin/tenants", &AdminRoutes::list_tenants);
    add("GET", "/v2/admin/tenants/{id}", &AdminRoutes::show_tenant);
    add("POST", "/v2/admin/tenants/{id}/api-keys", &AdminRoutes::create_key, Creates::yes);
    add("GET", "/v2/admin/tenants/{id}/api-keys", &AdminRoutes::list_keys);
    add("POST", "/v2/admin/tenants/{id}/api-keys/{key_id}/rotate", &AdminRoutes::rotate_key,
        Creates::yes);
    add("POST", "/v2/admin/tenants/{id}/api-keys/{key_id}/revoke", &AdminRoutes::revoke_key);
    add("GET", "/v2/admin/audit", &AdminRoutes::list_audit);
}

Task<base::Result<net::Response>> AdminRoutes::create_tenant(Call& call) {
    auto tenant = read_tenant(call);
    if (!tenant) co_return std::unexpected(tenant.error());
    auto const stored = co_await tenants_.create(std::move(*tenant), stamp_of(call));
    if (!stored) co_return std::unexpected(stored.error());
    co_return net::json_response(201, view(*stored));
}

Task<base::Result<net::Response>> AdminRoutes::list_tenants(Call& call) {
    QueryReader query(call.request);
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const rows = co_await tenants_.list(and_one_more(page));
    co_return net::json_response(
        200, list_json(rows, page.limit, [](auto const& row) { return view(row); }));
}

Task<base::Result<net::Response>> AdminRoutes::show_tenant(Call& call) {
    auto const id = path_id<model::TenantId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto const tenant = co_await tenants_.find(*id);
    if (!tenant) co_return no_such_tenant();
    co_return net::json_response(200, view(*tenant));
}

Task<base::Result<net::Response>> AdminRoutes::create_key(Call& call) {
    auto const tenant = path_id<model::TenantId>(call.request);
    if (!tenant) co_return std::unexpected(tenant.error());
    auto key = read_key(call, *tenant);
    if (!key) co_return std::unexpected(key.error());
    auto const text = give_secret(*key, pepper_, random_);
    auto const created = co_await api_keys_.create(*key, stamp_of(call));
    co_return show_once(created, *key, text);
}

Task<base::Result<net::Response>> AdminRoutes::list_keys(Call& call) {
    auto const tenant = path_id<model::TenantId>(call.request);
    if (!tenant) co_return std::unexpected(tenant.error());
    QueryReader query(call.request);
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const known = co_await tenants_.find(*tenant);
    if (!known) co_return no_such_tenant();
    auto const rows = co_await api_keys_.list(*tenant, and_one_more(page));
    co_return net::json_response(
        200, list_json(rows, page.limit, [](auto const& row) { return view(row); }));
}

Task<base::Result<ports::ApiKeyRecord>> AdminRoutes::find_key(Call& call) {
    auto const tenant = path_id<model::TenantId>(call.request);
    if (!tenant) co_return std::unexpected(tenant.error());
    auto const id = path_id<model::ApiKeyId>(call.request, "key_id");
    if (!id) co_return std::unexpected(id.error());
    auto found = co_await api_keys_.find(*tenant, *id);
    if (!found)
        co_return base::fail(base::Errc::not_found, "api_key_not_found", "There is no such key.");
    co_return std::move(*found);
}

Task<base::Result<net::Response>> AdminRoutes::rotate_key(Call& call) {
    auto const overlap = read_overlap(call);
    if (!overlap) co_return std::unexpected(overlap.error());
    auto const old = co_await find_key(call);
    if (!old) co_return std::unexpected(old.error());
    auto next = *old;
    next.id = model::ApiKeyId{call.new_id};
    next.created_at = call.now;
    next.last_used_at.reset();
    next.revoked_at.reset();
    auto const text = give_secret(next, pepper_, random_);
    auto const created =
        co_await api_keys_.rotate(old->id, call.now + *overlap, next, stamp_of(call));
    co_return show_once(created, next, text);
}

Task<base::Result<net::Response>> AdminRoutes::revoke_key(Call& call) {
    auto const key = co_await find_key(call);
    if (!key) co_return std::unexpected(key.error());
    auto const revoked = co_await api_keys_.revoke(key->tenant, key->id, call.now, stamp_of(call));
    if (!revoked) co_return std::unexpected(revoked.error());
    co_return net::json_response(200, view(*revoked));
}

Task<base::Result<net::Response>> AdminRoutes::list_audit(Call& call) {
    QueryReader query(call.request);
    ports::AuditFilter filter{.tenant = query.id<model::TenantId>("tenant_id"),
                              .actor = query.text("actor", 64),
                              .action = query.text("action", 64)};
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const rows = co_await audit_.list(std::move(filter), and_one_more(page));
    auto const cursor = [](auto const& row) { return row.id.to_string(); };
    co_return net::json_response(
        200, list_json(rows, page.limit, [](auto const& row) { return view(row); }, cursor));
}

}  // namespace obscura::gateway
