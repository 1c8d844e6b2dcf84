#pragma once

#include "attest/snp_report.hpp"
#include "base/clock.hpp"

/// What a report is made for: it is worth something only to whoever knows what its report_data
/// stands for.
namespace obscura::attest {

/// nilCC: version 0 and the SHA-256 of the public key (SubjectPublicKeyInfo, DER) of the
/// certificate that the verifier has seen in its own TLS handshake. Channel-bound: the report is
/// fresh because the channel is.
[[nodiscard]] ByteArray<64> nilcc_report_data(crypto::Bytes spki);

/// A native guest, asked with a nonce: SHA-512 over a label and, each with its length before it,
/// the nonce, the TLS public key and the key to which secrets are to be wrapped.
[[nodiscard]] ByteArray<64> native_report_data(crypto::Bytes nonce, crypto::Bytes spki,
                                               crypto::Bytes wrapping_key);

/// A native guest that says which key credentials are to be sealed to, and until when: SHA-512 over
/// a label and, each with its length before it, the X25519 public key and the end in milliseconds
/// (8 bytes, the highest first). No nonce: whoever reads it wants the key, and the end bounds its
/// age.
[[nodiscard]] ByteArray<64> sealing_key_report_data(crypto::Bytes public_key,
                                                    base::Timestamp expires_at);

}  // namespace obscura::attest
