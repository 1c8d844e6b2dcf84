#include "store/tenant_store.hpp"

#include "store/audit_log.hpp"
#include "store/columns.hpp"

namespace obscura::store {
namespace {

constexpr Statement insert_tenant{"tenant_insert", R"(
    INSERT INTO tenants (tenant_id, slug, name, kind, settings, created_at)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6) ON CONFLICT (tenant_id) DO NOTHING)"};
constexpr Statement select_tenant{"tenant_select", R"(
    SELECT tenant_id, slug, name, kind, status, settings::text, created_at
      FROM tenants WHERE tenant_id = $1)"};
constexpr Statement tenant_slug{"tenant_by_slug", "SELECT tenant_by_slug($1)"};
constexpr Statement list_all_tenants{"tenant_list", R"(
    SELECT tenant_id, slug, name, kind, status, settings::text, created_at
      FROM list_tenants($1::uuid, $2::int))"};

ports::TenantRecord tenant_of(Row const& row) {
    return {.id = row.id<model::TenantId>(0),
            .slug = row.string(1),
            .name = row.string(2),
            .kind = enum_column(row, 3, ports::tenant_kind_names),
            .is_active = row.text(4) == "active",
            .settings = json_column(row, 5),
            .created_at = row.timestamp(6)};
}

}  // namespace

ports::Task<base::Result<ports::TenantRecord>> PgTenantStore::create(ports::TenantRecord tenant,
                                                                     ports::AuditStamp by) {
    auto const params = Params()
                            .add(tenant.id)
                            .add(tenant.slug)
                            .add(tenant.name)
                            .add(model::name_of(tenant.kind, ports::tenant_kind_names))
                            .add(tenant.settings.dump())
                            .add(tenant.created_at);
    bool taken = false;
    try {
        auto const body = [&](PgTransaction& tx) -> net::Task<void> {
            auto const made = co_await tx.run(insert_tenant, params);
            if (made.affected() == 1)
                send_audit(tx, tenant.id, by, "tenant.create", "tenant:" + tenant.id.to_string(),
                           base::Json::object({{"slug", tenant.slug}}));
        };
        co_await pool_.transaction(TenantScope::of(tenant.id), body);
    } catch (PgError const& e) {
        if (!e.is_unique_violation()) throw;
        taken = true;
    }
    if (taken) co_return base::fail(base::Errc::conflict, "slug_taken", "The slug is taken.");
    auto stored = co_await find(tenant.id);
    if (!stored) throw std::runtime_error("a tenant vanished while it was made");
    co_return std::move(*stored);
}

ports::Task<std::optional<ports::TenantRecord>> PgTenantStore::find(model::TenantId id) {
    auto params = Params().add(id);
    auto const rows = co_await pool_.query(TenantScope::of(id), select_tenant, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return tenant_of(rows[0]);
}

ports::Task<std::optional<model::TenantId>> PgTenantStore::by_slug(std::string slug) {
    auto params = Params().add(slug);
    auto const rows = co_await pool_.query(TenantScope{}, tenant_slug, std::move(params));
    co_return optional_id<model::TenantId>(rows[0], 0);
}

ports::Task<std::vector<ports::TenantRecord>> PgTenantStore::list(ports::Page page) {
    auto params = Params().add(page.before).add(page.limit);
    auto const rows = co_await pool_.query(TenantScope{}, list_all_tenants, std::move(params));
    std::vector<ports::TenantRecord> tenants;
    for (int i = 0; i < rows.size(); ++i) tenants.push_back(tenant_of(rows[i]));
    co_return tenants;
}

}  // namespace obscura::store
