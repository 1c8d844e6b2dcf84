#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "model/ids.hpp"

#include <chrono>
#include <string>

namespace obscura::model {

/// What an access token says, and all that it can say: whoever has one signed gives these fields,
/// and the payload is made of them.
struct AccessToken {
    static constexpr std::chrono::seconds longest_life = std::chrono::hours(24);

    std::string issuer;
    std::string audience;
    UserId user{};
    TenantId tenant{};
    std::chrono::seconds issued{};   ///< since 1970
    std::chrono::seconds expires{};  ///< at most `longest_life` later
    base::Uuid id{};
};

/// As it is sent to whoever signs: the payload's members but for `nbf`, which is `iat`.
[[nodiscard]] base::Json statement_of(AccessToken const& token);
/// Strict and bounded; invalid_argument with fields.
[[nodiscard]] base::Result<AccessToken> access_token_from_json(base::Json const& statement);
/// The JWT's payload (RFC 7519).
[[nodiscard]] std::string payload_of(AccessToken const& token);

}  // namespace obscura::model
