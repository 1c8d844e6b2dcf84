#include "base/ids.hpp"

#include <algorithm>
#include <cstring>

namespace obscura::base {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string Uuid::to_hex() const {
    std::string out;
    out.reserve(32);
    for (auto const b : bytes) {
        out += hex_digits[b >> 4];
        out += hex_digits[b & 15];
    }
    return out;
}

std::string Uuid::to_string() const {
    auto out = to_hex();
    for (std::size_t const i : {8U, 13U, 18U, 23U}) out.insert(i, 1, '-');
    return out;
}

bool Uuid::is_nil() const {
    return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    bool const dashed = text.size() == 36;
    if (!dashed && text.size() != 32) return std::nullopt;
    Uuid out;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (dashed && is_dash_position(i)) {
            if (text[i] != '-') return std::nullopt;
            continue;
        }
        auto const value = hex_value(text[i]);
        if (value < 0) return std::nullopt;
        auto& byte = out.bytes[digits / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | value);
        ++digits;
    }
    return out;
}

Uuid make_uuid_v7(Timestamp now, Random& random) {
    Uuid out;
    random.fill(std::as_writable_bytes(std::span(out.bytes)));
    auto const ms = static_cast<std::uint64_t>(std::max<std::int64_t>(to_unix_ms(now), 0));
    for (std::size_t i = 0; i < 6; ++i) {
        out.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    }
    out.bytes[6] = static_cast<std::uint8_t>(0x70 | (out.bytes[6] & 0x0f));
    out.bytes[8] = static_cast<std::uint8_t>(0x80 | (out.bytes[8] & 0x3f));
    return out;
}

}  // namespace obscura::base

std::size_t std::hash<obscura::base::Uuid>::operator()(
    obscura::base::Uuid const& u) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, u.bytes.data(), 8);
    std::memcpy(&low, u.bytes.data() + 8, 8);
    // The random half carries the entropy; the odd factor spreads the time stamp over it.
    return static_cast<std::size_t>(low ^ (high * 0x9e3779b97f4a7c15ULL));
}
