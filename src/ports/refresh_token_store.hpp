#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/audit_log.hpp"

#include <optional>
#include <string>

namespace obscura::ports {

using base::Task;

/// One refresh token. All that descend from one login are a family.
struct RefreshToken {
    base::Uuid id{};
    model::TenantId tenant{};
    model::UserId user{};
    base::Uuid family{};
    std::string hash;  ///< SHA-256 of the token, 32 bytes
    base::Timestamp issued_at{};
    base::Timestamp expires_at{};
};

class RefreshTokenStore {
public:
    virtual ~RefreshTokenStore() = default;
    /// The first of a new family. The user keeps at most `max_families` that are alive: those that
    /// were idle longest end. What is over is forgotten.
    [[nodiscard]] virtual Task<void> issue(RefreshToken token, int max_families, AuditStamp by) = 0;
    struct Owner {
        model::TenantId tenant{};
        model::UserId user{};
    };
    /// Whose a token is that `rotate` would not refuse as unknown; it may refuse it all the same.
    [[nodiscard]] virtual Task<std::optional<Owner>> owner(std::string hash) = 0;
    /// At `by.at`: marks the token of `hash` used and stores its successor (id, hash, times from
    /// `next`; tenant, user and family from the old one), which is returned. unauthenticated
    /// "invalid_refresh_token" when it is unknown, over or revoked, or its user is erased;
    /// "refresh_token_reused" when it was used before: the whole family is revoked then,
    /// and that is audited.
    [[nodiscard]] virtual Task<base::Result<RefreshToken>> rotate(std::string hash,
                                                                  RefreshToken next,
                                                                  AuditStamp by) = 0;
    /// Revokes the family of the token; an unknown token is no error.
    [[nodiscard]] virtual Task<void> revoke_family(std::string hash, AuditStamp by) = 0;
};

}  // namespace obscura::ports
