#pragma once

#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace obscura::crypto {

/// What is sealed here is sealed with the first; the second is there for the vectors of HPKE's RFC.
enum class AeadAlgorithm { aes_256_gcm, aes_128_gcm };

/// AES-GCM under one key, with 96-bit nonces and 128-bit tags (NIST SP 800-38D). Keeps the expanded
/// key, so that an operation costs no key schedule. One thread.
class Aead {
public:
    static constexpr std::size_t key_size = 32;  ///< of AES-256-GCM
    static constexpr std::size_t nonce_size = 12;
    static constexpr std::size_t tag_size = 16;
    using Nonce = std::array<std::uint8_t, nonce_size>;

    [[nodiscard]] static constexpr std::size_t key_size_of(AeadAlgorithm algorithm) {
        return algorithm == AeadAlgorithm::aes_256_gcm ? key_size : 16;
    }

    /// std::invalid_argument when the key has another size than the algorithm's.
    explicit Aead(base::Secret const& key, AeadAlgorithm algorithm = AeadAlgorithm::aes_256_gcm);
    ~Aead();
    Aead(Aead&&) noexcept;
    Aead& operator=(Aead&&) noexcept;

    /// From here on under another key of the same size: cheaper than another object, and nothing of
    /// the old key stays behind.
    void rekey(base::Secret const& key);
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
