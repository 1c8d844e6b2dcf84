#pragma once

#include "base/random.hpp"
#include "gateway/access_tokens.hpp"
#include "net/task.hpp"
#include "ports/refresh_token_store.hpp"

#include <chrono>
#include <string>

namespace obscura::gateway {

using net::Task;

struct SessionRules {
    std::chrono::hours refresh_lifetime{30 * 24};
    std::int64_t max_sessions = 20;  ///< of one user; the one idle longest ends for a new one
};

/// Access tokens and the refresh tokens behind them.
class Sessions {
public:
    Sessions(AccessTokens& access, ports::RefreshTokenStore& tokens, base::Clock const& clock,
             base::Random& random, SessionRules rules)
        : access_(access), tokens_(tokens), clock_(clock), random_(random), rules_(rules) {}

    /// `{access_token, token_type, expires_in, refresh_token, refresh_expires_at}` of a new family.
    /// unavailable "tokens_unavailable"
    [[nodiscard]] Task<base::Result<base::Json>> start(AccessClaims claims, ports::AuditStamp by);
    /// The first half of `start`, for whoever changes something between the two.
    [[nodiscard]] Task<base::Result<std::string>> access_token(AccessClaims claims);
    [[nodiscard]] Task<base::Json> start_with(std::string access_token, AccessClaims claims,
                                              ports::AuditStamp by);
    /// The same for the next of the family; the token given is used up, unless there is no access
    /// token to be had.
    [[nodiscard]] Task<base::Result<base::Json>> refresh(std::string token, ports::AuditStamp by);
    [[nodiscard]] Task<void> end(std::string token, ports::AuditStamp by);

private:
    struct Fresh {
        std::string text;
        ports::RefreshToken record;
    };
    [[nodiscard]] Fresh make_token();
    [[nodiscard]] base::Json answer(std::string access_token, Fresh const& token);

    AccessTokens& access_;
    ports::RefreshTokenStore& tokens_;
    base::Clock const& clock_;
    base::Random& random_;
    SessionRules rules_;
};

}  // namespace obscura::gateway
