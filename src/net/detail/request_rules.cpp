#include "net/detail/request_rules.hpp"

#include "net/detail/text.hpp"

#include <algorithm>

namespace obscura::net::detail {

namespace {

std::unexpected<base::Error> malformed(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        auto const u = static_cast<unsigned char>(c);
        return u < 0x20 || u == 0x7f;
    });
}

}  // namespace

base::Result<void> read_target(Request& request) {
    if (request.target.size() > max_target_bytes) {
        return base::fail(base::Errc::uri_too_long, "uri_too_long",
                          "The request target is longer than 8192 bytes.");
    }
    if (!request.target.starts_with('/')) {
        auto const url = parse_url(request.target);  // absolute form, as sent to proxies
        if (!url || !url->scheme.starts_with("http")) {
            return malformed("bad_target", "The request target must be a path.");
        }
        request.target = url->target;
    }
    auto const question = request.target.find('?');
    auto path = percent_decode(std::string_view(request.target).substr(0, question));
    request.query = question == std::string::npos ? "" : request.target.substr(question + 1);
    auto const query = percent_decode(request.query);
    if (!path || !query) return malformed("bad_target", "The target has a broken percent escape.");
    if (!is_utf8(*path) || !is_utf8(*query)) {
        return malformed("bad_target", "The target is not UTF-8.");
    }
    if (has_control(*path)) return malformed("bad_target", "The path has a control character.");
    if (request.target.find('#') != std::string::npos) {
        return malformed("bad_target", "The target has a fragment.");
    }
    request.path = std::move(*path);
    return {};
}

base::Result<void> check_host(Request const& request, int version) {
    auto const hosts = std::ranges::count_if(request.headers, [](auto const& field) {
        return equals_ignoring_case(field.first, "Host");
    });
    if (hosts > 1 || (hosts == 0 && version >= 11)) {
        return malformed("bad_host", "HTTP/1.1 needs exactly one Host field.");
    }
    return {};
}

bool wants_websocket(Request const& request) {
    auto const connection = request.headers.find("Connection");
    auto const upgrade = request.headers.find("Upgrade");
    return request.method == "GET" && connection && upgrade &&
           list_contains(*connection, "upgrade") && list_contains(*upgrade, "websocket");
}

base::Result<void> check_websocket(Request const& request) {
    auto const version = request.headers.find("Sec-WebSocket-Version");
    auto const key = request.headers.find("Sec-WebSocket-Key");
    if (version != "13") return malformed("bad_websocket", "Sec-WebSocket-Version must be 13.");
    if (!key || key->size() != 24) {
        return malformed("bad_websocket", "Sec-WebSocket-Key must be 16 bytes in base64.");
    }
    return {};
}

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '_' || c == '-';
    });
}

}  // namespace obscura::net::detail
