#include "store/detail/redis_address.hpp"

#include "net/http.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>

namespace obscura::store {
namespace {

template <class T>
T whole_number(std::string_view text, char const* what) {
    T out{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        throw std::invalid_argument(std::string("the Redis URL's ") + what + " is not a number");
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        auto const* digits = text.data() + i + 1;
        if (i + 2 >= text.size() ||
            std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) {
            throw std::invalid_argument("the Redis URL has a broken %-escape");
        }
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

/// Takes what is before the last `mark`, if it is there, off the front.
std::optional<std::string_view> take_before_last(std::string_view& rest, char mark) {
    auto const at = rest.rfind(mark);
    if (at == std::string_view::npos) return std::nullopt;
    auto const front = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return front;
}

void read_credentials(std::string_view text, RedisAddress& address) {
    auto const colon = text.find(':');
    if (colon == std::string_view::npos) {
        throw std::invalid_argument("the Redis URL must have user:password before the '@'");
    }
    address.user = percent_decoded(text.substr(0, colon));
    auto password = percent_decoded(text.substr(colon + 1));
    address.password = base::Secret(password);
    base::cleanse(password);
}

/// "host", "host:port", "[::1]:port".
void read_endpoint(std::string_view text, RedisAddress& address) {
    if (text.starts_with('[')) {
        auto const close = text.find(']');
        if (close == std::string_view::npos) {
            throw std::invalid_argument("the Redis URL has a '[' without ']'");
        }
        address.host = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
    } else {
        auto const end = std::min(text.find(':'), text.size());
        address.host = text.substr(0, end);
        text.remove_prefix(end);
    }
    if (address.host.empty()) throw std::invalid_argument("the Redis URL has no host");
    if (text.empty()) return;
    if (text.front() != ':') throw std::invalid_argument("the Redis URL is malformed");
    address.port = whole_number<std::uint16_t>(text.substr(1), "port");
}

}  // namespace

RedisAddress parse_redis_url(std::string_view url) {
    constexpr std::string_view plain = "redis://";
    constexpr std::string_view tls = "rediss://";
    RedisAddress address;
    address.is_tls = url.starts_with(tls);
    if (!address.is_tls && !url.starts_with(plain))
        throw std::invalid_argument("the Redis URL must be redis://... or rediss://...");
    url.remove_prefix(address.is_tls ? tls.size() : plain.size());
    if (auto const credentials = take_before_last(url, '@')) {
        read_credentials(*credentials, address);
    }
    if (auto const slash = url.find('/'); slash != std::string_view::npos) {
        auto const database = url.substr(slash + 1);
        if (!database.empty()) address.database = whole_number<int>(database, "database");
        if (address.database < 0) throw std::invalid_argument("the Redis database is negative");
        url = url.substr(0, slash);
    }
    read_endpoint(url, address);
    return address;
}

RedisAddress redis_address(RedisConfig const& config) {
    auto address = parse_redis_url(config.url.reveal());
    auto const& tls = config.tls;
    if (!address.is_tls) {
        if (!net::is_loopback(address.host))
            throw std::invalid_argument(
                "Redis at " + address.host +
                " is on another host: it must be reached over TLS that verifies it. Write "
                "rediss://... as redis.url, and set redis.authority to the PEM file of the "
                "authority that its certificate comes from");
        if (!tls.ca_file.empty() || !tls.certificate_file.empty() || !tls.key_file.empty())
            throw std::invalid_argument(
                "Redis: redis.authority, redis.certificate and redis.key are for TLS: write "
                "rediss://... as redis.url");
        return address;
    }
    if (tls.ca_file.empty())
        throw std::invalid_argument(
            "Redis: rediss:// needs redis.authority, the PEM file of the authority that the "
            "server's certificate comes from (/etc/ssl/certs/ca-certificates.crt for public ones)");
    if (tls.certificate_file.empty() != tls.key_file.empty())
        throw std::invalid_argument("Redis: redis.certificate and redis.key go together");
    address.trust.emplace(tls);
    return address;
}

}  // namespace obscura::store
