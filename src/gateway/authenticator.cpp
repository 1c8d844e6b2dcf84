#include "gateway/authenticator.hpp"

#include "base/log.hpp"
#include "gateway/api_key.hpp"
#include "ports/store_unavailable.hpp"

namespace obscura::gateway {
namespace {

constexpr std::size_t max_cached = 20'000;

std::unexpected<base::Error> bad_credential(std::string reason, std::string detail) {
    return base::fail(base::Errc::unauthenticated, std::move(reason), std::move(detail));
}
std::unexpected<base::Error> bad_key() {
    return bad_credential("invalid_api_key", "The API key is not valid.");
}

/// The text after "Bearer ", or nullopt when the field is of another scheme.
std::optional<std::string_view> bearer(std::string_view field) {
    constexpr std::string_view scheme = "bearer ";
    if (field.size() <= scheme.size()) return std::nullopt;
    for (std::size_t i = 0; i < scheme.size(); ++i)
        if ((field[i] | (scheme[i] == ' ' ? 0 : 0x20)) != scheme[i]) return std::nullopt;
    return field.substr(scheme.size());
}

std::vector<IpRange> ranges_of(std::vector<std::string> const& texts) {
    std::vector<IpRange> ranges;
    for (auto const& text : texts)
        if (auto const range = IpRange::parse(text)) ranges.push_back(*range);
    return ranges;
}

}  // namespace

Authenticator::Authenticator(AccessTokens& tokens, base::Secret const& pepper,
                             ports::UserStore& users, ports::ApiKeyStore& api_keys,
                             ports::TenantStore& tenants, base::Clock const& clock,
                             AuthenticatorConfig config)
    : tokens_(tokens),
      pepper_(pepper),
      users_(users),
      api_keys_(api_keys),
      tenants_(tenants),
      clock_(clock),
      config_(config),
      known_users_(config.cache_for, max_cached),
      known_keys_(config.cache_for, max_cached),
      touched_(config.touch_every, max_cached) {}

bool Authenticator::has_api_key(net::Request const& request) {
    if (request.headers.find("X-API-Key")) return true;
    auto const authorization = request.headers.find("Authorization");
    auto const token = authorization ? bearer(*authorization) : std::nullopt;
    return token && looks_like_api_key(*token);
}

Task<base::Result<std::optional<Principal>>> Authenticator::authenticate(
    net::Request const& request, std::string const& client_address) {
    auto const key_field = request.headers.find("X-API-Key");
    auto const authorization = request.headers.find("Authorization");
    if (!key_field && !authorization) co_return std::optional<Principal>{};
    if (key_field && authorization)
        co_return base::fail(base::Errc::invalid_argument, "two_credentials",
                             "Send Authorization or X-API-Key, not both.");
    auto const text = key_field ? key_field : bearer(*authorization);
    if (!text)
        co_return bad_credential("invalid_credential", "The Authorization scheme must be Bearer.");
    base::Result<Principal> known;
    if (key_field || looks_like_api_key(*text))
        known = co_await from_key(*text, client_address);
    else
        known = co_await from_token(*text);
    if (!known) co_return std::unexpected(known.error());
    co_return std::optional<Principal>(std::move(*known));
}

Task<base::Result<Principal>> Authenticator::from_token(std::string_view token) {
    auto const claims = co_await tokens_.verify(token);
    if (!claims) co_return std::unexpected(claims.error());
    if (auto const* known = known_users_.find(claims->user, clock_.steady())) co_return *known;
    auto principal = co_await load_user(*claims);
    if (!principal)
        co_return bad_credential("invalid_token", "The access token's user is no longer there.");
    known_users_.put(claims->user, *principal, clock_.steady());
    co_return std::move(*principal);
}

Task<std::optional<Principal>> Authenticator::load_user(AccessClaims claims) {
    auto const user = co_await users_.find(claims.tenant, claims.user);
    if (!user) co_return std::nullopt;
    auto const tenant = co_await tenants_.find(claims.tenant);
    if (!tenant || !tenant->is_active) co_return std::nullopt;
    bool const of_platform = tenant->kind == ports::TenantKind::platform;
    co_return Principal{.caller = {.tenant = claims.tenant,
                                   .user = claims.user,
                                   .is_admin = user->is_admin && of_platform},
                        .limits = limits_of(tenant->settings, config_.default_limits)};
}

Task<base::Result<Principal>> Authenticator::from_key(std::string_view text,
                                                      std::string const& client_address) {
    auto const key = parse_api_key(text);
    if (!key) co_return bad_key();
    std::optional<KnownKey> known;
    if (auto const* cached = known_keys_.find(key->public_id, clock_.steady())) {
        known = *cached;
    } else {
        known = co_await load_key(key->public_id);
        if (!known) co_return bad_key();
        known_keys_.put(key->public_id, *known, clock_.steady());
    }
    auto const& record = known->record;
    auto const mac = mac_of(pepper_, key->secret);
    if (!base::equal_constant_time(mac, record.secret_mac)) co_return bad_key();
    if (record.mode != key->mode || !record.is_usable(clock_.now())) co_return bad_key();
    if (!record.ip_allow.empty() && !any_contains(known->allowed, client_address))
        co_return base::fail(base::Errc::forbidden, "address_not_allowed",
                             "The API key may not be used from this address.");
    co_await touch(*known);
    co_return known->principal;
}

Task<std::optional<Authenticator::KnownKey>> Authenticator::load_key(std::string public_id) {
    auto record = co_await api_keys_.find_by_public_id(std::move(public_id));
    if (!record) co_return std::nullopt;
    auto const tenant = co_await tenants_.find(record->tenant);
    if (!tenant || !tenant->is_active) co_return std::nullopt;
    KnownKey known{.record = std::move(*record),
                   .principal = {.limits = limits_of(tenant->settings, config_.default_limits)}};
    known.allowed = ranges_of(known.record.ip_allow);
    known.principal.caller = {.tenant = known.record.tenant,
                              .api_key = known.record.id,
                              .scopes = known.record.scopes,
                              .is_test_key = known.record.mode == ports::ApiKeyMode::test};
    co_return known;
}

Task<void> Authenticator::touch(KnownKey const& key) {
    auto const id = key.record.id;
    auto const tenant = key.record.tenant;
    if (touched_.find(id, clock_.steady()) != nullptr) co_return;
    touched_.put(id, true, clock_.steady());
    try {
        co_await api_keys_.touch(tenant, id, clock_.now());
    } catch (ports::StoreUnavailable const& e) {
        // A key that works must not fail for the sake of its last-used time.
        base::log::warn("api_key.touch_failed", {{"error", e.what()}});
    }
}

}  // namespace obscura::gateway
