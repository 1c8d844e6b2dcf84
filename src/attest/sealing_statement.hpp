#pragma once

#include "attest/evidence.hpp"
#include "crypto/ed25519.hpp"

#include <string>
#include <vector>

namespace obscura::attest {

/// What a third party says of a key that credentials are sealed to, after it has appraised citadel
/// on a connection of its own: nilCC's evidence binds the certificate of its front and cannot bind
/// a key that was made later. docs/sealing.md has the format for whoever writes a client.
struct SealingStatement {
    static constexpr std::size_t max_environment = 32;

    std::string auditor;  ///< its Ed25519 public key, hex
    ByteArray<32> public_key{};
    base::Timestamp expires_at{};  ///< of the key, and so of what is said of it
    std::string environment;       ///< which deployment it is: "production"
    EvidenceFormat format = EvidenceFormat::nilcc;
    ByteArray<48> measurement{};   ///< that the auditor has seen
    crypto::Digest certificate{};  ///< SHA-256 of the SPKI of its connection; of nothing without
    crypto::Digest report{};       ///< SHA-256 of the report
    base::Timestamp audited_at{};

    /// base64url of the SHA-256 of `public_key`.
    [[nodiscard]] std::string key_id() const;
};
/// What is signed: a label and every member, each with its length before it.
[[nodiscard]] std::string statement_text(SealingStatement const& statement);
/// Whether a name of a deployment is one: a to z, digits and dashes.
[[nodiscard]] bool is_environment(std::string_view text);

struct SignedStatement {
    SealingStatement statement;
    crypto::Ed25519Signature signature{};
};
/// In the name of the key: `statement.auditor` becomes its public key.
[[nodiscard]] SignedStatement sign(SealingStatement statement,
                                   crypto::Ed25519PrivateKey const& auditor);
/// By the key that the statement names: whether that is anybody's says who pins it.
[[nodiscard]] bool is_signed(SignedStatement const& statement);

[[nodiscard]] base::Json to_json(SignedStatement const& statement);
/// Strict and bounded. invalid_argument "statement_unreadable" with what is wrong.
[[nodiscard]] base::Result<SignedStatement> signed_statement_from_json(base::Json const& json);

}  // namespace obscura::attest
