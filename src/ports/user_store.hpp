#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/audit_log.hpp"

#include <optional>
#include <string>

namespace obscura::ports {

using base::Task;

struct UserRecord {
    model::UserId id{};
    model::TenantId tenant{};
    std::string email;          ///< lower case
    std::string password_hash;  ///< Argon2id string
    bool is_admin = false;
    base::Timestamp created_at{};
};

/// What to do with positions that an erased user's subscriptions still hold.
enum class HeldPositions { refuse, abandon };

/// People. An erased user is not found.
class UserStore {
public:
    static constexpr int max_origins = 20;

    virtual ~UserStore() = default;
    /// conflict "email_taken". The same id again is the same user.
    [[nodiscard]] virtual Task<base::Result<UserRecord>> create(UserRecord user, AuditStamp by) = 0;
    [[nodiscard]] virtual Task<std::optional<UserRecord>> find(model::TenantId tenant,
                                                               model::UserId id) = 0;
    [[nodiscard]] virtual Task<std::optional<UserRecord>> find_by_email(model::TenantId tenant,
                                                                        std::string email) = 0;
    /// Remembers that the user logged in from a network, known by its MAC of 32 bytes; the newest
    /// `max_origins` are kept.
    [[nodiscard]] virtual Task<void> remember_origin(model::TenantId tenant, model::UserId id,
                                                     std::string origin_mac,
                                                     base::Timestamp at) = 0;
    /// Whether the user logged in from there at `since` or later; false for nobody.
    [[nodiscard]] virtual Task<bool> knows_origin(model::TenantId tenant, model::UserId id,
                                                  std::string origin_mac,
                                                  base::Timestamp since) = 0;
    /// In one transaction: subscriptions closed, credentials wiped, traders dead and nameless, own
    /// pools archived, sessions ended, e-mail and password gone. What the books need stays, without
    /// a name. not_found; conflict "open_positions" when `held` is refuse and something is held or
    /// under way.
    [[nodiscard]] virtual Task<base::Result<void>> erase(model::TenantId tenant, model::UserId id,
                                                         HeldPositions held, base::Timestamp at,
                                                         AuditStamp by) = 0;
};

}  // namespace obscura::ports
