#pragma once

#include "base/clock.hpp"
#include "citadel/callers.hpp"
#include "citadel/keyring.hpp"
#include "citadel/notional_ledger.hpp"
#include "citadel/venue_signer.hpp"
#include "ports/price_source.hpp"
#include "ports/signer.hpp"

namespace obscura::citadel {

/// Turns one item of a batch into a signed request: may the caller have this signed, is the venue
/// served, until when, open the credential, build, sign. Plaintext lives for this one call.
/// Event-loop thread.
class OperationSigner {
public:
    /// All must outlive this.
    /// `prices` is what orders under a notional limit are held to; nullptr: none is signed.
    OperationSigner(Keyring& keyring, VenueBook const& venues, base::Clock const& clock,
                    ports::PriceSource* prices)
        : keyring_(keyring), venues_(venues), clock_(clock), prices_(prices) {}

    /// forbidden "operation_not_allowed"; invalid_argument otherwise: "not_supported",
    /// "relay_required" (ADR 14), "wrong_context" or "wrong_purpose" for a context that names
    /// another use, "limit_symbol", "limit_order_notional" or "limit_daily_notional" for what the
    /// account's owner has not allowed, a window's or a ciphertext's reason, or a field of the
    /// operation. unavailable "limit_price_unknown" until a price is known to hold it to.
    [[nodiscard]] base::Result<ports::SignedRequest> sign(Caller const& caller,
                                                          ports::SignItem const& item);

private:
    [[nodiscard]] base::Result<ApiCredentials> open(CredentialRule const& rule,
                                                    ports::SignItem const& item);
    /// The context of the credential's fields; the reason why its owner's limits forbid the
    /// operation.
    [[nodiscard]] base::Result<std::string> context_within_limits(ports::SignItem const& item);
    [[nodiscard]] base::Result<void> check_notional(ports::CredentialLimits const& limits,
                                                    ports::SignItem const& item);
    [[nodiscard]] base::Result<base::Secret> open_field(std::string const& name,
                                                        std::string_view sealed,
                                                        std::string_view context);

    Keyring& keyring_;
    VenueBook const& venues_;
    base::Clock const& clock_;
    ports::PriceSource* prices_;
    NotionalLedger ledger_{{}};
};

}  // namespace obscura::citadel
