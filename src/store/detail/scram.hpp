#pragma once

#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <string>

namespace obscura::store {

/// What PostgreSQL keeps of a password (RFC 5803): "SCRAM-SHA-256$4096:salt$stored:server". Given
/// to CREATE ROLE in place of the password, so that no log or network trace holds that.
/// std::invalid_argument for anything but printable ASCII: the rest would need SASLprep.
[[nodiscard]] std::string scram_verifier(base::Secret const& password, crypto::Bytes salt);

}  // namespace obscura::store
