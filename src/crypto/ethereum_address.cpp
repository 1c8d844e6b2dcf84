#include "crypto/ethereum_address.hpp"

#include "crypto/hex.hpp"
#include "crypto/keccak.hpp"

#include <algorithm>

namespace obscura::crypto {
namespace {

constexpr std::string_view prefix = "0x";

bool is_lower(char c) { return c >= 'a' && c <= 'f'; }
bool is_upper(char c) { return c >= 'A' && c <= 'F'; }

}  // namespace

std::optional<EthereumAddress> EthereumAddress::parse(std::string_view text) {
    if (!text.starts_with(prefix)) return std::nullopt;
    auto const digits = text.substr(prefix.size());
    EthereumAddress out;
    if (!hex_decode_into(digits, out.bytes)) return std::nullopt;
    bool const is_mixed =
        std::ranges::any_of(digits, is_lower) && std::ranges::any_of(digits, is_upper);
    if (is_mixed && out.to_string() != text) return std::nullopt;
    return out;
}

std::string EthereumAddress::to_string() const {
    auto digits = hex_encode(bytes);
    // A letter is upper case where the hash of the lower-case text has a nibble of 8 or more.
    auto const hash = keccak256(digits);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        auto const nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 0x0f;
        if (is_lower(digits[i]) && nibble >= 8)
            digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
    }
    return std::string(prefix) + digits;
}

}  // namespace obscura::crypto
