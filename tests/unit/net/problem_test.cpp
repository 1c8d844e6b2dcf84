#include "net/problem.hpp"

#include <gtest/gtest.h>

namespace obscura::net {
namespace {

base::Json body_of(Response const& response) { return *base::parse_json(response.body); }

TEST(Problem, has_a_status_for_every_code) {
    using base::Errc;
    std::vector<std::pair<Errc, unsigned>> const cases{
        {Errc::invalid_argument, 400},
        {Errc::unauthenticated, 401},
        {Errc::forbidden, 403},
        {Errc::not_found, 404},
        {Errc::method_not_allowed, 405},
        {Errc::request_timeout, 408},
        {Errc::conflict, 409},
        {Errc::payload_too_large, 413},
        {Errc::uri_too_long, 414},
        {Errc::unsupported_media_type, 415},
        {Errc::idempotency_mismatch, 422},
        {Errc::rate_limited, 429},
        {Errc::header_too_large, 431},
        {Errc::internal, 500},
        {Errc::bad_gateway, 502},
        {Errc::unavailable, 503},
        {Errc::upstream_timeout, 504},
    };
    for (auto const& [code, status] : cases) {
        auto const response = problem({.code = code}, "r");
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(body_of(response)["status"].to_int64(), status);
        EXPECT_FALSE(body_of(response)["title"].as_string().empty());
        EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
    }
}

TEST(Problem, names_reason_request_and_fields) {
    auto error = base::field_error("/price", "not_a_decimal", "Must be a decimal.");
    auto const body = body_of(problem(error, "req-1"));
    EXPECT_EQ(body["type"].as_string(), "urn:obscura:problem:invalid_request");
    EXPECT_EQ(body["code"].as_string(), "invalid_request");
    EXPECT_EQ(body["instance"].as_string(), "req-1");
    ASSERT_EQ(body["errors"].as_array().size(), 1u);
    EXPECT_EQ(body["errors"].as_array()[0]["pointer"].as_string(), "/price");
    EXPECT_EQ(body["errors"].as_array()[0]["code"].as_string(), "not_a_decimal");
}

TEST(Problem, keeps_internals_to_itself) {
    auto const response = problem(base::internal_error("password=hunter2"), "r");
    EXPECT_EQ(response.body.find("hunter2"), std::string::npos);
    EXPECT_EQ(body_of(response).find("errors"), nullptr);
}

TEST(Problem, sets_the_headers_that_belong_to_it) {
    base::Error limited{.code = base::Errc::rate_limited, .reason = "rate_limited"};
    limited.retry_after = std::chrono::seconds(7);
    EXPECT_EQ(problem(limited, "r").headers.find("Retry-After"), "7");
    auto const denied = problem({.code = base::Errc::unauthenticated}, "r");
    EXPECT_EQ(denied.headers.find("WWW-Authenticate"), "Bearer");
    EXPECT_FALSE(denied.headers.find("Retry-After"));
}

}  // namespace
}  // namespace obscura::net
