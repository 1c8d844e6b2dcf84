#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "citadel/agent_nonces.hpp"
#include "citadel/callers.hpp"
#include "citadel/hosted_venues.hpp"
#include "citadel/keyring.hpp"
#include "citadel/notional_book.hpp"
#include "citadel/venue_signer.hpp"
#include "ports/price_source.hpp"
#include "ports/signer.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// Turns one item of a batch into a signed request: may the caller have this signed, is the venue
/// served, until when, open the credential, build, sign. Plaintext lives for this one call.
/// Event-loop thread.
class OperationSigner {
public:
    /// A request, and what has to be on the disk before it leaves.
    struct Signed {
        ports::SignedRequest request;
        NotionalBook::Ticket counted = 0;
    };

    /// All must outlive this. `prices` is what orders under a notional limit are held to; nullptr:
    /// none is signed. Live requests to the venues of `relay_only` are not handed out, logins into
    /// streams only where they show a passphrase. `hosted`: venues of the exchange host; nullptr:
    /// there are none.
    OperationSigner(Keyring& keyring, NotionalBook& notionals, VenueBook const& venues,
                    base::Clock const& clock, base::Random& random, ports::PriceSource* prices,
                    std::vector<std::string> relay_only, HostedVenues* hosted = nullptr)
        : keyring_(keyring),
          notionals_(notionals),
          venues_(venues),
          clock_(clock),
          random_(random),
          prices_(prices),
          relay_only_(std::move(relay_only)),
          hosted_(hosted) {}

    /// For whoever asks. forbidden "operation_not_allowed"; invalid_argument otherwise:
    /// "not_supported", "relay_required" (ADR 19), "wrong_context" or "wrong_purpose" for a context
    /// that names another use, "limit_symbol", "limit_order_notional" or "limit_daily_notional" for
    /// what the account's owner has not allowed, "limit_quote_asset" for a symbol that his sums say
    /// nothing of, "limit_day_unknown" where nobody knows what was
    /// signed today, a window's or a ciphertext's reason, or a field of the operation. unavailable
    /// "limit_price_unknown" until a price is known to hold it to, and what `AgentNonces` says.
    /// What is answered leaves citadel only after `until_counted`.
    [[nodiscard]] base::Result<Signed> sign(Caller const& caller, ports::SignItem const& item);
    /// Whether the exchange host makes the venue's requests: they are `sign_hosted`'s.
    [[nodiscard]] bool is_hosted(std::string_view venue) const;
    /// Of such a venue, for whoever asks: all that is held to in `sign`, before the host is shown
    /// the credential; then `HostedVenues`. No longer than `within`.
    [[nodiscard]] base::Task<base::Result<Signed>> sign_hosted(Caller const& caller,
                                                               ports::SignItem const& item,
                                                               std::chrono::milliseconds within);
    /// For a relay of citadel's own: the same of every venue, but for what logs into a stream,
    /// which is no request ("not_supported").
    [[nodiscard]] base::Result<Signed> sign_for_relay(Caller const& caller,
                                                      ports::SignItem const& item);
    [[nodiscard]] bool is_counted(NotionalBook::Ticket ticket) const {
        return notionals_.is_durable(ticket);
    }
    /// The error of whatever is still not counted then.
    [[nodiscard]] base::Task<base::Result<void>> until_counted(NotionalBook::Ticket ticket) {
        return notionals_.until_durable(ticket);
    }
    /// Whether a text has a secret of the item's credential in it; true as well where that cannot
    /// be told any more.
    [[nodiscard]] bool tells_secret(ports::SignItem const& item, std::string_view text);

private:
    enum class Way { handed_out, relayed, hosted };  ///< that the request takes to the venue
    struct Place {
        VenueSigner const& signer;
        VenueEndpoints const& endpoints;
    };
    /// Of an item that the caller may have signed.
    [[nodiscard]] base::Result<Place> place_of(Caller const& caller, ports::SignItem const& item);
    [[nodiscard]] base::Result<Signed> sign_at(Place const& place, ports::SignItem const& item,
                                               Way way);
    [[nodiscard]] base::Result<ports::HostTask> host_task(Caller const& caller,
                                                          ports::SignItem const& item,
                                                          NotionalBook::Ticket& counted);
    /// From the venue's time, until when the item may be done.
    [[nodiscard]] base::Result<RequestWindow> window_of(ports::SignItem const& item,
                                                        std::chrono::seconds longest) const;
    using Fields = std::map<std::string, base::Secret>;
    /// The credential, once the owner's limits have let the operation pass. `counted` becomes the
    /// ticket of what they count.
    [[nodiscard]] base::Result<Fields> open(ports::SignItem const& item, Way way,
                                            NotionalBook::Ticket& counted);
    /// The fields beside the limits, under the context that these make.
    [[nodiscard]] base::Result<Fields> open_fields(ports::SignItem const& item,
                                                   std::string const& context);
    /// nullopt where the credential has no limits.
    [[nodiscard]] base::Result<std::optional<base::Secret>> limits_text(
        ports::SignItem const& item);
    /// The reason why the owner's limits forbid the operation.
    [[nodiscard]] base::Result<NotionalBook::Ticket> check_within(base::Secret const& limits,
                                                                  ports::SignItem const& item,
                                                                  Way way);
    [[nodiscard]] base::Result<NotionalBook::Ticket> check_notional(
        ports::CredentialLimits const& limits, ports::SignItem const& item, Way way);
    /// On paper without TLS, where no relay leads, what opens under a sum of the day is. Elsewhere
    /// it is not: not even where there is no relay.
    [[nodiscard]] bool may_be_handed_out(ports::SignItem const& item) const;
    [[nodiscard]] static base::Result<base::Secret> open_field(Keyring::Record& record,
                                                               std::string const& name,
                                                               std::string_view sealed);

    Keyring& keyring_;
    NotionalBook& notionals_;
    VenueBook const& venues_;
    base::Clock const& clock_;
    base::Random& random_;
    ports::PriceSource* prices_;
    std::vector<std::string> relay_only_;
    HostedVenues* hosted_;
    AgentNonces nonces_;
};

}  // namespace obscura::citadel
