#pragma once

#include "citadel/venue_request.hpp"

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// Where a venue is, by `model::Environment`.
using VenueAddresses = std::array<VenueEndpoints, model::environment_names.size()>;
/// The same of every venue that is served, by its name.
using VenueBook = std::map<std::string, VenueAddresses, std::less<>>;

/// Why what is signed must go to the venue without passing through another service (ADR 14, 19).
enum class RelayReason {
    none,         ///< it may be handed out
    passphrase,   ///< a header or a message carries the passphrase: whoever relays it knows it
    open_body,    ///< the signature leaves the body out: whoever relays it can write another
    open_market,  ///< nor does it name the market: what closes in one can open in the other
};

/// What is to know of a venue to sign for it.
struct VenueSigner {
    std::string_view venue;
    CredentialRule credentials;
    std::chrono::seconds longest_window;  ///< the venue takes no request that is valid for longer
    RelayReason relay = RelayReason::none;
    /// The venue's own addresses; citadel's configuration may name others.
    VenueAddresses (*addresses)();
    /// The request that does the operation. invalid_argument for what the venue has no words for.
    base::Result<ports::SignedRequest> (*sign)(SigningTask const& task);
};

/// Every venue that is served. Static; any thread.
[[nodiscard]] std::span<VenueSigner const> venue_signers();
/// nullptr for a venue that is not.
[[nodiscard]] VenueSigner const* find_signer(std::string_view venue);
/// Those whose live requests must not be handed out.
[[nodiscard]] std::vector<std::string> venues_that_must_relay();
/// Where they are unless the configuration says otherwise.
[[nodiscard]] VenueBook public_venue_book();

}  // namespace obscura::citadel
