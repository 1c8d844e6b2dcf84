#include "base/json.hpp"
#include "peers/conductor_client.hpp"

#include <charconv>

namespace obscura::peers {
namespace {

constexpr std::size_t max_fields = 50;
constexpr std::size_t max_text = 1000;

base::Errc code_of(unsigned status) {
    switch (status) {
        case 400:
            return base::Errc::invalid_argument;
        case 403:
            return base::Errc::forbidden;
        case 404:
            return base::Errc::not_found;
        case 409:
            return base::Errc::conflict;
        case 413:
            return base::Errc::payload_too_large;
        case 422:
            return base::Errc::idempotency_mismatch;
        case 429:
            return base::Errc::rate_limited;
        case 503:
            return base::Errc::unavailable;
        case 504:
            return base::Errc::upstream_timeout;
        default:
            return base::Errc::bad_gateway;
    }
}

std::string text_in(base::Json const& json, std::string_view key) {
    return std::string(json[key].to_text().value_or("").substr(0, max_text));
}

std::vector<base::FieldError> fields_in(base::Json const& problem) {
    std::vector<base::FieldError> fields;
    auto const* list = problem.find("errors");
    if (list == nullptr || !list->is_array()) return fields;
    for (auto const& item : list->as_array()) {
        if (fields.size() >= max_fields) break;
        fields.push_back(
            {text_in(item, "pointer"), text_in(item, "code"), text_in(item, "detail")});
    }
    return fields;
}

std::optional<std::chrono::seconds> retry_after_of(net::Response const& response) {
    auto const field = response.headers.find("Retry-After");
    if (!field) return std::nullopt;
    std::int64_t seconds = -1;
    auto const [end, error] =
        std::from_chars(field->data(), field->data() + field->size(), seconds);
    if (error != std::errc{} || end != field->data() + field->size()) return std::nullopt;
    if (seconds < 0 || seconds > 86'400) return std::nullopt;
    return std::chrono::seconds(seconds);
}

}  // namespace

base::Error error_of(net::Response const& response) {
    auto const shown = response.body.substr(0, 200);
    if (response.status == 401) return base::internal_error("the peer refused our key: " + shown);
    auto const problem = base::parse_json(response.body);
    auto const code = code_of(response.status);
    if (code == base::Errc::bad_gateway || !problem || !problem->find("code"))
        return {.code = code == base::Errc::unavailable ? code : base::Errc::bad_gateway,
                .reason = "peer_failed",
                .detail = "A service behind this one failed.",
                .internal = "status " + std::to_string(response.status) + ": " + shown,
                .retry_after = retry_after_of(response)};
    return {.code = code,
            .reason = text_in(*problem, "code"),
            .detail = text_in(*problem, "detail"),
            .fields = fields_in(*problem),
            .retry_after = retry_after_of(response)};
}

}  // namespace obscura::peers
