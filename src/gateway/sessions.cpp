#include "gateway/sessions.hpp"

#include "crypto/base64.hpp"
#include "crypto/hash.hpp"

#include <array>
#include <span>

namespace obscura::gateway {
namespace {

constexpr std::string_view refresh_prefix = "obsr_";

std::string hash_of(std::string_view token) {
    auto const digest = crypto::sha256(token);
    return std::string(crypto::as_text(digest));
}

}  // namespace

Sessions::Fresh Sessions::make_token() {
    std::array<std::uint8_t, 32> bytes{};
    random_.fill(std::as_writable_bytes(std::span(bytes)));
    Fresh fresh;
    fresh.text = std::string(refresh_prefix) + crypto::base64url_encode(bytes);
    auto const now = clock_.now();
    fresh.record = {.id = base::make_uuid_v7(now, random_),
                    .hash = hash_of(fresh.text),
                    .issued_at = now,
                    .expires_at = now + rules_.refresh_lifetime};
    return fresh;
}

Task<base::Result<std::string>> Sessions::access_token(AccessClaims claims) {
    return access_.issue(claims, base::make_uuid_v7(clock_.now(), random_));
}

base::Json Sessions::answer(std::string access_token, Fresh const& token) {
    return base::Json::object({{"access_token", std::move(access_token)},
                               {"token_type", "Bearer"},
                               {"expires_in", access_.lifetime().count()},
                               {"refresh_token", token.text},
                               {"refresh_expires_at", base::to_rfc3339(token.record.expires_at)}});
}

Task<base::Result<base::Json>> Sessions::start(AccessClaims claims, ports::AuditStamp by) {
    auto access = co_await access_token(claims);
    if (!access) co_return std::unexpected(access.error());
    co_return co_await start_with(std::move(*access), claims, std::move(by));
}

Task<base::Json> Sessions::start_with(std::string access_token, AccessClaims claims,
                                      ports::AuditStamp by) {
    by.id = base::make_uuid_v7(by.at, random_);  // the request's own may be its registration's
    by.actor = "user:" + claims.user.to_string();
    auto fresh = make_token();
    fresh.record.tenant = claims.tenant;
    fresh.record.user = claims.user;
    fresh.record.family = fresh.record.id;
    co_await tokens_.issue(fresh.record, static_cast<int>(rules_.max_sessions), std::move(by));
    co_return answer(std::move(access_token), fresh);
}

Task<base::Result<base::Json>> Sessions::refresh(std::string token, ports::AuditStamp by) {
    auto const fresh = make_token();
    // Signed first: a refresh token that is used up while nobody signs would end the session.
    std::string access;
    if (auto const owner = co_await tokens_.owner(hash_of(token))) {
        auto made = co_await access_token({.tenant = owner->tenant, .user = owner->user});
        if (!made) co_return std::unexpected(made.error());
        access = std::move(*made);
    }
    auto const rotated = co_await tokens_.rotate(hash_of(token), fresh.record, std::move(by));
    if (!rotated) co_return std::unexpected(rotated.error());
    co_return answer(std::move(access), fresh);
}

Task<void> Sessions::end(std::string token, ports::AuditStamp by) {
    co_await tokens_.revoke_family(hash_of(token), std::move(by));
}

}  // namespace obscura::gateway
