#include "gateway/jwt.hpp"

#include "base/decode.hpp"
#include "crypto/base64.hpp"
#include "crypto/jws.hpp"

#include <algorithm>

namespace obscura::gateway {
namespace {

/// Ours have some 400 bytes.
constexpr std::size_t max_token = 2048;
constexpr base::JsonLimits part_limits{.max_depth = 4, .max_members = 32};

std::unexpected<base::Error> refused(std::string reason = "invalid_token",
                                     std::string detail = "The access token is not valid.") {
    return base::fail(base::Errc::unauthenticated, std::move(reason), std::move(detail));
}

base::Result<base::Json> decode_part(std::string_view part) {
    auto const bytes = crypto::base64url_decode(part);
    if (!bytes) return refused();
    auto json = base::parse_json(crypto::as_text(*bytes), part_limits);
    if (!json || !json->is_object()) return refused();
    return json;
}

std::optional<base::Timestamp> time_claim(base::Json const& claims, std::string_view name) {
    auto const* value = claims.find(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    auto const seconds = value->to_int64();
    // Beyond the year 9999 arithmetic on time would overflow before it means anything.
    if (!seconds || *seconds < 0 || *seconds > 253'402'300'799) return std::nullopt;
    return base::Timestamp(std::chrono::seconds(*seconds));
}

}  // namespace

void Jwt::trust(std::vector<crypto::Ed25519PublicKey> keys) {
    verifiers_.clear();
    for (auto& key : keys) {
        auto id = crypto::jwk_thumbprint(key);
        verifiers_.push_back({std::move(id), std::move(key)});
    }
}

model::AccessToken Jwt::token_for(AccessClaims const& claims, base::Uuid token_id,
                                  base::Timestamp now) const {
    auto const issued = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    return {.issuer = rules_.issuer,
            .audience = rules_.audience,
            .user = claims.user,
            .tenant = claims.tenant,
            .issued = issued,
            .expires = issued + rules_.lifetime,
            .id = token_id};
}

bool Jwt::knows_key_of(std::string_view token) const {
    if (token.size() > max_token) return true;
    auto const header = decode_part(token.substr(0, token.find('.')));
    if (!header || !(*header)["kid"].is_string()) return true;
    auto const kid = (*header)["kid"].to_text();
    return std::ranges::any_of(verifiers_, [&](auto const& v) { return v.id == kid; });
}

Jwt::Verifier const* Jwt::verifier_of(std::string_view header_part) const {
    auto const header = decode_part(header_part);
    if (!header || header->as_object().size() != 3) return nullptr;
    if ((*header)["alg"].to_text() != "EdDSA" || (*header)["typ"].to_text() != "JWT")
        return nullptr;
    auto const kid = (*header)["kid"].to_text();
    auto const found = std::ranges::find_if(verifiers_, [&](auto const& v) { return v.id == kid; });
    return found == verifiers_.end() ? nullptr : &*found;
}

base::Result<AccessClaims> Jwt::verify(std::string_view token, base::Timestamp now) const {
    if (token.size() > max_token) return refused();
    auto const first = token.find('.');
    auto const last = token.rfind('.');
    if (first == std::string_view::npos || first == last) return refused();
    auto const* verifier = verifier_of(token.substr(0, first));
    if (verifier == nullptr) return refused();
    auto const signature = crypto::base64url_decode(token.substr(last + 1));
    if (!signature || signature->size() != 64) return refused();
    if (!verifier->key.verify(token.substr(0, last), *signature)) return refused();
    // Nothing in the payload is looked at before its signature holds. A third dot is no base64.
    auto const claims = decode_part(token.substr(first + 1, last - first - 1));
    if (!claims) return std::unexpected(claims.error());
    return check_claims(*claims, now);
}

base::Result<AccessClaims> Jwt::check_claims(base::Json const& claims, base::Timestamp now) const {
    if (claims["iss"].to_text() != rules_.issuer) return refused();
    if (claims["aud"].to_text() != rules_.audience) return refused();
    auto const expires = time_claim(claims, "exp");
    auto const not_before = time_claim(claims, "nbf");
    auto const issued = time_claim(claims, "iat");
    if (!expires || !not_before || !issued) return refused();
    if (*expires - *issued > rules_.lifetime || now + rules_.leeway < *not_before) return refused();
    if (now >= *expires + rules_.leeway)
        return refused("token_expired", "The access token has expired; refresh it.");
    auto const user = model::UserId::parse(claims["sub"].to_text().value_or(""));
    auto const tenant = model::TenantId::parse(claims["tenant"].to_text().value_or(""));
    if (!user || !tenant) return refused();
    return AccessClaims{.tenant = *tenant, .user = *user};
}

base::Json Jwt::key_set() const {
    auto keys = base::Json::array();
    for (auto const& verifier : verifiers_) {
        auto const raw = verifier.key.bytes();
        keys.push_back(base::Json::object({{"kty", "OKP"},
                                           {"crv", "Ed25519"},
                                           {"alg", "EdDSA"},
                                           {"use", "sig"},
                                           {"kid", verifier.id},
                                           {"x", crypto::base64url_encode(raw)}}));
    }
    return base::Json::object({{"keys", std::move(keys)}});
}

}  // namespace obscura::gateway
