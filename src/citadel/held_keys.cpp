#include "citadel/held_keys.hpp"

#include "crypto/hex.hpp"

namespace obscura::citadel {
namespace {

using crypto::Ed25519PrivateKey;
using crypto::Secp256k1PrivateKey;
using ports::held_key_context;
using ports::KeyAlgorithm;
using ports::KeyPurpose;

constexpr std::size_t id_bytes = 16;

/// Anybody can make the id of a public key again, and see that it is that key's.
std::string id_of(KeyPurpose purpose, std::string_view public_key) {
    auto const text = held_key_context(purpose) + "|" + std::string(public_key);
    auto const hash = crypto::sha256(text);
    return "key_" + crypto::hex_encode(crypto::Bytes(hash).first(id_bytes));
}

std::string public_key_of(Ed25519PrivateKey const& key) {
    return crypto::hex_encode(key.public_key().bytes());
}
std::string public_key_of(Secp256k1PrivateKey const& key) {
    return crypto::hex_encode(key.public_key().bytes());
}

base::Result<OpenedKey> opened(KeyPurpose purpose, auto key) {
    if (!key) return std::unexpected(std::move(key.error()));
    auto id = id_of(purpose, public_key_of(*key));
    return OpenedKey{.id = std::move(id), .key = std::move(*key)};
}

}  // namespace

ports::HeldKey HeldKeys::make(KeyPurpose purpose) {
    ports::HeldKey out{.purpose = purpose};
    base::Secret raw;
    if (ports::algorithm_of(purpose) == KeyAlgorithm::ed25519) {
        auto const key = Ed25519PrivateKey::generate(random_);
        out.public_key = public_key_of(key);
        raw = key.seed();
    } else {
        auto const key = Secp256k1PrivateKey::generate(random_);
        out.public_key = public_key_of(key);
        out.address = key.public_key().address().to_string();
        raw = key.bytes();
    }
    out.id = id_of(purpose, out.public_key);
    out.sealed = keyring_.encrypt(raw.reveal(), held_key_context(purpose), Sealing::held_key);
    return out;
}

base::Result<OpenedKey> HeldKeys::open(std::string_view sealed, KeyPurpose purpose) {
    auto const raw = keyring_.decrypt(sealed, held_key_context(purpose), Sealing::held_key);
    if (!raw) return std::unexpected(raw.error());
    if (ports::algorithm_of(purpose) == KeyAlgorithm::ed25519)
        return opened(purpose, Ed25519PrivateKey::from_seed(raw->bytes()));
    return opened(purpose, Secp256k1PrivateKey::from_bytes(raw->bytes(), random_));
}

}  // namespace obscura::citadel
