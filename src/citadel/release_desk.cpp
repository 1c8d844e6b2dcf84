#include "citadel/release_desk.hpp"

#include <algorithm>
#include <map>
#include <ranges>

namespace obscura::citadel {
namespace {

std::unexpected<base::Error> invalid(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

}  // namespace

base::Result<crypto::X25519PublicKey> ReleaseDesk::open(custody::ReleaseNonce const& nonce,
                                                        std::string_view address) {
    forget_expired();
    bool const was_there =
        find(nonce) != open_.end() || std::ranges::find(over_, nonce, &Over::nonce) != over_.end();
    if (was_there) return invalid("nonce_used", "This nonce was there before: make another.");
    auto const unvouched = std::ranges::count_if(open_, [&](Challenge const& challenge) {
        return !challenge.is_vouched && challenge.address == address;
    });
    if (std::cmp_greater_equal(unvouched, max_unvouched))
        return std::unexpected(
            base::Error{.code = base::Errc::unavailable,
                        .reason = "release_busy",
                        .detail = "Too many challenges of this address wait for evidence.",
                        .retry_after = std::chrono::seconds(1)});
    if (open_.size() >= max_open) drop_one();
    auto key = crypto::dhkem_generate_key(random_);
    auto const public_key = key.public_key();
    open_.push_back({.context = {.nonce = nonce, .wrapping_key = public_key},
                     .key = std::move(key),
                     .address = std::string(address),
                     .until = clock_.steady() + custody::release_lifetime});
    return public_key;
}

base::Result<void> ReleaseDesk::vouch(custody::ReleaseNonce const& nonce,
                                      crypto::Digest const& evidence) {
    forget_expired();
    auto const place = find(nonce);
    if (place == open_.end()) return std::unexpected(why_not(nonce));
    place->context.evidence = evidence;
    place->is_vouched = true;
    return {};
}

void ReleaseDesk::give_up(custody::ReleaseNonce const& nonce) {
    if (auto const place = find(nonce); place != open_.end()) end(place, false);
}

base::Result<custody::MasterKeys> ReleaseDesk::take(custody::ReleaseNonce const& nonce,
                                                    std::span<int const> versions,
                                                    crypto::Bytes enc, crypto::Bytes sealed) {
    forget_expired();
    auto const place = find(nonce);
    if (place == open_.end() || !place->is_vouched) return std::unexpected(why_not(nonce));
    auto keys = custody::unwrap_keys(enc, sealed, versions, place->key, place->context);
    end(place, false);
    return keys;
}

void ReleaseDesk::close() { open_.clear(); }

void ReleaseDesk::forget_expired() {
    auto const now = clock_.steady();
    for (auto place = open_.begin(); place != open_.end();) {
        auto const next = std::next(place);
        if (now >= place->until) end(place, true);
        place = next;
    }
}

/// It is not remembered: a flood would push out the nonces that were used.
void ReleaseDesk::drop_one() {
    std::map<std::string_view, std::size_t> open_of;
    for (auto const& challenge : open_) ++open_of[challenge.address];
    auto const most = std::ranges::max(open_of | std::views::values);
    open_.erase(std::ranges::find_if(
        open_, [&](Challenge const& challenge) { return open_of[challenge.address] == most; }));
}

ReleaseDesk::Place ReleaseDesk::find(custody::ReleaseNonce const& nonce) {
    return std::ranges::find_if(
        open_, [&](Challenge const& challenge) { return challenge.context.nonce == nonce; });
}

base::Error ReleaseDesk::why_not(custody::ReleaseNonce const& nonce) const {
    auto const found = std::ranges::find(over_, nonce, &Over::nonce);
    if (found == over_.end())
        return invalid("challenge_unknown", "There is no such challenge (any more): ask for one.")
            .error();
    if (found->is_expired)
        return invalid("challenge_expired", "The challenge has expired: ask for another.").error();
    return invalid("nonce_used", "This challenge has had its keys: ask for another.").error();
}

void ReleaseDesk::end(Place place, bool is_expired) {
    over_.push_back({.nonce = place->context.nonce, .is_expired = is_expired});
    open_.erase(place);
    if (over_.size() > max_remembered) over_.pop_front();
}

}  // namespace obscura::citadel
