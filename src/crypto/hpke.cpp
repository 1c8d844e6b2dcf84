#include "crypto/hpke.hpp"

#include "crypto/detail/labeled_hkdf.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace obscura::crypto {
namespace {

constexpr std::uint8_t mode_base = 0;

/// "HPKE" and the numbers of KEM, KDF and AEAD (§5.1, §7).
std::array<std::uint8_t, 10> suite_id(AeadAlgorithm algorithm) {
    std::uint8_t const aead = algorithm == AeadAlgorithm::aes_256_gcm ? 0x02 : 0x01;
    return {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, aead};
}

/// The nonce of one message: the base nonce with the sequence number in its last bytes (§5.2).
/// 2^64 messages are out of anybody's reach: the number never comes round.
Aead::Nonce nonce_of(Aead::Nonce const& base_nonce, std::uint64_t sequence) {
    auto out = base_nonce;
    for (auto byte = out.rbegin(); sequence != 0; ++byte, sequence >>= 8)
        *byte ^= static_cast<std::uint8_t>(sequence);
    return out;
}

}  // namespace

HpkeKeys hpke_key_schedule(AeadAlgorithm algorithm, base::Secret const& shared_secret, Bytes info) {
    auto const suite = suite_id(algorithm);
    detail::LabeledHkdf const hkdf(suite);
    auto const psk_id_hash = hkdf.extract({}, "psk_id_hash", {});
    auto const info_hash = hkdf.extract({}, "info_hash", info);
    std::array<std::uint8_t, 1 + 2 * sizeof(Digest)> context{mode_base};
    auto const rest = std::ranges::copy(psk_id_hash.bytes(), context.begin() + 1).out;
    std::ranges::copy(info_hash.bytes(), rest);

    auto const secret = hkdf.extract(shared_secret.bytes(), "secret", {});
    auto const nonce = hkdf.expand(secret, "base_nonce", context, Aead::nonce_size);
    HpkeKeys out{.algorithm = algorithm,
                 .key = hkdf.expand(secret, "key", context, Aead::key_size_of(algorithm)),
                 .exporter_secret = hkdf.expand(secret, "exp", context, sizeof(Digest))};
    std::ranges::copy(nonce.bytes(), out.base_nonce.begin());
    return out;
}

base::Secret hpke_export(HpkeKeys const& keys, Bytes context, std::size_t length) {
    auto const suite = suite_id(keys.algorithm);
    return detail::LabeledHkdf(suite).expand(keys.exporter_secret, "sec", context, length);
}

HpkeSender::HpkeSender(X25519PublicKey const& enc, HpkeKeys keys)
    : enc_(enc), keys_(std::move(keys)), aead_(keys_.key, keys_.algorithm) {
    keys_.key.wipe();  // the cipher has its own
}

base::Result<HpkeSender> HpkeSender::to(X25519PublicKey const& receiver, Bytes info,
                                        base::Random& random, AeadAlgorithm algorithm) {
    auto const encapsulated = dhkem_encapsulate(receiver, random);
    if (!encapsulated) return std::unexpected(encapsulated.error());
    return HpkeSender(encapsulated->enc,
                      hpke_key_schedule(algorithm, encapsulated->shared_secret, info));
}

std::vector<std::uint8_t> HpkeSender::seal(Bytes aad, Bytes plaintext) {
    auto sealed = aead_.seal(nonce_of(keys_.base_nonce, sequence_), aad, plaintext);
    ++sequence_;
    return sealed;
}

HpkeReceiver::HpkeReceiver(HpkeKeys keys)
    : keys_(std::move(keys)), aead_(keys_.key, keys_.algorithm) {
    keys_.key.wipe();
}

base::Result<HpkeReceiver> HpkeReceiver::from(Bytes enc, X25519PrivateKey const& receiver,
                                              Bytes info, AeadAlgorithm algorithm) {
    auto const shared_secret = dhkem_decapsulate(enc, receiver);
    if (!shared_secret) return std::unexpected(shared_secret.error());
    return HpkeReceiver(hpke_key_schedule(algorithm, *shared_secret, info));
}

base::Result<base::Secret> HpkeReceiver::open(Bytes aad, Bytes sealed) {
    auto plaintext = aead_.open(nonce_of(keys_.base_nonce, sequence_), aad, sealed);
    if (!plaintext) {
        return base::fail(base::Errc::invalid_argument, "decryption_failed",
                          "Does not open: it was altered, or sealed to another key or context.");
    }
    ++sequence_;
    return std::move(*plaintext);
}

base::Result<HpkeMessage> hpke_seal(X25519PublicKey const& receiver, Bytes info, Bytes aad,
                                    Bytes plaintext, base::Random& random) {
    auto sender = HpkeSender::to(receiver, info, random);
    if (!sender) return std::unexpected(std::move(sender.error()));
    return HpkeMessage{.enc = sender->enc(), .sealed = sender->seal(aad, plaintext)};
}

base::Result<base::Secret> hpke_open(Bytes enc, X25519PrivateKey const& receiver, Bytes info,
                                     Bytes aad, Bytes sealed) {
    auto opened = HpkeReceiver::from(enc, receiver, info);
    if (!opened) return std::unexpected(std::move(opened.error()));
    return opened->open(aad, sealed);
}

}  // namespace obscura::crypto
