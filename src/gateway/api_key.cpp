#include "gateway/api_key.hpp"

#include "crypto/hmac.hpp"
#include "model/types.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace obscura::gateway {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t id_length = 16;       // of 10 bytes
constexpr std::size_t secret_length = 52;   // of 32 bytes
constexpr std::size_t checksum_length = 7;  // of 4 bytes
constexpr std::string_view live_prefix = "obsc_live_";
constexpr std::string_view test_prefix = "obsc_test_";

std::string base32(std::span<std::uint8_t const> bytes) {
    std::string out;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (auto const byte : bytes) {
        buffer = (buffer << 8 | byte) & 0xffff;
        for (bits += 8; bits >= 5; bits -= 5) out += alphabet[buffer >> (bits - 5) & 31];
    }
    if (bits > 0) out += alphabet[buffer << (5 - bits) & 31];
    return out;
}

/// CRC-32 (IEEE 802.3), reflected.
std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xffffffff;
    for (char const c : text) {
        crc ^= static_cast<std::uint8_t>(c);
        for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

std::string checksum(std::string_view text) {
    auto const crc = crc32(text);
    std::array<std::uint8_t, 4> const bytes{
        static_cast<std::uint8_t>(crc >> 24), static_cast<std::uint8_t>(crc >> 16),
        static_cast<std::uint8_t>(crc >> 8), static_cast<std::uint8_t>(crc)};
    return base32(bytes);
}

std::string_view prefix_of(ports::ApiKeyMode mode) {
    return mode == ports::ApiKeyMode::live ? live_prefix : test_prefix;
}

bool is_base32(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return alphabet.contains(c); });
}

template <std::size_t N>
std::string random_base32(base::Random& random) {
    std::array<std::uint8_t, N> bytes{};
    random.fill(std::as_writable_bytes(std::span(bytes)));
    auto text = base32(bytes);
    base::cleanse(bytes.data(), bytes.size());
    return text;
}

}  // namespace

bool looks_like_api_key(std::string_view text) { return text.starts_with("obsc_"); }

ApiKeyText make_api_key(ports::ApiKeyMode mode, base::Random& random) {
    ApiKeyText key{.mode = mode, .public_id = random_base32<10>(random)};
    auto secret = random_base32<32>(random);
    key.secret = base::Secret(secret);
    base::cleanse(secret);
    return key;
}

base::Secret render(ApiKeyText const& key) {
    auto text = std::string(prefix_of(key.mode)) + key.public_id + "_";
    text.reserve(text.size() + secret_length + checksum_length);  // one copy, so that one is wiped
    text += key.secret.reveal();
    text += checksum(text);
    base::Secret rendered(text);
    base::cleanse(text);
    return rendered;
}

std::optional<ApiKeyText> parse_api_key(std::string_view text) {
    constexpr auto length = live_prefix.size() + id_length + 1 + secret_length + checksum_length;
    if (text.size() != length) return std::nullopt;
    bool const live = text.starts_with(live_prefix);
    if (!live && !text.starts_with(test_prefix)) return std::nullopt;
    if (checksum(text.substr(0, length - checksum_length)) != text.substr(length - checksum_length))
        return std::nullopt;
    auto const rest = text.substr(live_prefix.size());
    auto const id = rest.substr(0, id_length);
    auto const secret = rest.substr(id_length + 1, secret_length);
    if (rest[id_length] != '_' || !is_base32(id) || !is_base32(secret)) return std::nullopt;
    return ApiKeyText{.mode = live ? ports::ApiKeyMode::live : ports::ApiKeyMode::test,
                      .public_id = std::string(id),
                      .secret = base::Secret(secret)};
}

std::string mac_of(base::Secret const& pepper, base::Secret const& secret) {
    auto const mac = crypto::hmac_sha256(pepper.bytes(), secret.bytes());
    return std::string(crypto::as_text(mac));
}

}  // namespace obscura::gateway
