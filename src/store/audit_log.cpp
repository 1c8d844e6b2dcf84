#include "store/audit_log.hpp"

#include "store/columns.hpp"

namespace obscura::store {
namespace {

constexpr Statement insert_entry{"audit_insert", R"(
    INSERT INTO audit_log (id, tenant_id, actor, action, subject, detail, created_at)
    VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7))"};
constexpr Statement count_failed_login{"audit_failed_login",
                                       "SELECT audit_failed_login($1, $2, $3)"};
constexpr Statement list_entries{"audit_list", R"(
    SELECT id, tenant_id, actor, action, subject, detail::text, created_at
      FROM list_audit($1::uuid, $2::int, $3::uuid, $4::text, $5::text))"};

ports::AuditEntry entry_of(Row const& row) {
    return {.id = row.uuid(0),
            .tenant = row.id<model::TenantId>(1),
            .actor = row.string(2),
            .action = row.string(3),
            .subject = row.string(4),
            .detail = json_column(row, 5),
            .at = row.timestamp(6)};
}

}  // namespace

void send_audit(PgTransaction& tx, model::TenantId tenant, ports::AuditStamp const& by,
                std::string_view action, std::string const& subject, base::Json detail) {
    if (!by.request_id.empty()) detail.set("request_id", by.request_id);
    if (!by.network.empty()) detail.set("network", by.network);
    tx.send(insert_entry, Params()
                              .add(by.id)
                              .add(tenant)
                              .add(by.actor)
                              .add(action)
                              .add(subject)
                              .add(detail.dump())
                              .add(by.at));
}

ports::Task<void> PgAuditLog::failed_login(model::TenantId tenant, std::string subject,
                                           std::string network, base::Timestamp at) {
    auto params = Params().add(subject).add(network).add(at);
    (void)co_await pool_.query(TenantScope::of(tenant), count_failed_login, std::move(params));
}

ports::Task<std::vector<ports::AuditEntry>> PgAuditLog::list(ports::AuditFilter filter,
                                                             ports::Page page) {
    auto params = Params()
                      .add(page.before)
                      .add(page.limit)
                      .add(filter.tenant)
                      .add(filter.actor)
                      .add(filter.action);
    auto const rows = co_await pool_.query(TenantScope{}, list_entries, std::move(params));
    std::vector<ports::AuditEntry> entries;
    for (int i = 0; i < rows.size(); ++i) entries.push_back(entry_of(rows[i]));
    co_return entries;
}

}  // namespace obscura::store
