#pragma once

#include "base/random.hpp"
#include "base/secret.hpp"
#include "ports/api_key_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace obscura::gateway {

/// The text of an API key: `obsc_live_<public id>_<secret><checksum>`, lower-case base32. The
/// checksum lets a typing error, and a scanner for leaked keys, tell a key from noise without us.
struct ApiKeyText {
    ports::ApiKeyMode mode = ports::ApiKeyMode::test;
    std::string public_id;  ///< 80 bits, 16 characters
    base::Secret secret;    ///< 256 bits, 52 characters
};

[[nodiscard]] bool looks_like_api_key(std::string_view text);
[[nodiscard]] ApiKeyText make_api_key(ports::ApiKeyMode mode, base::Random& random);
/// What the owner is shown, once.
[[nodiscard]] base::Secret render(ApiKeyText const& key);
/// nullopt for a text of another form or with a wrong checksum.
[[nodiscard]] std::optional<ApiKeyText> parse_api_key(std::string_view text);
/// What is stored of the secret: HMAC-SHA256(pepper, secret), 32 bytes.
[[nodiscard]] std::string mac_of(base::Secret const& pepper, base::Secret const& secret);

}  // namespace obscura::gateway
