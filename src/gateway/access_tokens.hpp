#pragma once

#include "gateway/jwt.hpp"
#include "net/task.hpp"
#include "ports/token_key_store.hpp"

#include <string>
#include <vector>

namespace obscura::gateway {

using net::Task;

/// Access tokens with the keys behind them. Whoever signs holds the private key (ports::
/// StatementSigner: citadel); here are the public ones. A retired key's tokens stay good until they
/// expire, so that a key can be changed while people work. Event-loop thread.
class AccessTokens {
public:
    struct Ports {
        ports::TokenKeyStore& keys;
        ports::StatementSigner& signer;
    };
    /// `previous` are public keys of seeds that the gateway had itself once. The others must
    /// outlive this.
    AccessTokens(Ports ports, std::vector<crypto::Ed25519PublicKey> previous, JwtRules rules,
                 base::Clock const& clock);

    /// The errors of ports::StatementSigner, as unavailable: nobody can log in without citadel.
    [[nodiscard]] Task<base::Result<std::string>> issue(AccessClaims claims, base::Uuid token_id);
    /// As Jwt::verify. Looks for a key that it does not know, once a second at most.
    [[nodiscard]] Task<base::Result<AccessClaims>> verify(std::string_view token);
    /// The JWK set (RFC 7517).
    [[nodiscard]] Task<base::Json> key_set();
    [[nodiscard]] std::chrono::seconds lifetime() const { return jwt_.lifetime(); }

private:
    [[nodiscard]] Task<base::Result<ports::HeldKey>> signing_key();
    /// These, and the previous ones.
    void trust(std::vector<crypto::Ed25519PublicKey> keys);
    /// What verifies, as the record has it, unless it was asked for less than `age` ago.
    [[nodiscard]] Task<void> look(std::chrono::milliseconds age);

    Ports ports_;
    std::vector<crypto::Ed25519PublicKey> previous_;
    Jwt jwt_;
    base::Clock const& clock_;
    std::optional<base::Instant> looked_at_;
};

}  // namespace obscura::gateway
