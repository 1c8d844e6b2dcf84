#pragma once

#include "base/json.hpp"
#include "base/secret.hpp"
#include "ports/audit_heads.hpp"
#include "ports/credential_seal.hpp"
#include "ports/held_key.hpp"
#include "ports/signer.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// citadel's JSON as its client writes and reads it.
namespace obscura::peers::citadel_wire {

/// One item as /sign and /relay take it.
void append_item(std::string& out, ports::SignItem const& item);
[[nodiscard]] std::string sign_body(std::span<ports::SignItem const> items);
[[nodiscard]] std::string encrypt_body(std::string_view context,
                                       std::map<std::string, base::Secret> const& fields);
[[nodiscard]] std::string open_sealed_body(ports::ConnectionRecord const& connection,
                                           ports::SealedCredential const& sealed);

/// A problem document as the error that it was made of.
[[nodiscard]] base::Error error_from(base::Json const& problem);
/// citadel does not answer, or not now; why is for the log.
[[nodiscard]] base::Error unavailable(std::string internal);
/// The JSON of a 200; otherwise what the status and the problem document say went wrong.
[[nodiscard]] base::Result<base::Json> answer_body(unsigned status, std::string_view body);
/// An answer for each of `asked`, in their order; bad_gateway when it is not that.
[[nodiscard]] base::Result<std::vector<base::Result<ports::SignedRequest>>> read_signed(
    base::Json const& answer, std::span<ports::SignItem const> asked);
/// A ciphertext for each of `asked`; bad_gateway when it is not that.
[[nodiscard]] base::Result<std::map<std::string, std::string>> read_encrypted(
    base::Json const& answer, std::map<std::string, base::Secret> const& asked);
[[nodiscard]] base::Result<std::map<std::string, std::string>> read_rewrapped(
    base::Json const& answer, std::map<std::string, std::string> const& asked);
[[nodiscard]] base::Result<ports::SealingKey> read_sealing_key(base::Json const& answer);
[[nodiscard]] base::Result<ports::AuditHead> read_audit_head(base::Json const& answer);
/// Ciphertexts by the names that stood inside the seal, which only citadel knows.
[[nodiscard]] base::Result<ports::SealedCredentials> read_opened(base::Json const& answer);

[[nodiscard]] std::string make_key_body(ports::KeyPurpose purpose);
[[nodiscard]] base::Result<ports::HeldKey> read_held_key(base::Json const& answer,
                                                         ports::KeyPurpose purpose);
[[nodiscard]] std::string statements_body(std::span<ports::StatementItem const> items);
/// An answer for each of `asked`, in their order; bad_gateway when it is not that.
[[nodiscard]] base::Result<std::vector<base::Result<ports::StatementSignature>>>
read_statement_signatures(base::Json const& answer, std::span<ports::StatementItem const> asked);

}  // namespace obscura::peers::citadel_wire
