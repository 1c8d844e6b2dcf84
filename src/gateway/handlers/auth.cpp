#include "gateway/handlers/auth.hpp"

#include "base/decode.hpp"
#include "crypto/hmac.hpp"
#include "gateway/ip_range.hpp"
#include "gateway/sensitive_body.hpp"
#include "gateway/views.hpp"

#include <algorithm>

namespace obscura::gateway {
namespace {

/// A network not seen for so long is a stranger's again.
constexpr std::chrono::hours origin_lifetime{90 * 24};

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

/// Only what no mail server accepts is refused; whether the address is somebody's, a mail tells.
bool is_email(std::string_view text) {
    auto const at = text.find('@');
    if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
        return false;
    auto const domain = text.substr(at + 1);
    auto const dot = domain.find('.');
    return dot != std::string_view::npos && dot != 0 && !domain.ends_with('.') &&
           text.find_first_of(" \t\"<>(),;:\\") == std::string_view::npos;
}

LoginTries::Try try_of(Call const& call, std::string const& slug, std::string const& email) {
    return LoginTries::make(slug, email, call.client_address, call.caller.api_key.has_value());
}

std::unexpected<base::Error> wrong_login() {
    return base::fail(base::Errc::unauthenticated, "wrong_login",
                      "The e-mail address or the password is wrong.");
}

}  // namespace

void AuthRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back({"POST", "/auth/register", Access::open,
                         [this](Call& call) { return register_user(call); }, Creates::yes});
    endpoints.push_back(
        {"POST", "/auth/login", Access::open, [this](Call& call) { return log_in(call); }});
    endpoints.push_back(
        {"POST", "/auth/refresh", Access::open, [this](Call& call) { return refresh(call); }});
    endpoints.push_back(
        {"POST", "/auth/logout", Access::open, [this](Call& call) { return log_out(call); }});
}

base::Result<AuthRoutes::Credentials> AuthRoutes::read_credentials(Call& call) {
    SensitiveBody const body(call.request);
    if (!body.json()) return std::unexpected(body.json().error());
    base::ObjectReader reader(*body.json());
    Credentials credentials;
    credentials.email = lower_case(reader.text("email", {.min = 3, .max = 254}));
    if (!credentials.email.empty() && !is_email(credentials.email))
        reader.add_error("email", "not_an_email", "Must be an e-mail address.");
    auto password = reader.text("password", {.min = 8, .max = 256});
    credentials.password = base::Secret(password);
    base::cleanse(password);
    credentials.tenant_slug =
        reader.optional_text("tenant", {.max = 63}).value_or(std::string(ports::platform_slug));
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return credentials;
}

base::Result<std::string> AuthRoutes::read_token(Call& call) {
    SensitiveBody const body(call.request);
    if (!body.json()) return std::unexpected(body.json().error());
    base::ObjectReader reader(*body.json());
    auto token = reader.text("refresh_token", {.min = 1, .max = 256});
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return token;
}

Task<base::Result<net::Response>> AuthRoutes::register_user(Call& call) {
    auto credentials = read_credentials(call);
    if (!credentials) co_return std::unexpected(credentials.error());
    auto const tenant = co_await joinable_tenant(call, credentials->tenant_slug);
    if (!tenant) co_return std::unexpected(tenant.error());
    auto const attempt = try_of(call, credentials->tenant_slug, credentials->email);
    auto const within = co_await tries_.begin(attempt);
    if (!within) co_return std::unexpected(within.error());
    auto hash = co_await passwords_.hash(std::move(credentials->password));
    if (!hash) co_return std::unexpected(hash.error());
    AccessClaims const claims{.tenant = *tenant, .user = model::UserId{call.new_id}};
    // Signed first: a user who is there and was told that she is not could only be told so again.
    auto access = co_await sessions_.access_token(claims);
    if (!access) co_return std::unexpected(access.error());
    ports::UserRecord newcomer{.id = claims.user,
                               .tenant = *tenant,
                               .email = std::move(credentials->email),
                               .password_hash = std::move(*hash),
                               .created_at = call.now};
    auto const user = co_await users_.create(std::move(newcomer), stamp_of(call));
    if (!user) co_return std::unexpected(user.error());
    co_await tries_.succeeded(attempt);
    auto answer = co_await sessions_.start_with(std::move(*access), claims, stamp_of(call));
    answer.set("user", view(*user));
    co_return net::json_response(201, answer);
}

