#pragma once

#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace obscura::crypto {

/// AES-256-GCM under one key, with 96-bit nonces and 128-bit tags (NIST SP 800-38D). Keeps the
/// expanded key, so that an operation costs no key schedule. One thread.
class Aead {
public:
    static constexpr std::size_t key_size = 32;
    static constexpr std::size_t nonce_size = 12;
    static constexpr std::size_t tag_size = 16;
    using Nonce = std::array<std::uint8_t, nonce_size>;

    /// std::invalid_argument when the key has not `key_size` bytes.
    explicit Aead(base::Secret const& key);
    ~Aead();
    Aead(Aead&&) noexcept;
    Aead& operator=(Aead&&) noexcept;

    /// Ciphertext and tag. A nonce must never serve twice under one key.
    [[nodiscard]] std::vector<std::uint8_t> seal(Nonce const& nonce, Bytes aad, Bytes plaintext);
    /// Nothing when key, nonce, `aad` or any bit of `sealed` is not what was sealed.
    [[nodiscard]] std::optional<base::Secret> open(Nonce const& nonce, Bytes aad, Bytes sealed);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A random nonce: good for 2^32 messages under one key (SP 800-38D §8.3).
[[nodiscard]] Aead::Nonce random_nonce(base::Random& random);
/// `size` random bytes.
[[nodiscard]] base::Secret random_key(base::Random& random, std::size_t size);

}  // namespace obscura::crypto
