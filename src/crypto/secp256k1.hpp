#pragma once

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/ethereum_address.hpp"
#include "crypto/hash.hpp"

#include <array>
#include <memory>

/// ECDSA over secp256k1 as Ethereum-like chains use it: deterministic (RFC 6979), s in the lower
/// half of the group, the signer recoverable. What is signed is a digest that the caller has made.
namespace obscura::crypto {

struct Secp256k1Signature {
    std::array<std::uint8_t, 32> r{};
    std::array<std::uint8_t, 32> s{};
    std::uint8_t v = 27;  ///< 27 or 28: the parity of the point behind `r`

    friend bool operator==(Secp256k1Signature const&, Secp256k1Signature const&) = default;
};

/// A point of the curve.
class Secp256k1PublicKey {
public:
    /// SEC 1, compressed (33 bytes) or not (65); invalid_argument for anything else.
    [[nodiscard]] static base::Result<Secp256k1PublicKey> from_bytes(Bytes raw);
    /// The key that made the signature. invalid_argument when there is none, and for an `s` in the
    /// upper half, which anybody can make of a good signature.
    [[nodiscard]] static base::Result<Secp256k1PublicKey> recover(
        Digest const& digest, Secp256k1Signature const& signature);

    /// `v` does not matter; an `s` in the upper half is refused.
    [[nodiscard]] bool verify(Digest const& digest, Secp256k1Signature const& signature) const;
    [[nodiscard]] std::array<std::uint8_t, 65> const& bytes() const { return uncompressed_; }
    [[nodiscard]] EthereumAddress address() const;

    friend bool operator==(Secp256k1PublicKey const&, Secp256k1PublicKey const&) = default;

private:
    friend class Secp256k1PrivateKey;
    explicit Secp256k1PublicKey(std::array<std::uint8_t, 65> const& uncompressed)
        : uncompressed_(uncompressed) {}
    std::array<std::uint8_t, 65> uncompressed_;
};

/// Immutable: any thread may use one. Blinded against who measures the machine.
class Secp256k1PrivateKey {
public:
    [[nodiscard]] static Secp256k1PrivateKey generate(base::Random& random);
    /// invalid_argument unless `raw` is 32 bytes and in the group. `random` blinds only: nothing of
    /// it shows in a signature.
    [[nodiscard]] static base::Result<Secp256k1PrivateKey> from_bytes(Bytes raw,
                                                                      base::Random& random);
    ~Secp256k1PrivateKey();
    Secp256k1PrivateKey(Secp256k1PrivateKey&&) noexcept;
    Secp256k1PrivateKey& operator=(Secp256k1PrivateKey&&) noexcept;

    [[nodiscard]] Secp256k1Signature sign(Digest const& digest) const;
    [[nodiscard]] Secp256k1PublicKey public_key() const;
    [[nodiscard]] base::Secret bytes() const;

private:
    struct State;
    explicit Secp256k1PrivateKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace obscura::crypto
