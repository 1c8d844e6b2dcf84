#pragma once

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace obscura::crypto {

/// Ed25519 (RFC 8032). Keys are immutable: any thread may use one.
using Ed25519Signature = std::array<std::uint8_t, 64>;

class Ed25519PublicKey {
public:
    /// invalid_argument unless `raw` is 32 bytes.
    [[nodiscard]] static base::Result<Ed25519PublicKey> from_bytes(Bytes raw);
    /// SubjectPublicKeyInfo in PEM; invalid_argument for anything else, other algorithms too.
    [[nodiscard]] static base::Result<Ed25519PublicKey> from_pem(std::string_view pem);
    ~Ed25519PublicKey();
    Ed25519PublicKey(Ed25519PublicKey&&) noexcept;
    Ed25519PublicKey& operator=(Ed25519PublicKey&&) noexcept;

    [[nodiscard]] bool verify(Bytes message, Bytes signature) const;
    [[nodiscard]] bool verify(std::string_view message, Bytes signature) const {
        return verify(as_bytes(message), signature);
    }
    [[nodiscard]] std::array<std::uint8_t, 32> bytes() const;
    [[nodiscard]] std::string pem() const;

private:
    struct State;
    explicit Ed25519PublicKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class Ed25519PrivateKey {
public:
    [[nodiscard]] static Ed25519PrivateKey generate(base::Random& random);
    /// invalid_argument unless `seed` is 32 bytes.
    [[nodiscard]] static base::Result<Ed25519PrivateKey> from_seed(Bytes seed);
    /// Unencrypted PKCS#8 in PEM (what venues hand out); invalid_argument for anything else.
    [[nodiscard]] static base::Result<Ed25519PrivateKey> from_pem(std::string_view pem);
    ~Ed25519PrivateKey();
    Ed25519PrivateKey(Ed25519PrivateKey&&) noexcept;
    Ed25519PrivateKey& operator=(Ed25519PrivateKey&&) noexcept;

    [[nodiscard]] Ed25519Signature sign(Bytes message) const;
    [[nodiscard]] Ed25519Signature sign(std::string_view message) const {
        return sign(as_bytes(message));
    }
    [[nodiscard]] Ed25519PublicKey public_key() const;
    [[nodiscard]] base::Secret seed() const;
    [[nodiscard]] base::Secret pem() const;

private:
    struct State;
    explicit Ed25519PrivateKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace obscura::crypto