Task<base::Result<net::Response>> AuthRoutes::log_in(Call& call) {
    auto credentials = read_credentials(call);
    if (!credentials) co_return std::unexpected(credentials.error());
    auto attempt = try_of(call, credentials->tenant_slug, credentials->email);
    auto within = co_await tries_.begin(attempt);
    if (!within) co_return std::unexpected(within.error());
    auto claimant = co_await look_up(call, *credentials);
    if (!claimant.is_at_home) within = co_await tries_.count_account(attempt);
    if (!within) co_return std::unexpected(within.error());
    auto const origin = claimant.origin_mac;
    auto const user =
        co_await check_password(call, std::move(claimant), std::move(credentials->password));
    if (!user) co_return std::unexpected(user.error());
    co_await tries_.succeeded(std::move(attempt));
    co_await users_.remember_origin(user->tenant, user->id, origin, call.now);
    AccessClaims const claims{.tenant = user->tenant, .user = user->id};
    auto answer = co_await sessions_.start(claims, stamp_of(call));
    if (!answer) co_return std::unexpected(answer.error());
    answer->set("user", view(*user));
    co_return net::json_response(200, *answer);
}

Task<AuthRoutes::Claimant> AuthRoutes::look_up(Call const& call, Credentials const& credentials) {
    auto const known = co_await tenants_.by_slug(credentials.tenant_slug);
    auto const tenant = known.value_or(model::TenantId{});
    Claimant claimant;
    claimant.tenant = tenant;
    claimant.user = co_await users_.find_by_email(tenant, credentials.email);
    auto const id = claimant.user ? claimant.user->id : model::UserId{};
    auto const text = "origin\n" + id.to_string() + "\n" + network_of(call.client_address);
    auto const mac = crypto::hmac_sha256(pepper_.reveal(), text);
    claimant.origin_mac = std::string(crypto::as_text(mac));
    claimant.is_at_home =
        co_await users_.knows_origin(tenant, id, claimant.origin_mac, call.now - origin_lifetime);
    co_return claimant;
}

Task<base::Result<ports::UserRecord>> AuthRoutes::check_password(Call const& call,
                                                                 Claimant claimant,
                                                                 base::Secret password) {
    std::optional<std::string> hash;
    if (claimant.user) hash = claimant.user->password_hash;
    auto const right = co_await passwords_.verify(std::move(hash), std::move(password));
    if (!right) co_return std::unexpected(right.error());
    if (!*right) {
        auto const network = network_of(call.client_address);
        auto subject = claimant.user ? "user:" + claimant.user->id.to_string() : "nobody";
        co_await audit_.failed_login(claimant.tenant, std::move(subject), network, call.now);
        co_return wrong_login();
    }
    co_return std::move(*claimant.user);
}

Task<base::Result<net::Response>> AuthRoutes::refresh(Call& call) {
    auto token = read_token(call);
    if (!token) co_return std::unexpected(token.error());
    auto const answer = co_await sessions_.refresh(std::move(*token), stamp_of(call));
    if (!answer) co_return std::unexpected(answer.error());
    co_return net::json_response(200, *answer);
}

Task<base::Result<net::Response>> AuthRoutes::log_out(Call& call) {
    auto token = read_token(call);
    if (!token) co_return std::unexpected(token.error());
    co_await sessions_.end(std::move(*token), stamp_of(call));
    co_return net::Response{.status = 204};
}

Task<base::Result<model::TenantId>> AuthRoutes::joinable_tenant(Call& call, std::string slug) {
    bool const is_platform = slug == ports::platform_slug;
    auto const tenant = co_await tenants_.by_slug(std::move(slug));
    if (is_platform) {
        if (tenant) co_return *tenant;
        co_return base::fail(base::Errc::unavailable, "not_set_up",
                             "The platform tenant has not been made yet.");
    }
    if (tenant && call.caller.api_key && call.caller.tenant == *tenant) co_return *tenant;
    // The same answer whether the tenant exists or not.
    co_return base::fail(base::Errc::forbidden, "tenant_key_required",
                         "To register a tenant's user, send that tenant's API key.");
}

}  // namespace obscura::gateway
