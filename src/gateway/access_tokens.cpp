#include "gateway/access_tokens.hpp"

#include "base/log.hpp"
#include "crypto/hex.hpp"
#include "crypto/jws.hpp"
#include "model/access_token.hpp"

namespace obscura::gateway {
namespace {

using namespace std::chrono_literals;

/// How long a key that was retired by hand, in the past, is believed still.
constexpr auto look_again = 30s;
/// Strangers can send tokens of keys that nobody has.
constexpr auto look_for_unknown = 1s;

std::unexpected<base::Error> unavailable(std::string internal) {
    return std::unexpected(
        base::Error{.code = base::Errc::unavailable,
                    .reason = "tokens_unavailable",
                    .detail = "No session can be started right now; those that are go on.",
                    .internal = std::move(internal),
                    .retry_after = 1s});
}

std::optional<crypto::Ed25519PublicKey> public_key_of(std::string const& hex) {
    auto const raw = crypto::hex_decode(hex);
    auto key = crypto::Ed25519PublicKey::from_bytes(raw.value_or(std::vector<std::uint8_t>()));
    if (!key) return std::nullopt;
    return std::move(*key);
}

}  // namespace

AccessTokens::AccessTokens(Ports ports, std::vector<crypto::Ed25519PublicKey> previous,
                           JwtRules rules, base::Clock const& clock)
    : ports_(ports), previous_(std::move(previous)), jwt_(std::move(rules)), clock_(clock) {
    trust({});
}

void AccessTokens::trust(std::vector<crypto::Ed25519PublicKey> keys) {
    for (auto const& old : previous_)
        keys.push_back(crypto::Ed25519PublicKey::from_bytes(old.bytes()).value());
    jwt_.trust(std::move(keys));
}

Task<base::Result<ports::HeldKey>> AccessTokens::signing_key() {
    // Asked for each time: it may have been rewrapped or retired meanwhile.
    auto known = co_await ports_.keys.current();
    if (known) co_return std::move(*known);
    auto made = co_await ports_.signer.make_key(ports::KeyPurpose::access_token);
    if (!made) co_return std::unexpected(made.error());
    auto kept = co_await ports_.keys.keep(std::move(*made));
    base::log::info("tokens.new_key", {{"key", kept.id}});
    co_return kept;
}

Task<base::Result<std::string>> AccessTokens::issue(AccessClaims claims, base::Uuid token_id) {
    auto const key = co_await signing_key();
    if (!key) co_return unavailable(key.error().reason + ": " + key.error().internal);
    auto const token = jwt_.token_for(claims, token_id, clock_.now());
    std::vector<ports::StatementItem> items;
    items.push_back({.id = "token",
                     .sealed_key = key->sealed,
                     .purpose = ports::KeyPurpose::access_token,
                     .statement = model::statement_of(token)});
    auto const answers = co_await ports_.signer.sign_statements(std::move(items));
    if (!answers) co_return unavailable(answers.error().reason + ": " + answers.error().internal);
    auto const& answer = answers->at(0);
    if (!answer) co_return unavailable(answer.error().reason + ": " + answer.error().detail);
    auto const public_key = public_key_of(key->public_key);
    auto const signature = crypto::hex_decode(answer->signature);
    if (!public_key || !signature) co_return unavailable("a signature or a key that is no hex");
    auto const input =
        crypto::jwt_signing_input(crypto::jwk_thumbprint(*public_key), model::payload_of(token));
    // What citadel has signed must be what is handed out, by the key that others verify with.
    if (!public_key->verify(input, *signature)) co_return unavailable("not our token's signature");
    auto issued = crypto::jwt_of(input, *signature);
    if (!jwt_.knows_key_of(issued)) co_await look(0ms);
    co_return issued;
}

Task<base::Result<AccessClaims>> AccessTokens::verify(std::string_view token) {
    co_await look(look_again);
    if (!jwt_.knows_key_of(token)) co_await look(look_for_unknown);
    co_return jwt_.verify(token, clock_.now());
}

Task<base::Json> AccessTokens::key_set() {
    co_await look(look_again);
    co_return jwt_.key_set();
}

Task<void> AccessTokens::look(std::chrono::milliseconds age) {
    auto const now = clock_.steady();
    if (looked_at_ && now < *looked_at_ + age) co_return;
    auto const before = looked_at_;
    // One look at a time; but nobody is told that his token is bad before the first has ended.
    if (looked_at_) looked_at_ = now;
    std::vector<crypto::Ed25519PublicKey> keys;
    try {
        auto const since = clock_.now() - model::AccessToken::longest_life - jwt_.leeway();
        for (auto const& record : co_await ports_.keys.verifying(since))
            if (auto key = public_key_of(record.public_key)) keys.push_back(std::move(*key));
    } catch (...) {
        looked_at_ = before;
        throw;
    }
    trust(std::move(keys));
    looked_at_ = now;
}

}  // namespace obscura::gateway
