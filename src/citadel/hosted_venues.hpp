#pragma once

#include "base/clock.hpp"
#include "citadel/venue_signer.hpp"
#include "ports/exchange_host.hpp"

#include <cstddef>
#include <string_view>

namespace obscura::citadel {

/// Venues that citadel has no signer of its own for: the exchange host makes their requests, and
/// citadel's configuration says where they are. Event-loop thread.
class HostedVenues {
public:
    /// No venue of the host's is asked to hold to more than that.
    static constexpr std::chrono::seconds longest_window{60};

    /// `host` must outlive this.
    HostedVenues(ports::ExchangeHost& host, VenueBook venues)
        : host_(host), venues_(std::move(venues)) {}

    /// nullptr for a venue that the host does not serve, that citadel knows no address of, and that
    /// it signs for itself.
    [[nodiscard]] VenueAddresses const* find(std::string_view venue) const;

    /// The host's request, held to `check_hosted_request`. Errors: those, `told_of_host_error`'s,
    /// and "exchange_host_busy" and "exchange_host_timeout" by ourselves, for a host that keeps
    /// neither bound. "invalid_credentials" for a secret so short that it could not be told from
    /// other text in an answer.
    [[nodiscard]] base::Task<base::Result<ports::SignedRequest>> sign(
        ports::HostTask task, std::chrono::milliseconds within);

private:
    [[nodiscard]] base::Task<base::Result<ports::SignedRequest>> ask(
        ports::HostTask task, std::chrono::milliseconds within);

    ports::ExchangeHost& host_;
    VenueBook venues_;
    std::size_t under_way_ = 0;
};

}  // namespace obscura::citadel
