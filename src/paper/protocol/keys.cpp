#include "paper/protocol/keys.hpp"

#include "base/secret.hpp"
#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::paper {
namespace {

constexpr std::size_t key_length = 64;

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace

std::string random_key(base::Random& random) {
    constexpr std::string_view alphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string text;
    while (text.size() < key_length) text += alphabet[random.below(alphabet.size())];
    return text;
}

void KeyRing::add(AccountId account, Credential const& credential) {
    Key key{.account = account, .type = credential.type};
    if (credential.type == KeyType::hmac) {
        key.secret = credential.verifier;
    } else {
        auto parsed = crypto::Ed25519PublicKey::from_pem(credential.verifier);
        if (!parsed) throw std::invalid_argument("an account's public key is broken");
        key.public_key = std::move(*parsed);
    }
    keys_.insert_or_assign(credential.api_key, std::move(key));
}

Outcome<Key const*> KeyRing::find(std::optional<std::string_view> api_key) const {
    if (!api_key || api_key->size() != key_length ||
        !std::ranges::all_of(*api_key, is_alphanumeric)) {
        return refuse(-2014, "API-key format invalid.", 401);
    }
    auto const found = keys_.find(std::string(*api_key));
    if (found == keys_.end()) {
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    }
    return &found->second;
}

Credential make_credential(KeyType type, base::Random& random) {
    Credential credential{.type = type, .api_key = random_key(random)};
    if (type == KeyType::hmac) {
        credential.verifier = random_key(random);
    } else {
        auto const key = crypto::Ed25519PrivateKey::generate(random);
        credential.verifier = key.public_key().pem();
        credential.private_key = std::string(key.pem().reveal());
    }
    return credential;
}

Outcome<void> verify_signature(Key const& key, std::string_view bytes, std::string_view signature) {
    bool good = false;
    if (key.type == KeyType::hmac) {
        good =
            base::equal_constant_time(crypto::hmac_sha256_hex(key.secret, bytes), lower(signature));
    } else if (auto const raw = crypto::base64_decode(signature)) {
        good = key.public_key->verify(bytes, *raw);
    }
    if (good) return {};
    return refuse(-1022, "Signature for this request is not valid.");
}

Outcome<void> check_timestamp(Params const& params, base::Timestamp now, Market market) {
    constexpr std::int64_t max_window_ms = 60'000;
    constexpr std::int64_t default_window_ms = 5'000;
    constexpr std::int64_t first_microseconds = 1'000'000'000'000'000;
    constexpr std::int64_t latest = 10'000'000'000'000'000;
    constexpr std::int64_t allowed_ahead_ms = 1'000;
    ParamReader reader(params);
    (void)reader.text("timestamp");
    auto const timestamp = reader.optional_integer("timestamp", 0, latest).value_or(0);
    auto const window =
        reader.optional_integer("recvWindow", 0, INT64_MAX).value_or(default_window_ms);
    if (window > max_window_ms) reader.add_error(-1131, "recvWindow must be less than 60000.");
    if (reader.failed()) return reader.finish();
    bool const is_in_us = market == Market::spot && timestamp >= first_microseconds;
    auto const sent_ms = is_in_us ? timestamp / 1000 : timestamp;
    auto const now_ms = base::to_unix_ms(now);
    if (sent_ms >= now_ms + allowed_ahead_ms) {
        return refuse(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    }
    if (now_ms - sent_ms > window) {
        return refuse(-1021, "Timestamp for this request is outside of the recvWindow.");
    }
    return {};
}

}  // namespace obscura::paper
