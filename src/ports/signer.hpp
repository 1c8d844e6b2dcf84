#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "model/types.hpp"
#include "model/venue_operation.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace obscura::ports {

using base::Task;

/// Field name -> `nil:v{n}:...`. Without citadel it is worth nothing.
using SealedCredentials = std::map<std::string, std::string>;

struct SignItem {
    std::string id;     ///< the caller's, returned with the answer; unique in a batch
    std::string venue;  ///< "binance"
    model::Environment environment = model::Environment::paper;
    model::Market market = model::Market::spot;
    std::string context;  ///< the AAD that the credential was encrypted with
    SealedCredentials credentials;
    model::VenueOperation operation;
    /// The venue must refuse the request after this (Binance: timestamp + recvWindow).
    base::Timestamp not_after{};
    /// The venue's clock now as the caller has measured it, never ahead of it; without it the
    /// signer's own clock is taken.
    std::optional<base::Timestamp> venue_now{};
};

/// A request in an account's name, valid at the venue until `expires_at`. Send it at once.
struct SignedRequest {
    std::string method;  ///< HTTP method, or "WS" for a message on a socket to `url`
    std::string url;     ///< absolute
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    base::Timestamp expires_at{};
};

/// What a venue is asked with: a request that was handed out, or what is to be done where none is.
/// Then citadel makes the request itself and sends it over a connection whose TLS ends there.
using VenueRequest = std::variant<SignedRequest, SignItem>;

/// Why such an item has no answer of the venue's, and what the venue may have seen of it.
struct RelayFailure {
    enum class Kind {
        refused,          ///< by citadel: no request was made
        not_sent,         ///< no byte of a request was made; it may be sent again
        unknown_outcome,  ///< bytes were made; the venue may have acted on them
    };
    Kind kind = Kind::not_sent;
    base::Error error;
};

/// citadel as the services see it. Every item has its own answer, in the order asked; the outer
/// error is citadel out of reach. At most `max_sign_batch` items a call.
class Signer {
public:
    static constexpr std::size_t max_sign_batch = 1000;
    virtual ~Signer() = default;
    [[nodiscard]] virtual Task<base::Result<std::vector<base::Result<SignedRequest>>>> sign(
        std::vector<SignItem> items) = 0;
};

}  // namespace obscura::ports
