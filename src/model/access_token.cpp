#include "model/access_token.hpp"

#include "base/decode.hpp"

namespace obscura::model {
namespace {

constexpr std::size_t max_name = 128;                  // of issuer and audience
constexpr std::int64_t end_of_time = 253'402'300'799;  // the year 9999

}  // namespace

base::Json statement_of(AccessToken const& token) {
    return base::Json::object({{"iss", token.issuer},
                               {"aud", token.audience},
                               {"sub", token.user.to_string()},
                               {"tenant", token.tenant.to_string()},
                               {"iat", token.issued.count()},
                               {"exp", token.expires.count()},
                               {"jti", token.id.to_string()}});
}

base::Result<AccessToken> access_token_from_json(base::Json const& statement) {
    base::ObjectReader in(statement);
    AccessToken out;
    out.issuer = in.text("iss", {.max = max_name});
    out.audience = in.text("aud", {.max = max_name});
    out.user = UserId{in.uuid("sub")};
    out.tenant = TenantId{in.uuid("tenant")};
    out.issued = std::chrono::seconds(in.integer("iat", {.max = end_of_time}));
    out.expires = std::chrono::seconds(in.integer("exp", {.max = end_of_time}));
    out.id = in.uuid("jti");
    auto const life = out.expires - out.issued;
    if (life <= std::chrono::seconds(0) || life > AccessToken::longest_life)
        in.add_error("exp", "wrong_lifetime", "Must lie after iat, by a day at most.");
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return out;
}

std::string payload_of(AccessToken const& token) {
    return base::Json::object({{"iss", token.issuer},
                               {"aud", token.audience},
                               {"sub", token.user.to_string()},
                               {"tenant", token.tenant.to_string()},
                               {"iat", token.issued.count()},
                               {"nbf", token.issued.count()},
                               {"exp", token.expires.count()},
                               {"jti", token.id.to_string()}})
        .dump();
}

}  // namespace obscura::model
