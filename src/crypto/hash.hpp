#pragma once

#include "crypto/bytes.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace obscura::crypto {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4).
[[nodiscard]] Digest sha256(Bytes message);
[[nodiscard]] Digest sha256(std::string_view message);
[[nodiscard]] std::string sha256_hex(std::string_view message);

/// SHA-512 (FIPS 180-4).
[[nodiscard]] std::string sha512_hex(std::string_view message);

/// SHA-256 of a message that arrives in pieces. One thread.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    Sha256& update(Bytes piece);
    Sha256& update(std::string_view piece) { return update(as_bytes(piece)); }
    /// The digest of everything since the start or the last `finish`; starts anew.
    [[nodiscard]] Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace obscura::crypto
