#include "store/lead_directory.hpp"

#include "ports/key_vault.hpp"
#include "store/columns.hpp"

namespace obscura::store {
namespace {

constexpr Statement active_leads_statement{"lead_directory_active", R"(
    SELECT c.id, c.tenant_id, c.user_id, c.venue, c.environment, c.credentials, c.created_at,
           array_agg(t.id::text ORDER BY t.id)
      FROM exchange_connections c
      JOIN traders t ON t.connection_id = c.id AND t.status = 'active'
     WHERE c.purpose = 'lead' AND c.status = 'active'
     GROUP BY c.id ORDER BY c.id)"};

ports::LeaderAccount lead_of(Row const& row) {
    ports::LeaderAccount lead;
    lead.connection = row.id<model::ConnectionId>(0);
    lead.tenant = row.id<model::TenantId>(1);
    auto const user = row.id<model::UserId>(2);
    lead.venue = row.string(3);
    lead.environment = enum_column(row, 4, model::environment_names);
    lead.credential_context =
        ports::credential_context(lead.tenant, user, lead.venue, lead.environment,
                                  ports::ConnectionPurpose::lead, lead.connection);
    auto const credentials = json_column(row, 5);
    if (credentials.is_object())
        for (auto const& [field, ciphertext] : credentials.as_object())
            if (auto const text = ciphertext.to_text()) lead.credentials.emplace(field, *text);
    lead.connected_at = row.timestamp(6);
    for (auto const& id : row.text_array(7))
        if (auto const trader = model::TraderId::parse(id)) lead.traders.push_back(*trader);
    return lead;
}

}  // namespace

ports::Task<std::vector<ports::LeaderAccount>> PgLeadDirectory::active_leads() {
    Params none;
    auto const rows =
        co_await pool_.query(TenantScope::engine(), active_leads_statement, std::move(none));
    std::vector<ports::LeaderAccount> leads;
    for (int i = 0; i < rows.size(); ++i) leads.push_back(lead_of(rows[i]));
    co_return leads;
}

}  // namespace obscura::store
