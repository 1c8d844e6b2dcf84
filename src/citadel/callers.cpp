#include "citadel/callers.hpp"

#include "crypto/hex.hpp"
#include "ports/service_identity.hpp"

#include <algorithm>
#include <optional>

namespace obscura::citadel {
namespace {

// What each caller may have signed. gateway checks the permissions of a key that a user connects;
// conductor trades; sentinel reads, and logs in to private streams.
constexpr std::array<std::string_view, 2> for_gateway{"read_account", "read_key_rights"};
constexpr std::array<std::string_view, 12> for_conductor{
    "place_order",  "query_order",         "cancel_order",        "list_trades",
    "read_account", "place_trigger_order", "query_trigger_order", "cancel_trigger_order",
    "set_leverage", "set_margin_mode",     "read_positions",      "read_position_mode"};
constexpr std::array<std::string_view, 6> for_sentinel{"list_trades",        "read_account",
                                                       "stream_login",       "read_positions",
                                                       "read_position_mode", "listen_key"};

// Whose statements are whose.
constexpr std::array receipts{ports::KeyPurpose::receipt};
constexpr std::array checkpoints{ports::KeyPurpose::notary};
constexpr std::array transactions{ports::KeyPurpose::chain_transaction};
constexpr std::array access_tokens{ports::KeyPurpose::access_token};

Caller rights_of(CallerName name) {
    switch (name) {
        case CallerName::gateway:
            return {.name = name,
                    .may_encrypt = true,
                    .may_open_sealed = true,
                    .may_sign = for_gateway,
                    .may_hold = access_tokens};
        case CallerName::conductor:
            return {.name = name, .may_sign = for_conductor, .may_hold = receipts};
        case CallerName::sentinel:
            return {.name = name,
                    .may_encrypt = true,
                    .may_sign = for_sentinel,
                    .may_hold = checkpoints};
        case CallerName::admin:
        case CallerName::internal:
            return {.name = name, .may_encrypt = true};
        case CallerName::rotation:
            return {.name = name, .may_rewrap = true};
        case CallerName::alchemist:
            return {.name = name, .may_hold = transactions};
        case CallerName::key_holder:
            return {.name = name, .may_release_keys = true};
    }
    std::unreachable();
}

}  // namespace

std::string certificate_of(CallerName name) {
    switch (name) {
        case CallerName::gateway:
        case CallerName::conductor:
        case CallerName::sentinel:
        case CallerName::alchemist:
            return ports::service_identity(caller_names[static_cast<std::size_t>(name)].name);
        case CallerName::admin:
        case CallerName::internal:
        case CallerName::rotation:
        case CallerName::key_holder:
            return ports::service_identity("operator");
    }
    std::unreachable();
}

bool Caller::may_sign_operation(model::VenueOperation const& operation) const {
    return std::ranges::find(may_sign, model::kind_of(operation)) != may_sign.end();
}

bool Caller::may_hold_key(ports::KeyPurpose purpose) const {
    return std::ranges::find(may_hold, purpose) != may_hold.end();
}

namespace {

/// Of "sha256:" and 64 hex digits: what is known of a key where its own place is read by others.
std::optional<crypto::Digest> given_digest(std::string_view text) {
    constexpr std::string_view prefix = "sha256:";
    crypto::Digest out{};
    if (!text.starts_with(prefix)) return std::nullopt;
    if (!crypto::hex_decode_into(text.substr(prefix.size()), out)) return std::nullopt;
    return out;
}

}  // namespace

Callers::Callers(CallerKeys const& keys, std::vector<std::string> const& decrypt) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].empty()) continue;
        auto caller = rights_of(caller_names[i].value);
        caller.may_decrypt = std::ranges::find(decrypt, caller_names[i].name) != decrypt.end();
        auto const digest = given_digest(keys[i].reveal());
        entries_.push_back({digest ? *digest : crypto::sha256(keys[i].bytes()), caller});
    }
}

Caller const* Callers::identify(std::string_view presented) const {
    // Digests have one length, so that comparing them tells nothing of a key's; every entry is
    // compared whatever the earlier ones gave.
    auto const digest = crypto::sha256(presented);
    Caller const* found = nullptr;
    for (auto const& entry : entries_) {
        bool const same =
            base::equal_constant_time(crypto::as_text(entry.key_digest), crypto::as_text(digest));
        if (same) found = &entry.caller;
    }
    return found;
}

base::Result<Caller const*> Callers::identify(net::Request const& request) const {
    auto const key = request.headers.find("X-Internal-API-Key");
    auto const* caller = key ? identify(*key) : nullptr;
    if (caller == nullptr)
        return base::fail(base::Errc::unauthenticated, "unauthenticated",
                          "Send a caller's key in X-Internal-API-Key.");
    if (!request.peer.empty() && request.peer != certificate_of(caller->name))
        return base::fail(base::Errc::unauthenticated, "key_of_another",
                          "The key is that of another service than the certificate.");
    return caller;
}

}  // namespace obscura::citadel
