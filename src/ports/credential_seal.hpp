#pragma once

#include "base/json.hpp"
#include "ports/connection_store.hpp"

#include <string>
#include <string_view>
#include <vector>

/// How a credential travels from its owner to citadel: sealed (HPKE, RFC 9180) to citadel's key, so
/// that nobody between them reads it. docs/sealing.md has the format for whoever writes a client.
namespace obscura::ports {

/// What a credential is sealed for. It stands beside the ciphertext in the open, is bound to it as
/// HPKE's `info`, and stands inside once more.
struct SealBinding {
    std::string key_id;  ///< of citadel's sealing key
    model::TenantId tenant{};
    model::UserId user{};
    std::string venue;
    model::Environment environment = model::Environment::paper;
    ConnectionPurpose purpose = ConnectionPurpose::follow;
    base::Uuid one_time_id{};  ///< the client's, random; a seal makes one connection

    friend bool operator==(SealBinding const&, SealBinding const&) = default;
};

/// HPKE's `info`: a label, then every member of the binding with its length before it (4 bytes,
/// the highest first). Two bindings never have the same.
[[nodiscard]] std::string seal_info(SealBinding const& binding);

struct SealedCredential {
    static constexpr int version = 1;
    /// Of the plaintext: four PEM keys and as many symbols as limits may name.
    static constexpr std::size_t max_plaintext = 24 * 1024;

    SealBinding binding;
    std::string enc;         ///< HPKE's encapsulated key, base64url
    std::string ciphertext;  ///< with its tag, base64url
};
[[nodiscard]] base::Json to_json(SealedCredential const& sealed);
/// Strict and bounded; errors carry pointers below `pointer`. What is base64url says its opener.
[[nodiscard]] base::Result<SealedCredential> sealed_credential_from_json(
    base::Json const& json, std::string const& pointer);

/// What the owner lets be done with the account at most. Not secret, and not to be changed by
/// anybody but the owner: it is sealed with the credential.
struct CredentialLimits {
    static constexpr std::size_t max_symbols = 200;

    std::vector<std::string> symbols;  ///< the venue's spelling; empty: all
    std::optional<base::Decimal> max_order_notional;
    std::optional<base::Decimal> max_daily_notional;

    [[nodiscard]] bool is_empty() const {
        return symbols.empty() && !max_order_notional && !max_daily_notional;
    }
    friend bool operator==(CredentialLimits const&, CredentialLimits const&) = default;
};
[[nodiscard]] base::Json to_json(CredentialLimits const& limits);
[[nodiscard]] base::Result<CredentialLimits> limits_from_json(base::Json const& json,
                                                              std::string const& pointer);

/// citadel's key, as those see it who seal to it.
struct SealingKey {
    /// What speaks for the key being citadel's. `binding` is what a report of the hardware has as
    /// its report_data (attest/binding.hpp), in hex; without a report nothing but the connection
    /// to us says whose key it is, and `attested` is false. It is a claim where it is true: whoever
    /// seals appraises the report.
    struct Evidence {
        static constexpr std::string_view software = "software";
        static constexpr std::size_t max_certificates = 8;
        static constexpr std::size_t max_statements = 4;

        std::string format = std::string(software);
        bool attested = false;
        std::string binding;
        std::string report;                     ///< base64; "" without hardware
        std::vector<std::string> certificates;  ///< DER in base64
        /// What auditors say of the key (attest/sealing_statement.hpp), as it came.
        std::vector<base::Json> statements;
    };
    std::string id;          ///< base64url of the SHA-256 of the public key
    std::string public_key;  ///< X25519, base64url
    base::Timestamp created_at{};
    base::Timestamp expires_at{};  ///< nothing sealed to it opens after this
    Evidence evidence;
};
[[nodiscard]] base::Json to_json(SealingKey const& key);
[[nodiscard]] base::Result<SealingKey> sealing_key_from_json(base::Json const& json);

}  // namespace obscura::ports
