#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/decode.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/audit_log.hpp"
#include "ports/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

using base::Task;

enum class PoolKind { custom, curated, partner };
inline constexpr std::array<base::EnumName<PoolKind>, 3> pool_kind_names{
    {{"custom", PoolKind::custom}, {"curated", PoolKind::curated}, {"partner", PoolKind::partner}}};

enum class PoolStatus { draft, active, paused, archived };
inline constexpr std::array<base::EnumName<PoolStatus>, 4> pool_status_names{
    {{"draft", PoolStatus::draft},
     {"active", PoolStatus::active},
     {"paused", PoolStatus::paused},
     {"archived", PoolStatus::archived}}};

struct PoolTrader {
    model::TraderId trader{};
    base::Decimal weight{1};  ///< (0, 1], six places
    friend bool operator==(PoolTrader const&, PoolTrader const&) = default;
};

struct PoolRecord {
    model::PoolId id{};
    model::TenantId tenant{};
    PoolKind kind = PoolKind::custom;
    std::string name;
    std::string description;
    std::optional<model::UserId> owner;  ///< none of a partner pool
    std::int64_t performance_fee_bps = 1000;
    PoolStatus status = PoolStatus::draft;
    base::Timestamp created_at{};
    std::vector<PoolTrader> traders;  ///< of pools of the reader's own tenant; else empty
};

struct PoolChange {
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<std::int64_t> performance_fee_bps;
    std::optional<std::vector<PoolTrader>> traders;  ///< the whole new list
};

/// Narrows a list; what may be seen at all is decided by the lister's rows below.
struct PoolFilter {
    std::optional<PoolKind> kind;
    std::optional<PoolStatus> status;
};

/// Who looks at pools: it decides which rows there are.
struct PoolViewer {
    model::TenantId tenant{};
    std::optional<model::UserId> user;  ///< none: the tenant itself, by its key
    bool is_admin = false;

    /// Curated pools are everybody's once published; custom pools their creator's; partner pools
    /// the tenant's, and its users' once published. Drafts are seen by those who may change them.
    [[nodiscard]] bool sees(PoolRecord const& pool) const {
        bool const published = pool.status != PoolStatus::draft;
        bool const own_tenant = pool.tenant == tenant;
        switch (pool.kind) {
            case PoolKind::curated:
                return published || (own_tenant && is_admin);
            case PoolKind::custom:
                return own_tenant && user && pool.owner == user;
            case PoolKind::partner:
                return own_tenant && (published || !user);
        }
        return false;
    }
};

class PoolStore {
public:
    virtual ~PoolStore() = default;
    /// invalid_argument naming /traders/{i}/trader_id for traders that are not active traders of
    /// the tenant. The same id again is the same pool.
    [[nodiscard]] virtual Task<base::Result<PoolRecord>> create(PoolRecord pool, AuditStamp by) = 0;
    /// nullopt also for a pool that the viewer does not see.
    [[nodiscard]] virtual Task<std::optional<PoolRecord>> find(PoolViewer viewer,
                                                               model::PoolId id) = 0;
    [[nodiscard]] virtual Task<std::vector<PoolRecord>> list(PoolViewer viewer, PoolFilter filter,
                                                             Page page) = 0;
    /// Errors as `create`; not_found; conflict "pool_archived", and "fee_fixed" for a new fee of a
    /// pool that is no draft any more.
    [[nodiscard]] virtual Task<base::Result<PoolRecord>> change(model::TenantId tenant,
                                                                model::PoolId id, PoolChange change,
                                                                AuditStamp by) = 0;
    /// Moves to `to`, decided on the stored status: see `may_become`. not_found; conflict
    /// "pool_archived" or "pool_not_active".
    [[nodiscard]] virtual Task<base::Result<PoolRecord>> set_status(model::TenantId tenant,
                                                                    model::PoolId id, PoolStatus to,
                                                                    AuditStamp by) = 0;
};

/// An archived pool stays archived; only an active pool pauses; asking for what is is no change.
[[nodiscard]] inline base::Result<void> may_become(PoolStatus from, PoolStatus to) {
    if (from == to) return {};
    if (from == PoolStatus::archived)
        return base::fail(base::Errc::conflict, "pool_archived", "The pool is archived.");
    if (to == PoolStatus::paused && from != PoolStatus::active)
        return base::fail(base::Errc::conflict, "pool_not_active",
                          "Only an active pool can be paused.");
    return {};
}

}  // namespace obscura::ports
