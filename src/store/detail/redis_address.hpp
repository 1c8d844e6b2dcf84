#pragma once

#include "base/secret.hpp"
#include "net/tls_session.hpp"
#include "store/redis.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::store {

struct RedisAddress {
    std::string host;
    std::uint16_t port = 6379;
    std::string user;
    base::Secret password;
    int database = 0;
    bool is_tls = false;
    std::optional<net::TlsTrust> trust;  ///< whom, when it `is_tls`; of `redis_address` only
};

/// std::invalid_argument, without the text itself, which holds a password.
[[nodiscard]] RedisAddress parse_redis_url(std::string_view url);

/// The URL's address, with what TLS needs. std::invalid_argument, with what to set, for a server on
/// another host without TLS and for settings that do not fit together; std::runtime_error for files
/// that cannot be used.
[[nodiscard]] RedisAddress redis_address(RedisConfig const& config);

}  // namespace obscura::store
