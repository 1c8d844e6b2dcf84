#pragma once

#include "ports/leader_feed.hpp"

#include <vector>

namespace obscura::ports {

/// The accounts to follow: active connections of purpose `lead` that a living trader stands behind.
class LeadDirectory {
public:
    virtual ~LeadDirectory() = default;
    /// Of all tenants, ordered by connection. Throws when the record is out of reach.
    [[nodiscard]] virtual Task<std::vector<LeaderAccount>> active_leads() = 0;
};

}  // namespace obscura::ports
