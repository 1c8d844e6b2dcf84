#pragma once

#include "base/error.hpp"
#include "crypto/bytes.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace obscura::crypto {

/// An RSA key that signs (RFC 8017, PKCS #1 v1.5 with SHA-256), for venues that know nothing newer.
/// Immutable: any thread may use one.
class RsaPrivateKey {
public:
    /// Unencrypted PEM of 2048 to 4096 bits; invalid_argument for anything else.
    [[nodiscard]] static base::Result<RsaPrivateKey> from_pem(std::string_view pem);
    ~RsaPrivateKey();
    RsaPrivateKey(RsaPrivateKey&&) noexcept;
    RsaPrivateKey& operator=(RsaPrivateKey&&) noexcept;

    /// As long as the key; the same message has the same signature.
    [[nodiscard]] std::vector<std::uint8_t> sign(Bytes message) const;
    [[nodiscard]] std::vector<std::uint8_t> sign(std::string_view message) const {
        return sign(as_bytes(message));
    }

private:
    struct State;
    explicit RsaPrivateKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace obscura::crypto
