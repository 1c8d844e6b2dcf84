#include "crypto/dhkem.hpp"

#include "crypto/aead.hpp"
#include "crypto/detail/labeled_hkdf.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::crypto {
namespace {

constexpr std::size_t secret_size = 32;
/// "KEM" and the number of DHKEM(X25519, HKDF-SHA256).
constexpr std::array<std::uint8_t, 5> suite_id{'K', 'E', 'M', 0x00, 0x20};

std::unexpected<base::Error> bad_key(char const* detail) {
    return base::fail(base::Errc::invalid_argument, "invalid_key", detail);
}

/// ExtractAndExpand: binds what both computed to both public keys.
base::Secret shared_secret(base::Secret const& agreed, X25519PublicKey const& enc,
                           X25519PublicKey const& receiver) {
    detail::LabeledHkdf const hkdf(suite_id);
    std::array<std::uint8_t, 2 * sizeof(X25519PublicKey)> context{};
    auto const rest = std::ranges::copy(enc, context.begin()).out;
    std::ranges::copy(receiver, rest);
    return hkdf.expand(hkdf.extract({}, "eae_prk", agreed.bytes()), "shared_secret", context,
                       secret_size);
}

}  // namespace

base::Result<X25519PrivateKey> dhkem_derive_key(Bytes key_material) {
    if (key_material.size() < X25519PrivateKey::size)
        return bad_key("A key is derived from at least 32 bytes.");
    detail::LabeledHkdf const hkdf(suite_id);
    auto const raw =
        hkdf.expand(hkdf.extract({}, "dkp_prk", key_material), "sk", {}, X25519PrivateKey::size);
    return X25519PrivateKey::from_bytes(raw.bytes());
}

X25519PrivateKey dhkem_generate_key(base::Random& random) {
    auto const key_material = random_key(random, X25519PrivateKey::size);
    auto key = dhkem_derive_key(key_material.bytes());
    if (!key) throw std::logic_error("dhkem: every 32 bytes give a key");
    return std::move(*key);
}

base::Result<Encapsulated> dhkem_encapsulate(X25519PublicKey const& receiver,
                                             base::Random& random) {
    auto const ephemeral = dhkem_generate_key(random);
    auto const agreed = ephemeral.agree(receiver);
    if (!agreed) return std::unexpected(agreed.error());
    auto const enc = ephemeral.public_key();
    return Encapsulated{.shared_secret = shared_secret(*agreed, enc, receiver), .enc = enc};
}

base::Result<base::Secret> dhkem_decapsulate(Bytes enc, X25519PrivateKey const& receiver) {
    X25519PublicKey peer{};
    if (enc.size() != peer.size()) return bad_key("An encapsulated key has 32 bytes.");
    std::ranges::copy(enc, peer.begin());
    auto const agreed = receiver.agree(peer);
    if (!agreed) return std::unexpected(agreed.error());
    return shared_secret(*agreed, peer, receiver.public_key());
}

}  // namespace obscura::crypto
