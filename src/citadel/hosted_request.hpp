#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "model/venue_operation.hpp"
#include "ports/signer.hpp"

#include <map>
#include <string>
#include <string_view>

/// What the exchange host answered, before it leaves citadel: it is a program of others, and was
/// shown a credential.
namespace obscura::citadel {

struct HostedTerms {
    std::string_view origin;  ///< where the venue is by citadel's configuration
    model::VenueOperation const& operation;
    std::map<std::string, base::Secret> const& credentials;
    base::Timestamp venue_now{};
    base::Timestamp not_after{};
};

/// bad_gateway for what is not handed out:
/// "host_too_large" (a part is over `ExchangeHost`'s bounds), "host_method" (none of GET, POST, PUT
/// and DELETE, or GET for what changes something), "host_address" (not the venue's origin over TLS,
/// or not a plain URL), "host_header" (one that is spelt so that it could end a header, or that
/// belongs to the connection), "host_expiry" (past, or after what was asked for),
/// "host_other_order" (an order's symbol or id is not in it), "host_moves_money" (words of
/// withdrawals, transfers and approvals), "host_tells_secret" (a secret, or a line of one, plain,
/// escaped or in base64).
[[nodiscard]] base::Result<void> check_hosted_request(ports::SignedRequest const& request,
                                                      HostedTerms const& terms);

/// What is told of a host's error: its code, reason and fields where they are those of the port,
/// and else "host_failed". Its own words stay inside, whatever is in them.
[[nodiscard]] base::Error told_of_host_error(base::Error const& error);

}  // namespace obscura::citadel
