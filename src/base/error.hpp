#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace obscura::base {

/// What went wrong, in terms of the domain. `net/problem.cpp` alone maps these to HTTP.
enum class Errc {
    invalid_argument,  ///< the sender must change the request
    unauthenticated,   ///< no credential, or a bad one
    forbidden,         ///< a good credential without the right
    not_found,         ///< absent, or another tenant's
    method_not_allowed,
    request_timeout,  ///< the sender was too slow
    conflict,         ///< contradicts what is stored
    payload_too_large,
    uri_too_long,
    unsupported_media_type,
    idempotency_mismatch,  ///< Idempotency-Key used again with another body
    rate_limited,
    header_too_large,
    internal,          ///< our fault; nothing of it is told outside
    bad_gateway,       ///< a peer answered nonsense
    unavailable,       ///< try again later
    upstream_timeout,  ///< a peer did not answer in time
};

/// One field of a request that must change. `pointer` is an RFC 6901 JSON pointer.
struct FieldError {
    std::string pointer;
    std::string code;
    std::string detail;

    friend bool operator==(FieldError const&, FieldError const&) = default;
};

/// An expected failure. `detail` may be shown to the client, `internal` goes to the log only.
struct Error {
    Errc code = Errc::internal;
    std::string reason;  ///< stable machine-readable name, snake_case, e.g. "pool_not_found"
    std::string detail;
    std::string internal;
    std::vector<FieldError> fields;
    std::optional<std::chrono::seconds> retry_after;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string reason,
                                                 std::string detail) {
    return std::unexpected(
        Error{.code = code, .reason = std::move(reason), .detail = std::move(detail)});
}

/// A single bad field.
[[nodiscard]] inline Error field_error(std::string pointer, std::string code, std::string detail) {
    Error error{.code = Errc::invalid_argument,
                .reason = "invalid_request",
                .detail = "The request has fields that must change."};
    error.fields.push_back({std::move(pointer), std::move(code), std::move(detail)});
    return error;
}

/// An environment failure: clients learn nothing but that it is ours.
[[nodiscard]] inline Error internal_error(std::string internal) {
    return Error{.code = Errc::internal,
                 .reason = "internal",
                 .detail = "Something broke on our side; it has been logged.",
                 .internal = std::move(internal)};
}

}  // namespace obscura::base
