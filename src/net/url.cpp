#include "net/detail/text.hpp"
#include "net/http.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>

namespace obscura::net {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::uint16_t default_port(std::string_view scheme) {
    if (scheme == "https" || scheme == "wss") return 443;
    if (scheme == "http" || scheme == "ws") return 80;
    return 0;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

/// Splits "host:port", "[v6]:port" or a bare host into `url`.
bool read_authority(std::string_view authority, Url& url) {
    std::string_view rest;
    if (authority.starts_with('[')) {
        auto const end = authority.find(']');
        if (end == std::string_view::npos) return false;
        auto const host = authority.substr(1, end - 1);
        if (host.find(':') == std::string_view::npos) return false;
        auto const hex = [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; };
        if (!std::ranges::all_of(host, hex)) return false;
        url.host = lower(host);
        rest = authority.substr(end + 1);
    } else {
        auto const colon = authority.find(':');
        auto const host = authority.substr(0, colon);
        auto const allowed = [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; };
        if (host.empty() || host.size() > 253 || !std::ranges::all_of(host, allowed)) return false;
        url.host = lower(host);
        if (colon != std::string_view::npos) rest = authority.substr(colon);
    }
    if (rest.empty()) return true;
    if (!rest.starts_with(':')) return false;
    auto const port = parse_port(rest.substr(1));
    if (!port) return false;
    url.port = *port;
    return true;
}

}  // namespace

std::string percent_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (char const c : text) {
        if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
            continue;
        }
        auto const u = static_cast<unsigned char>(c);
        out += '%';
        out += digits[u >> 4];
        out += digits[u & 15];
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            auto const high = hex_value(text[i + 1]);
            auto const low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!text.empty()) {
        auto const end = text.find('&');
        auto const piece = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (piece.empty()) continue;
        auto const equals = piece.find('=');
        auto name = percent_decode(piece.substr(0, equals), true);
        auto value = equals == std::string_view::npos
                         ? std::optional<std::string>("")
                         : percent_decode(piece.substr(equals + 1), true);
        if (!name || !value) return std::nullopt;
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

std::string Url::origin() const {
    auto const bare = host.find(':') == std::string::npos;
    return scheme + "://" + (bare ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::optional<Url> parse_url(std::string_view text) {
    auto const colon = text.find("://");
    if (colon == std::string_view::npos) return std::nullopt;
    Url url;
    url.scheme = lower(text.substr(0, colon));
    url.port = default_port(url.scheme);
    if (url.port == 0) return std::nullopt;
    auto const rest = text.substr(colon + 3);
    auto const path = rest.find_first_of("/?#");
    if (!read_authority(rest.substr(0, path), url)) return std::nullopt;
    if (path == std::string_view::npos) return url;
    url.target = rest.substr(path);
    if (url.target.starts_with('?')) url.target.insert(0, "/");
    if (url.target.find('#') != std::string::npos) return std::nullopt;
    if (!detail::is_request_target(url.target)) return std::nullopt;
    return url;
}

bool is_loopback(std::string_view host) {
    namespace ip = boost::asio::ip;
    if (host == "localhost") return true;
    boost::system::error_code error;
    auto const address = ip::make_address(host, error);
    if (error) return false;
    bool const is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
    return is_mapped ? ip::make_address_v4(ip::v4_mapped, address.to_v6()).is_loopback()
                     : address.is_loopback();
}

}  // namespace obscura::net
