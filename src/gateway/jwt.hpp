#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "crypto/ed25519.hpp"
#include "model/access_token.hpp"
#include "model/ids.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::gateway {

struct JwtRules {
    std::string issuer = "obscura";
    std::string audience = "obscura-api";
    std::chrono::seconds lifetime{3600};
    std::chrono::seconds leeway{30};  ///< for clocks of our own replicas
};

/// Who an access token speaks for.
struct AccessClaims {
    model::TenantId tenant{};
    model::UserId user{};
};

/// Access tokens: JWS in compact form (RFC 7515), EdDSA over Ed25519 (RFC 8037) and nothing else.
/// What verifies them; whoever signs them is elsewhere.
class Jwt {
public:
    explicit Jwt(JwtRules rules) : rules_(std::move(rules)) {}

    /// The keys whose tokens are good from now on, in place of those before.
    void trust(std::vector<crypto::Ed25519PublicKey> keys);
    /// What a token for `claims` says.
    [[nodiscard]] model::AccessToken token_for(AccessClaims const& claims, base::Uuid token_id,
                                               base::Timestamp now) const;
    /// Whether the key that a token names is trusted here. True where it names none.
    [[nodiscard]] bool knows_key_of(std::string_view token) const;
    /// unauthenticated "invalid_token", or "token_expired". Header and claims must be exactly of
    /// the form that crypto::jwt_signing_input and model::payload_of write: no other algorithm, no
    /// key in the header, no critical extensions.
    [[nodiscard]] base::Result<AccessClaims> verify(std::string_view token,
                                                    base::Timestamp now) const;
    /// The JWK set (RFC 7517) of the keys that tokens are verified with.
    [[nodiscard]] base::Json key_set() const;
    [[nodiscard]] std::chrono::seconds lifetime() const { return rules_.lifetime; }
    [[nodiscard]] std::chrono::seconds leeway() const { return rules_.leeway; }

private:
    struct Verifier {
        std::string id;
        crypto::Ed25519PublicKey key;
    };
    [[nodiscard]] Verifier const* verifier_of(std::string_view header_part) const;
    [[nodiscard]] base::Result<AccessClaims> check_claims(base::Json const& claims,
                                                          base::Timestamp now) const;

    std::vector<Verifier> verifiers_;
    JwtRules rules_;
};

}  // namespace obscura::gateway
