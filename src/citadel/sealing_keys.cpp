#include "citadel/sealing_keys.hpp"

#include "attest/binding.hpp"
#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/hex.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

/// So many ids of keys that are over are remembered, to tell their users what happened.
constexpr std::size_t max_remembered = 64;

/// What stands beside the key until hardware vouches for it (attestation_routes.cpp).
ports::SealingKey::Evidence software_evidence(crypto::X25519PublicKey const& key,
                                              base::Timestamp expires_at) {
    return {.format = "software",
            .attested = false,
            .binding = crypto::hex_encode(attest::sealing_key_report_data(key, expires_at))};
}

}  // namespace

SealingKeys::SealingKeys(base::Clock const& clock, base::Random& random, Limits limits)
    : clock_(clock), random_(random), limits_(limits) {}

ports::SealingKey SealingKeys::current() {
    forget_expired();
    if (keys_.empty() || (!serves(keys_.back()) && keys_.size() < limits_.max_keys)) make();
    return keys_.back().shown;
}

base::Result<crypto::X25519PrivateKey const*> SealingKeys::find(std::string_view id) {
    forget_expired();
    if (auto const* found = key(id)) return &found->secret;
    if (std::ranges::find(expired_, id) != expired_.end())
        return base::fail(base::Errc::invalid_argument, "sealing_key_expired",
                          "The key that this is sealed to has expired: ask for the sealing key "
                          "again and seal to that.");
    return base::fail(base::Errc::invalid_argument, "sealing_key_unknown",
                      "There is no such sealing key (keys end with a restart): ask for the sealing "
                      "key again and seal to that.");
}

ports::SealingKey const* SealingKeys::shown(std::string_view id) {
    forget_expired();
    auto const* found = key(id);
    return found == nullptr ? nullptr : &found->shown;
}

base::Result<void> SealingKeys::use(std::string_view id, base::Uuid one_time_id,
                                    model::ConnectionId connection) {
    auto* const found = key(id);
    if (found == nullptr) return std::unexpected(base::internal_error("no such sealing key"));
    if (auto const use = found->uses.find(one_time_id); use != found->uses.end()) {
        if (use->second == connection) return {};
        return base::fail(base::Errc::invalid_argument, "seal_used",
                          "This seal has made a connection already: seal again, with a new "
                          "one_time_id.");
    }
    if (found->uses.size() >= limits_.max_uses)
        return base::fail(base::Errc::unavailable, "sealing_busy",
                          "Too much was sealed to this key: ask for the sealing key again and seal "
                          "to that.");
    found->uses.emplace(one_time_id, connection);
    return {};
}

void SealingKeys::forget_expired() {
    auto const now = clock_.steady();
    std::erase_if(keys_, [&](Key const& key) {
        if (now < key.opens_until) return false;
        expired_.push_back(key.shown.id);
        return true;
    });
    while (expired_.size() > max_remembered) expired_.pop_front();
}

SealingKeys::Key* SealingKeys::key(std::string_view id) {
    auto const found =
        std::ranges::find_if(keys_, [&](Key const& key) { return key.shown.id == id; });
    return found == keys_.end() ? nullptr : &*found;
}

bool SealingKeys::serves(Key const& key) const {
    return clock_.steady() < key.serves_until && key.uses.size() < limits_.max_uses;
}

void SealingKeys::make() {
    auto secret = crypto::dhkem_generate_key(random_);
    auto const public_key = secret.public_key();
    auto const now = clock_.now();
    auto const steady = clock_.steady();
    ports::SealingKey shown{.id = crypto::base64url_encode(crypto::sha256(public_key)),
                            .public_key = crypto::base64url_encode(public_key),
                            .created_at = now,
                            .expires_at = now + limits_.lifetime,
                            .evidence = software_evidence(public_key, now + limits_.lifetime)};
    keys_.push_back({.secret = std::move(secret),
                     .shown = std::move(shown),
                     .serves_until = steady + limits_.lifetime / 2,
                     .opens_until = steady + limits_.lifetime,
                     .uses = {}});
}

}  // namespace obscura::citadel
