#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <array>
#include <memory>

namespace obscura::crypto {

/// X25519 (RFC 7748). Every 32 bytes are a public key, but some are of no use: `agree` says so.
using X25519PublicKey = std::array<std::uint8_t, 32>;

/// Immutable: any thread may use one.
class X25519PrivateKey {
public:
    static constexpr std::size_t size = 32;

    /// invalid_argument unless `raw` is 32 bytes.
    [[nodiscard]] static base::Result<X25519PrivateKey> from_bytes(Bytes raw);
    ~X25519PrivateKey();
    X25519PrivateKey(X25519PrivateKey&&) noexcept;
    X25519PrivateKey& operator=(X25519PrivateKey&&) noexcept;

    [[nodiscard]] X25519PublicKey public_key() const;
    /// What the owner of `peer` computes too. invalid_argument when it is all zero (RFC 7748 §6.1):
    /// `peer` is a point of small order then, and the result would be known to everybody.
    [[nodiscard]] base::Result<base::Secret> agree(X25519PublicKey const& peer) const;
    [[nodiscard]] base::Secret bytes() const;

private:
    struct State;
    explicit X25519PrivateKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace obscura::crypto
