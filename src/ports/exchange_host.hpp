#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "model/venue_operation.hpp"
#include "ports/signer.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

/// The program that makes requests for venues which citadel has no signer of its own for. There is
/// none yet: citadel refuses those venues, and tests have a fake (ADR 23).
namespace obscura::ports {

/// One operation, with the credential in plaintext: it never leaves citadel's boundary.
struct HostTask {
    std::string venue;
    model::Environment environment = model::Environment::paper;
    model::Market market = model::Market::spot;
    std::string origin;  ///< where the venue is by citadel's configuration: "https://host:443"
    model::VenueOperation operation;
    /// By the names that seals have (docs/sealing.md); those of `host_public_fields` are no secret.
    std::map<std::string, base::Secret> credentials;
    base::Timestamp venue_now{};  ///< the venue's clock, by the caller or by citadel's own
    base::Timestamp not_after{};  ///< the venue must refuse the request after this
};

/// Fields that name an account and may stand in a request. Every other one is a secret.
inline constexpr std::array<std::string_view, 2> host_public_fields{"api_key", "key_type"};

/// Whether a host is ever asked for it: orders, their cancellation, an account's settings of one
/// symbol, and questions about these. Never for what logs into a stream or keeps one, for a key's
/// rights, and for waiting orders, which only our own signers know to be exits.
[[nodiscard]] bool may_ask_host(model::VenueOperation const& operation);

/// Makes and signs requests and sends nothing: it has no network, no disk and no clock to go by but
/// the task's, and keeps nothing of a task when its answer is given. Whatever it answers is held to
/// the bounds below and to what was asked before it leaves citadel. Event-loop thread.
class ExchangeHost {
public:
    static constexpr std::size_t max_url = 8 * 1024;
    static constexpr std::size_t max_body = 64 * 1024;
    static constexpr std::size_t max_headers = 32;
    static constexpr std::size_t max_header_bytes = 16 * 1024;  ///< names and values together
    static constexpr std::size_t max_under_way = 16;            ///< tasks at once
    static constexpr std::chrono::milliseconds longest_answer{2'000};

    virtual ~ExchangeHost() = default;
    [[nodiscard]] virtual bool serves(std::string_view venue) const = 0;
    /// The HTTP request that does the operation, to `origin` over TLS, and that the venue refuses
    /// after `expires_at`, which is `not_after` or earlier. Answers `within` that time and ends at
    /// once when it is cancelled. Errors, by their reason:
    /// invalid_argument "not_supported" (venue, market or operation; whatever `may_ask_host` does
    /// not let be asked), "invalid_credentials", "not_after_passed", or fields below "/operation";
    /// unavailable "exchange_host_busy" (more than `max_under_way`), "exchange_host_unavailable"
    /// (it has ended; it is being started anew); upstream_timeout "exchange_host_timeout".
    [[nodiscard]] virtual Task<base::Result<SignedRequest>> sign(
        HostTask task, std::chrono::milliseconds within) = 0;
};

}  // namespace obscura::ports
