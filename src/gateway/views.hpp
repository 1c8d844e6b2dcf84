#pragma once

#include "base/json.hpp"
#include "ports/api_key_store.hpp"
#include "ports/audit_log.hpp"
#include "ports/connection_store.hpp"
#include "ports/execution_reader.hpp"
#include "ports/pool_store.hpp"
#include "ports/signal_intake.hpp"
#include "ports/subscription_store.hpp"
#include "ports/tenant_store.hpp"
#include "ports/trader_store.hpp"
#include "ports/user_store.hpp"

namespace obscura::gateway {

// How records look from outside: interfaces.md §2 (snake_case, decimals as strings, RFC 3339).

[[nodiscard]] base::Json view(ports::TenantRecord const& tenant);
[[nodiscard]] base::Json view(ports::ApiKeyRecord const& key);
[[nodiscard]] base::Json view(ports::UserRecord const& user);
[[nodiscard]] base::Json view(ports::ConnectionRecord const& connection);
[[nodiscard]] base::Json view(ports::TraderRecord const& trader);
/// `reader` decides whether the traders are shown: those of another tenant's pool are not.
[[nodiscard]] base::Json view(ports::PoolRecord const& pool, model::TenantId reader);
[[nodiscard]] base::Json view(ports::SubscriptionRecord const& subscription);
[[nodiscard]] base::Json view(ports::Execution const& execution);
[[nodiscard]] base::Json view(ports::Position const& position);
[[nodiscard]] base::Json view(ports::Receipt const& receipt);
[[nodiscard]] base::Json view(ports::PublicKeyRecord const& key);
[[nodiscard]] base::Json view(ports::AuditEntry const& entry);

}  // namespace obscura::gateway
