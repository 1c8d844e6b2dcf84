#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/rsa.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace obscura::citadel {

/// What a credential of one venue consists of.
struct CredentialRule {
    std::string_view venue;
    bool takes_ed25519 = false;   ///< such a `private_key` may stand for `secret`
    bool takes_rsa = false;       ///< such a one too
    bool has_passphrase = false;  ///< chosen with the key, asked for with every request
    /// `api_key` is an account's address, `private_key` that of an agent which trades for it.
    bool is_agent = false;
};

/// How a venue writes an HMAC. Other signatures are in base64 everywhere.
enum class SignatureForm { sha256_hex, sha256_base64, sha512_hex };

/// An opened credential: the API key and what signs for it.
class ApiCredentials {
public:
    /// From the fields `api_key`, and `secret` or, where the venue takes it, `private_key` (PEM,
    /// Ed25519 or RSA), `passphrase` where the venue has one, and optionally `key_type` (hmac,
    /// ed25519, rsa). Of an agent: `api_key` ("0x" and 40 hex digits), `private_key` (64, with "0x"
    /// or without) and optionally `key_type` (secp256k1).
    /// invalid_argument otherwise; the errors show no field's value.
    [[nodiscard]] static base::Result<ApiCredentials> from_fields(
        CredentialRule const& rule, std::map<std::string, base::Secret> fields);

    /// An agent's account: in lower case.
    [[nodiscard]] std::string_view api_key() const { return api_key_.reveal(); }
    /// Empty where the venue has none.
    [[nodiscard]] std::string_view passphrase() const { return passphrase_.reveal(); }
    /// The 32 bytes of an agent's key; nullptr where the venue has another kind.
    [[nodiscard]] base::Secret const* agent_key() const;
    /// HMAC in that form, or Ed25519 or RSA in base64. Not of an agent's.
    [[nodiscard]] std::string sign(std::string_view payload, SignatureForm form) const;

    /// Whether a text has the secret or the passphrase in it, or an agent's key in hex. The API key
    /// names an account and is no secret; a private key its venue does not have.
    [[nodiscard]] bool is_told_in(std::string_view text) const;

private:
    struct AgentKey {
        base::Secret bytes;
    };
    using SigningKey =
        std::variant<base::Secret, crypto::Ed25519PrivateKey, crypto::RsaPrivateKey, AgentKey>;
    [[nodiscard]] static base::Result<ApiCredentials> from_agent_fields(
        CredentialRule const& rule, std::map<std::string, base::Secret> fields);
    ApiCredentials(base::Secret api_key, base::Secret passphrase, SigningKey key)
        : api_key_(std::move(api_key)), passphrase_(std::move(passphrase)), key_(std::move(key)) {}

    base::Secret api_key_;
    base::Secret passphrase_;
    SigningKey key_;
};

}  // namespace obscura::citadel
