#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace obscura::crypto {

/// A short statement from one service to another, HMAC-SHA256 under the internal key they share:
/// "v1.<unix ms>.<base64url(payload)>.<hex mac>".
[[nodiscard]] std::string sign_header(base::Secret const& key, std::string_view payload,
                                      base::Timestamp now);
/// The payload; unauthenticated when the MAC is wrong or it is older (or newer) than `max_age`.
[[nodiscard]] base::Result<std::string> open_header(base::Secret const& key,
                                                    std::string_view header, base::Timestamp now,
                                                    std::chrono::seconds max_age);

}  // namespace obscura::crypto
