#include "crypto/signed_header.hpp"

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"

#include <charconv>

namespace obscura::crypto {
namespace {

constexpr std::string_view version = "v1.";

std::unexpected<base::Error> refuse(char const* detail) {
    return base::fail(base::Errc::unauthenticated, "invalid_signed_header", detail);
}

/// The text up to the next dot, which is taken off too.
std::optional<std::string_view> next_part(std::string_view& text) {
    auto const dot = text.find('.');
    if (dot == text.npos) return std::nullopt;
    auto const part = text.substr(0, dot);
    text.remove_prefix(dot + 1);
    return part;
}

std::optional<std::int64_t> read_unix_ms(std::string_view digits) {
    std::int64_t out = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return out;
}

}  // namespace

std::string sign_header(base::Secret const& key, std::string_view payload, base::Timestamp now) {
    auto out = std::string(version) + std::to_string(base::to_unix_ms(now)) + "." +
               base64url_encode(as_bytes(payload));
    auto const mac = hmac_sha256_hex(key.reveal(), out);
    return out + "." + mac;
}

base::Result<std::string> open_header(base::Secret const& key, std::string_view header,
                                      base::Timestamp now, std::chrono::seconds max_age) {
    // Nothing of the text is looked at before its MAC is good.
    auto const last_dot = header.rfind('.');
    if (last_dot == header.npos) return refuse("Not a signed header.");
    auto const mac = hmac_sha256_hex(key.reveal(), header.substr(0, last_dot));
    if (!base::equal_constant_time(mac, header.substr(last_dot + 1))) {
        return refuse("The signature of the header does not match.");
    }
    if (!header.starts_with(version)) return refuse("Unknown version of signed header.");
    auto rest = header.substr(version.size());
    auto const time_text = next_part(rest);
    auto const payload_text = next_part(rest);
    if (!time_text || !payload_text) return refuse("Not a signed header.");
    auto const unix_ms = read_unix_ms(*time_text);
    auto const payload = base64url_decode(*payload_text);
    if (!unix_ms || !payload) return refuse("Not a signed header.");
    auto const limit_ms = std::chrono::milliseconds(max_age).count();
    auto const now_ms = base::to_unix_ms(now);
    if (*unix_ms < now_ms - limit_ms || *unix_ms > now_ms + limit_ms) {
        return refuse("The signed header is too old, or from the future.");
    }
    return std::string(as_text(*payload));
}

}  // namespace obscura::crypto
