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
    /// A first request that has not answered by now is dead: the next one takes its place.
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
        unsigned status = 0;
        std::string body;
    };

    virtual ~IdempotencyStore() = default;
    [[nodiscard]] virtual Task<Begun> begin(IdempotencyKey key, std::string body_mac,
                                            base::Timestamp now) = 0;
    [[nodiscard]] virtual Task<void> finish(IdempotencyKey key, unsigned status,
                                            std::string body) = 0;
    /// The request ended without an answer worth keeping: it may be made again, and `first_seen`
    /// stays, so that what it creates gets the same id.
    [[nodiscard]] virtual Task<void> abandon(IdempotencyKey key) = 0;
};

}  // namespace obscura::ports
