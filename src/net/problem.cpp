#include "net/problem.hpp"

#include <utility>

namespace obscura::net {

namespace {

struct Kind {
    unsigned status;
    std::string_view code;  ///< when the error names no reason
    std::string_view title;
};

Kind kind_of(base::Errc code) {
    switch (code) {
        case base::Errc::invalid_argument:
            return {400, "invalid_request", "Invalid request"};
        case base::Errc::unauthenticated:
            return {401, "unauthenticated", "Not authenticated"};
        case base::Errc::forbidden:
            return {403, "forbidden", "Not allowed"};
        case base::Errc::not_found:
            return {404, "not_found", "Not found"};
        case base::Errc::method_not_allowed:
            return {405, "method_not_allowed", "Method not allowed"};
        case base::Errc::request_timeout:
            return {408, "request_timeout", "Request too slow"};
        case base::Errc::conflict:
            return {409, "conflict", "Conflict"};
        case base::Errc::payload_too_large:
            return {413, "payload_too_large", "Request body too large"};
        case base::Errc::uri_too_long:
            return {414, "uri_too_long", "Request target too long"};
        case base::Errc::unsupported_media_type:
            return {415, "unsupported_media_type", "Unsupported media type"};
        case base::Errc::idempotency_mismatch:
            return {422, "idempotency_mismatch", "Idempotency-Key used with another request"};
        case base::Errc::rate_limited:
            return {429, "rate_limited", "Too many requests"};
        case base::Errc::header_too_large:
            return {431, "header_too_large", "Request header too large"};
        case base::Errc::internal:
            return {500, "internal", "Internal error"};
        case base::Errc::bad_gateway:
            return {502, "bad_gateway", "Bad answer from a peer"};
        case base::Errc::unavailable:
            return {503, "unavailable", "Temporarily unavailable"};
        case base::Errc::upstream_timeout:
            return {504, "upstream_timeout", "A peer did not answer in time"};
    }
    std::unreachable();
}

}  // namespace

Response problem(base::Error const& error, std::string_view request_id) {
    auto const kind = kind_of(error.code);
    auto const code = error.reason.empty() ? std::string(kind.code) : error.reason;
    auto body = base::Json::object({{"type", "urn:obscura:problem:" + code},
                                    {"title", kind.title},
                                    {"status", kind.status},
                                    {"detail", error.detail},
                                    {"instance", request_id},
                                    {"code", code}});
    if (!error.fields.empty()) {
        auto fields = base::Json::array();
        for (auto const& field : error.fields) {
            fields.push_back(base::Json::object(
                {{"pointer", field.pointer}, {"code", field.code}, {"detail", field.detail}}));
        }
        body.set("errors", std::move(fields));
    }
    Response response{.status = kind.status,
                      .headers = {{"Content-Type", "application/problem+json"}},
                      .body = body.dump()};
    if (error.retry_after) {
        response.headers.set("Retry-After", std::to_string(error.retry_after->count()));
    }
    if (error.code == base::Errc::unauthenticated) {
        response.headers.set("WWW-Authenticate", "Bearer");
    }
    return response;
}

}  // namespace obscura::net
