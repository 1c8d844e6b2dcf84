#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "crypto/ed25519.hpp"
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
class Jwt {
public:
    /// `previous` are keys that signed before a rotation: their tokens stay good until they expire.
    Jwt(crypto::Ed25519PrivateKey key, std::vector<crypto::Ed25519PublicKey> previous,
        JwtRules rules);

    [[nodiscard]] std::string issue(AccessClaims const& claims, std::string const& token_id,
                                    base::Timestamp now) const;
    /// unauthenticated "invalid_token", or "token_expired". Header and claims must be exactly of
    /// the form that `issue` writes: no other algorithm, no key in the header, no critical
    /// extensions.
    [[nodiscard]] base::Result<AccessClaims> verify(std::string_view token,
                                                    base::Timestamp now) const;
    /// The JWK set (RFC 7517) of the keys that tokens are verified with.
    [[nodiscard]] base::Json key_set() const;
    [[nodiscard]] std::chrono::seconds lifetime() const { return rules_.lifetime; }

private:
    struct Verifier {
        std::string id;
        crypto::Ed25519PublicKey key;
    };
    [[nodiscard]] crypto::Ed25519PublicKey const* key_of(std::string_view header_part) const;
    [[nodiscard]] base::Result<AccessClaims> check_claims(base::Json const& claims,
                                                          base::Timestamp now) const;

    crypto::Ed25519PrivateKey key_;
    std::vector<Verifier> verifiers_;  ///< the signing key's first
    JwtRules rules_;
};

}  // namespace obscura::gateway
