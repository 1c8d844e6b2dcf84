#pragma once

#include "citadel/venue_request.hpp"

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace obscura::citadel {

/// Where a venue is, by `model::Environment`.
using VenueAddresses = std::array<VenueEndpoints, model::environment_names.size()>;
/// The same of every venue that is served, by its name.
using VenueBook = std::map<std::string, VenueAddresses, std::less<>>;

/// What is to know of a venue to sign for it.
struct VenueSigner {
    std::string_view venue;
    CredentialRule credentials;
    std::chrono::seconds longest_window;  ///< the venue takes no request that is valid for longer
    /// A header or a message carries the passphrase as it is: whoever relays it knows it.
    bool discloses_passphrase = false;
    /// The venue's own addresses; citadel's configuration may name others.
    VenueAddresses (*addresses)();
    /// The request that does the operation. invalid_argument for what the venue has no words for.
    base::Result<ports::SignedRequest> (*sign)(SigningTask const& task);

    /// What is signed must go to the venue without passing through another service (ADR 14).
    [[nodiscard]] constexpr bool needs_relay() const { return discloses_passphrase; }
};

/// Every venue that is served. Static; any thread.
[[nodiscard]] std::span<VenueSigner const> venue_signers();
/// nullptr for a venue that is not.
[[nodiscard]] VenueSigner const* find_signer(std::string_view venue);
/// Where they are unless the configuration says otherwise.
[[nodiscard]] VenueBook public_venue_book();

}  // namespace obscura::citadel
