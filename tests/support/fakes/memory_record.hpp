#pragma once

#include "ports/api_key_store.hpp"
#include "ports/connection_store.hpp"
#include "ports/execution_reader.hpp"
#include "ports/pool_store.hpp"
#include "ports/refresh_token_store.hpp"
#include "ports/store_unavailable.hpp"
#include "ports/subscription_store.hpp"
#include "ports/tenant_store.hpp"
#include "ports/trader_store.hpp"
#include "ports/user_store.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace obscura::test {

/// What the memory stores share, as the tables of one database do.
struct MemoryRecord {
    struct Session {
        ports::RefreshToken token;
        bool used = false;
        bool revoked = false;
    };
    std::map<model::TenantId, ports::TenantRecord> tenants;
    std::map<model::ApiKeyId, ports::ApiKeyRecord> api_keys;
    std::map<model::UserId, ports::UserRecord> users;
    std::map<std::string, Session> sessions;  ///< by hash
    /// Networks a user logged in from, by their MAC, and when.
    std::map<std::pair<model::UserId, std::string>, base::Timestamp> origins;
    std::map<model::ConnectionId, ports::ConnectionRecord> connections;
    std::map<model::TraderId, ports::TraderRecord> traders;
    std::map<model::PoolId, ports::PoolRecord> pools;
    std::map<model::SubscriptionId, ports::SubscriptionRecord> subscriptions;
    std::vector<ports::Execution> executions;
    std::vector<ports::Position> positions;
    std::vector<ports::Receipt> receipts;
    std::vector<ports::PublicKeyRecord> receipt_keys;
    std::set<model::SubscriptionId> with_open_legs;
    std::map<base::Uuid, ports::AuditEntry> audit;
    bool is_down = false;  ///< every call throws, as with the database gone
    int writes = 0;        ///< successful creations and changes
    mutable int calls = 0;

    void reach() const {
        ++calls;
        if (is_down) throw ports::StoreUnavailable("the test took the record away");
    }
    void note(model::TenantId tenant, ports::AuditStamp const& by, std::string action,
              std::string subject) {
        audit[by.id] = {.id = by.id,
                        .tenant = tenant,
                        .actor = by.actor,
                        .action = std::move(action),
                        .subject = std::move(subject),
                        .at = by.at};
    }
    [[nodiscard]] bool has_exposure(model::SubscriptionId id) const {
        return with_open_legs.contains(id) ||
               std::ranges::any_of(positions, [&](auto const& position) {
                   return position.subscription == id && !position.quantity.is_zero();
               });
    }
};

/// The rows of `map` that `wanted` takes, newest first, as a page.
template <class Map, class Wanted>
auto page_of(Map const& map, ports::Page page, Wanted wanted) {
    std::vector<typename Map::mapped_type> rows;
    for (auto row = map.rbegin(); row != map.rend(); ++row) {
        if (rows.size() == static_cast<std::size_t>(page.limit)) break;
        if (page.before && !(row->first.value < *page.before)) continue;
        if (wanted(row->second)) rows.push_back(row->second);
    }
    return rows;
}

}  // namespace obscura::test
