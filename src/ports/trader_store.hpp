#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"
#include "ports/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

using base::Task;

/// A leader. Dead ones stay in the list: a leaderboard without losers lies.
struct TraderRecord {
    model::TraderId id{};
    model::TenantId tenant{};
    model::UserId user{};
    model::ConnectionId connection{};
    std::string display_name;
    bool is_active = true;
    base::Timestamp created_at{};
    std::string venue;                                           ///< of the connection
    model::Environment environment = model::Environment::paper;  ///< of the connection
};

class TraderStore {
public:
    virtual ~TraderStore() = default;
    /// conflict "trader_exists" when the connection leads already. The same id again is the same
    /// trader. The caller has checked the connection.
    [[nodiscard]] virtual Task<base::Result<TraderRecord>> create(TraderRecord trader) = 0;
    [[nodiscard]] virtual Task<std::optional<TraderRecord>> find(model::TenantId tenant,
                                                                 model::TraderId id) = 0;
    /// Of the tenant; of one user when given.
    [[nodiscard]] virtual Task<std::vector<TraderRecord>> list(model::TenantId tenant,
                                                               std::optional<model::UserId> user,
                                                               Page page) = 0;
};

}  // namespace obscura::ports
