#include "net/http.hpp"

#include "net/detail/text.hpp"

#include <algorithm>

namespace obscura::net {

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (auto const& [key, value] : fields_) {
        if (detail::equals_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(fields_,
                  [&](auto const& f) { return detail::equals_ignoring_case(f.first, name); });
    fields_.emplace_back(std::string(name), std::move(value));
}

std::string_view Request::param(std::string_view name) const {
    for (auto const& [key, value] : path_params) {
        if (key == name) return value;
    }
    return {};
}

std::optional<std::string> Request::query_param(std::string_view name) const {
    auto const pairs = parse_form(query);
    if (!pairs) return std::nullopt;
    for (auto const& [key, value] : *pairs) {
        if (key == name) return value;
    }
    return std::nullopt;
}

Response json_response(unsigned status, base::Json const& body) {
    return Response{
        .status = status, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}

Response text_response(unsigned status, std::string body, std::string content_type) {
    return Response{.status = status,
                    .headers = {{"Content-Type", std::move(content_type)}},
                    .body = std::move(body)};
}

namespace {

/// "application/json", with parameters; a charset other than UTF-8 is not JSON (RFC 8259 §8.1).
bool is_json(std::string_view content_type) {
    auto semicolon = content_type.find(';');
    auto const media = detail::trim(content_type.substr(0, semicolon));
    if (!detail::equals_ignoring_case(media, "application/json")) return false;
    while (semicolon != std::string_view::npos) {
        content_type.remove_prefix(semicolon + 1);
        semicolon = content_type.find(';');
        auto const parameter = detail::trim(content_type.substr(0, semicolon));
        auto const equals = parameter.find('=');
        if (!detail::equals_ignoring_case(detail::trim(parameter.substr(0, equals)), "charset"))
            continue;
        if (equals == std::string_view::npos) return false;
        auto charset = detail::trim(parameter.substr(equals + 1));
        if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
            charset = charset.substr(1, charset.size() - 2);
        }
        if (!detail::equals_ignoring_case(charset, "utf-8")) return false;
    }
    return true;
}

}  // namespace

base::Result<base::Json> json_body(Request const& request) {
    auto const type = request.headers.find("Content-Type");
    if (type && !is_json(*type)) {
        return base::fail(base::Errc::unsupported_media_type, "unsupported_media_type",
                          "Send the body as application/json in UTF-8.");
    }
    if (request.body.empty()) {
        return base::fail(base::Errc::invalid_argument, "empty_body",
                          "The request needs a JSON body.");
    }
    return base::parse_json(request.body);
}

}  // namespace obscura::net
