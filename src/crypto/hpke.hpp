#pragma once

#include "crypto/aead.hpp"
#include "crypto/dhkem.hpp"

#include <cstdint>
#include <vector>

/// HPKE (RFC 9180) in base mode: anybody seals to the owner of a public key. The suite is
/// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. `info` says what it is all about: both
/// sides must name the same, or nothing opens. Who sealed is not proven.
namespace obscura::crypto {

/// What both sides derive from the shared secret and `info` (§5.1).
struct HpkeKeys {
    AeadAlgorithm algorithm = AeadAlgorithm::aes_256_gcm;
    base::Secret key;
    Aead::Nonce base_nonce{};
    base::Secret exporter_secret;
};
[[nodiscard]] HpkeKeys hpke_key_schedule(AeadAlgorithm algorithm, base::Secret const& shared_secret,
                                         Bytes info);

/// A secret of `length` bytes for another use, the same on both sides (§5.3). `length` is 1 to
/// 8160, else std::invalid_argument.
[[nodiscard]] base::Secret hpke_export(HpkeKeys const& keys, Bytes context, std::size_t length);

/// Messages from one sender, in order: the n-th one sealed is the n-th one opened. One thread.
class HpkeSender {
public:
    /// invalid_argument "invalid_key" when `receiver` is a point of small order.
    [[nodiscard]] static base::Result<HpkeSender> to(
        X25519PublicKey const& receiver, Bytes info, base::Random& random,
        AeadAlgorithm algorithm = AeadAlgorithm::aes_256_gcm);

    /// What the receiver needs before the first message; no secret.
    [[nodiscard]] X25519PublicKey const& enc() const { return enc_; }
    [[nodiscard]] std::vector<std::uint8_t> seal(Bytes aad, Bytes plaintext);
    [[nodiscard]] base::Secret export_secret(Bytes context, std::size_t length) const {
        return hpke_export(keys_, context, length);
    }

private:
    HpkeSender(X25519PublicKey const& enc, HpkeKeys keys);
    X25519PublicKey enc_;
    HpkeKeys keys_;
    Aead aead_;
    std::uint64_t sequence_ = 0;
};

/// The other end. One thread.
class HpkeReceiver {
public:
    /// invalid_argument "invalid_key" when `enc` cannot be one. One that was altered is found out
    /// by `open`.
    [[nodiscard]] static base::Result<HpkeReceiver> from(
        Bytes enc, X25519PrivateKey const& receiver, Bytes info,
        AeadAlgorithm algorithm = AeadAlgorithm::aes_256_gcm);

    /// invalid_argument "decryption_failed" when anything is not what was sealed: the receiver's
    /// key, `enc`, `info`, `aad`, a bit of `sealed`, or its place in the order. The same message is
    /// awaited still.
    [[nodiscard]] base::Result<base::Secret> open(Bytes aad, Bytes sealed);
    [[nodiscard]] base::Secret export_secret(Bytes context, std::size_t length) const {
        return hpke_export(keys_, context, length);
    }

private:
    explicit HpkeReceiver(HpkeKeys keys);
    HpkeKeys keys_;
    Aead aead_;
    std::uint64_t sequence_ = 0;
};

struct HpkeMessage {
    X25519PublicKey enc{};
    std::vector<std::uint8_t> sealed;  ///< ciphertext and tag
};
/// A single message (§6.1); the errors of `HpkeSender::to`.
[[nodiscard]] base::Result<HpkeMessage> hpke_seal(X25519PublicKey const& receiver, Bytes info,
                                                  Bytes aad, Bytes plaintext, base::Random& random);
/// The errors of `HpkeReceiver`.
[[nodiscard]] base::Result<base::Secret> hpke_open(Bytes enc, X25519PrivateKey const& receiver,
                                                   Bytes info, Bytes aad, Bytes sealed);

}  // namespace obscura::crypto
