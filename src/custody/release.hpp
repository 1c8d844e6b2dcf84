#pragma once

#include "base/json.hpp"
#include "crypto/hash.hpp"
#include "crypto/hpke.hpp"
#include "custody/master_keys.hpp"

#include <chrono>

/// How master keys travel from whoever holds them to a machine that he has appraised: he sends a
/// nonce, the machine makes a key pair for it and evidence that names both, he appraises that and
/// seals the keys to the key pair. Profile B of ADR 18.
namespace obscura::custody {

using ReleaseNonce = std::array<std::uint8_t, 32>;

/// From the nonce's leaving to the keys' arrival; either side holds to it.
inline constexpr std::chrono::seconds release_lifetime{60};

/// What both sides must have seen alike.
struct ReleaseContext {
    ReleaseNonce nonce{};
    crypto::X25519PublicKey wrapping_key{};
    crypto::Digest evidence{};  ///< `evidence_hash`
};
/// Of the document, however it was spaced and ordered.
[[nodiscard]] crypto::Digest evidence_hash(base::Json const& evidence);

/// invalid_argument "invalid_key" when the wrapping key is a point of small order.
[[nodiscard]] base::Result<crypto::HpkeMessage> wrap_keys(MasterKeys const& keys,
                                                          ReleaseContext const& context,
                                                          base::Random& random);
/// invalid_argument "keys_unreadable" when anything is not what was wrapped: the key, the context,
/// the versions, or a bit of the message.
[[nodiscard]] base::Result<MasterKeys> unwrap_keys(crypto::Bytes enc, crypto::Bytes sealed,
                                                   std::span<int const> versions,
                                                   crypto::X25519PrivateKey const& wrapping_key,
                                                   ReleaseContext const& context);

}  // namespace obscura::custody
