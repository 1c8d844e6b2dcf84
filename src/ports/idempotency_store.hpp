#pragma once

#include "base/clock.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"

#include <chrono>
#include <string>

namespace obscura::ports {

using base::Task;

struct IdempotencyKey {
    model::TenantId tenant{};
    std::string caller;  ///< user or API key id
    std::string route;   ///< "POST /v2/pools"
    std::string key;
};

/// The first answer to a request, kept for the same request again.
class IdempotencyStore {
public:
    /// Keys are forgotten after this.
    static constexpr std::chrono::hours lifetime{24};
    /// A run that has not ended by now is dead: the next request takes its place.
    static constexpr std::chrono::seconds in_flight_for{60};

    struct Begun {
        enum class Kind {
            proceed,    ///< answer the request, then `finish` or `abandon`
            replay,     ///< answer `status` and `body`
            mismatch,   ///< the key was used with another request
            in_flight,  ///< the first request is not answered yet
        };
        Kind kind = Kind::proceed;
        base::Timestamp first_seen{};  ///< of the key; the same in every `proceed` of one request
        base::Timestamp started_at{};  ///< of this run, when it is `proceed`: names its claim
        unsigned status = 0;
        std::string body;
    };

    virtual ~IdempotencyStore() = default;
    /// One of many that come at once proceeds; when its time is over, one takes its place.
    [[nodiscard]] virtual Task<Begun> begin(IdempotencyKey key, std::string body_mac,
                                            base::Timestamp now) = 0;
    /// Keeps the answer of the run that began at `started_at`. Nothing changes when another run
    /// has taken its place: the key is that one's now.
    [[nodiscard]] virtual Task<void> finish(IdempotencyKey key, base::Timestamp started_at,
                                            unsigned status, std::string body) = 0;
    /// The run ended without an answer worth keeping: the request may be made again, and
    /// `first_seen` stays, so that what it creates gets the same id. As `finish` otherwise.
    [[nodiscard]] virtual Task<void> abandon(IdempotencyKey key, base::Timestamp started_at) = 0;
};

}  // namespace obscura::ports
