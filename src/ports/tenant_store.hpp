#pragma once

#include "base/clock.hpp"
#include "base/decode.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/audit_log.hpp"
#include "ports/page.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::ports {

using base::Task;

/// The tenant that the platform's own users belong to.
inline constexpr std::string_view platform_slug = "obscura";

enum class TenantKind { b2b, platform };
inline constexpr std::array<base::EnumName<TenantKind>, 2> tenant_kind_names{
    {{"b2b", TenantKind::b2b}, {"platform", TenantKind::platform}}};

struct TenantRecord {
    model::TenantId id{};
    std::string slug;
    std::string name;
    TenantKind kind = TenantKind::b2b;
    bool is_active = true;
    /// `{"rate_limits": {"general_per_min": n, "execution_per_min": n}}`, both optional.
    base::Json settings = base::Json::object();
    base::Timestamp created_at{};
};

/// Throws StoreUnavailable when the record cannot be reached, as every store does.
class TenantStore {
public:
    virtual ~TenantStore() = default;
    /// conflict "slug_taken". The same id again is the same tenant.
    [[nodiscard]] virtual Task<base::Result<TenantRecord>> create(TenantRecord tenant,
                                                                  AuditStamp by) = 0;
    [[nodiscard]] virtual Task<std::optional<TenantRecord>> find(model::TenantId id) = 0;
    /// Active tenants only; before anybody is known.
    [[nodiscard]] virtual Task<std::optional<model::TenantId>> by_slug(std::string slug) = 0;
    [[nodiscard]] virtual Task<std::vector<TenantRecord>> list(Page page) = 0;
};

}  // namespace obscura::ports
