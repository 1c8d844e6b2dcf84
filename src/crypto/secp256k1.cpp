#include "crypto/secp256k1.hpp"

#include "crypto/aead.hpp"
#include "crypto/keccak.hpp"

#include <secp256k1_recovery.h>

#include <algorithm>
#include <stdexcept>

namespace obscura::crypto {
namespace {

constexpr std::size_t private_key_size = 32;
constexpr std::uint8_t first_v = 27;

std::unexpected<base::Error> refuse(char const* reason, char const* detail) {
    return base::fail(base::Errc::invalid_argument, reason, detail);
}

/// libsecp256k1 fails only for arguments, which were checked, or by odds of 1 in 2^127.
void check(int result, char const* what) {
    if (result != 1) throw std::runtime_error(std::string("secp256k1: ") + what);
}

/// Enough for everything that needs no secret.
secp256k1_context const* no_secrets() { return secp256k1_context_static; }

std::array<std::uint8_t, 65> uncompressed(secp256k1_pubkey const& key) {
    std::array<std::uint8_t, 65> out{};
    auto size = out.size();
    check(secp256k1_ec_pubkey_serialize(no_secrets(), out.data(), &size, &key,
                                        SECP256K1_EC_UNCOMPRESSED),
          "public key");
    return out;
}

std::array<std::uint8_t, 64> compact(Secp256k1Signature const& signature) {
    std::array<std::uint8_t, 64> out{};
    auto const rest = std::ranges::copy(signature.r, out.begin()).out;
    std::ranges::copy(signature.s, rest);
    return out;
}

}  // namespace

base::Result<Secp256k1PublicKey> Secp256k1PublicKey::from_bytes(Bytes raw) {
    auto const bad = [] { return refuse("invalid_key", "Not a secp256k1 public key."); };
    // The library would take SEC 1's hybrid form too: a third text for the same key.
    bool const is_known =
        (raw.size() == 33 && (raw[0] == 2 || raw[0] == 3)) || (raw.size() == 65 && raw[0] == 4);
    secp256k1_pubkey key;
    if (!is_known || secp256k1_ec_pubkey_parse(no_secrets(), &key, raw.data(), raw.size()) != 1)
        return bad();
    return Secp256k1PublicKey(uncompressed(key));
}

base::Result<Secp256k1PublicKey> Secp256k1PublicKey::recover(Digest const& digest,
                                                             Secp256k1Signature const& signature) {
    auto const bad = [] {
        return refuse("invalid_signature", "Not a signature by any secp256k1 key.");
    };
    if (signature.v != first_v && signature.v != first_v + 1) return bad();
    auto const bytes = compact(signature);
    secp256k1_ecdsa_recoverable_signature recoverable;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(
            no_secrets(), &recoverable, bytes.data(), signature.v - first_v) != 1)
        return bad();
    secp256k1_ecdsa_signature plain;
    check(secp256k1_ecdsa_recoverable_signature_convert(no_secrets(), &plain, &recoverable),
          "convert");
    bool const is_high = secp256k1_ecdsa_signature_normalize(no_secrets(), nullptr, &plain) == 1;
    secp256k1_pubkey key;
    if (is_high || secp256k1_ecdsa_recover(no_secrets(), &key, &recoverable, digest.data()) != 1)
        return bad();
    return Secp256k1PublicKey(uncompressed(key));
}

bool Secp256k1PublicKey::verify(Digest const& digest, Secp256k1Signature const& signature) const {
    secp256k1_pubkey key;
    check(secp256k1_ec_pubkey_parse(no_secrets(), &key, uncompressed_.data(), uncompressed_.size()),
          "public key");
    auto const bytes = compact(signature);
    secp256k1_ecdsa_signature parsed;
    return secp256k1_ecdsa_signature_parse_compact(no_secrets(), &parsed, bytes.data()) == 1 &&
           secp256k1_ecdsa_verify(no_secrets(), &parsed, digest.data(), &key) == 1;
}

EthereumAddress Secp256k1PublicKey::address() const {
    auto const hash = keccak256(Bytes(uncompressed_).subspan(1));
    EthereumAddress out;
    std::ranges::copy(Bytes(hash).last(out.bytes.size()), out.bytes.begin());
    return out;
}

struct Secp256k1PrivateKey::State {
    struct Destroy {
        void operator()(secp256k1_context* made) const { secp256k1_context_destroy(made); }
    };
    base::Secret key;
    std::unique_ptr<secp256k1_context, Destroy> context;
};

Secp256k1PrivateKey::Secp256k1PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
Secp256k1PrivateKey::~Secp256k1PrivateKey() = default;
Secp256k1PrivateKey::Secp256k1PrivateKey(Secp256k1PrivateKey&&) noexcept = default;
Secp256k1PrivateKey& Secp256k1PrivateKey::operator=(Secp256k1PrivateKey&&) noexcept = default;

Secp256k1PrivateKey Secp256k1PrivateKey::generate(base::Random& random) {
    auto const raw = random_key(random, private_key_size);
    auto key = from_bytes(raw.bytes(), random);
    // Of all 32 bytes 1 in 2^128 is no key: rather a source that is broken.
    if (!key) throw std::runtime_error("secp256k1: the randomness makes no key");
    return std::move(*key);
}

base::Result<Secp256k1PrivateKey> Secp256k1PrivateKey::from_bytes(Bytes raw, base::Random& random) {
    if (raw.size() != private_key_size || secp256k1_ec_seckey_verify(no_secrets(), raw.data()) != 1)
        return refuse("invalid_key", "Not a secp256k1 private key.");
    auto state = std::make_unique<State>(State{
        .key = base::Secret(raw),
        .context = decltype(State::context)(secp256k1_context_create(SECP256K1_CONTEXT_NONE))});
    auto const blinding = random_key(random, 32);
    check(secp256k1_context_randomize(state->context.get(), blinding.bytes().data()), "blinding");
    return Secp256k1PrivateKey(std::move(state));
}

Secp256k1Signature Secp256k1PrivateKey::sign(Digest const& digest) const {
    auto const* context = state_->context.get();
    secp256k1_ecdsa_recoverable_signature signature;
    check(secp256k1_ecdsa_sign_recoverable(context, &signature, digest.data(),
                                           state_->key.bytes().data(), nullptr, nullptr),
          "sign");
    std::array<std::uint8_t, 64> bytes{};
    int recovery_id = 0;
    check(secp256k1_ecdsa_recoverable_signature_serialize_compact(context, bytes.data(),
                                                                  &recovery_id, &signature),
          "serialize");
    check(recovery_id <= 1, "r above the group's order");
    Secp256k1Signature out{.v = static_cast<std::uint8_t>(first_v + recovery_id)};
    std::ranges::copy(Bytes(bytes).first(32), out.r.begin());
    std::ranges::copy(Bytes(bytes).last(32), out.s.begin());
    return out;
}

Secp256k1PublicKey Secp256k1PrivateKey::public_key() const {
    secp256k1_pubkey key;
    check(secp256k1_ec_pubkey_create(state_->context.get(), &key, state_->key.bytes().data()),
          "public key");
    return Secp256k1PublicKey(uncompressed(key));
}

base::Secret Secp256k1PrivateKey::bytes() const { return state_->key.clone(); }

}  // namespace obscura::crypto
