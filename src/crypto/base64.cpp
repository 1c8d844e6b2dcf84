#include "crypto/base64.hpp"

#include <array>

namespace obscura::crypto {
namespace {

using Alphabet = std::string_view;
constexpr Alphabet standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr Alphabet url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t no_value = 0xff;
using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(Alphabet alphabet) {
    Values out{};
    out.fill(no_value);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return out;
}
constexpr Values standard_values = values_of(standard);
constexpr Values url_safe_values = values_of(url_safe);

std::string encode(Bytes bytes, Alphabet alphabet) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        auto const word = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
        out += alphabet[static_cast<std::size_t>(word >> 18)];
        out += alphabet[static_cast<std::size_t>(word >> 12 & 63)];
        out += alphabet[static_cast<std::size_t>(word >> 6 & 63)];
        out += alphabet[static_cast<std::size_t>(word & 63)];
    }
    auto const rest = bytes.size() - i;
    if (rest == 0) return out;
    auto const word = bytes[i] << 16 | (rest == 2 ? bytes[i + 1] << 8 : 0);
    out += alphabet[static_cast<std::size_t>(word >> 18)];
    out += alphabet[static_cast<std::size_t>(word >> 12 & 63)];
    if (rest == 2) out += alphabet[static_cast<std::size_t>(word >> 6 & 63)];
    return out;
}

/// `text` without padding.
std::optional<std::vector<std::uint8_t>> decode(std::string_view text, Values const& values) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::vector<std::uint8_t> out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t word = 0;
    int bits = 0;
    for (char const c : text) {
        auto const value = values[static_cast<unsigned char>(c)];
        if (value == no_value) return std::nullopt;
        word = word << 6 | value;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(static_cast<std::uint8_t>(word >> bits));
        word &= (1U << bits) - 1;
    }
    if (word != 0) return std::nullopt;
    return out;
}

}  // namespace

std::string base64_encode(Bytes bytes) {
    auto out = encode(bytes, standard);
    while (out.size() % 4 != 0) out += '=';
    return out;
}

std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return decode(text, standard_values);
}

std::string base64url_encode(Bytes bytes) { return encode(bytes, url_safe); }

std::optional<std::vector<std::uint8_t>> base64url_decode(std::string_view text) {
    return decode(text, url_safe_values);
}

}  // namespace obscura::crypto
