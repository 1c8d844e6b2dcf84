#pragma once

#include "crypto/bytes.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::crypto {

/// An account or contract of an Ethereum-like chain.
struct EthereumAddress {
    std::array<std::uint8_t, 20> bytes{};

    /// "0x" and 40 hex digits: in one case, or in both with the checksum of EIP-55.
    [[nodiscard]] static std::optional<EthereumAddress> parse(std::string_view text);
    /// With the checksum of EIP-55.
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(EthereumAddress const&, EthereumAddress const&) = default;
};

}  // namespace obscura::crypto
