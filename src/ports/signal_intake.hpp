#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "model/signal.hpp"
#include "ports/caller.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace obscura::ports {

using base::Task;

/// What the gateway names a signal by that has an Idempotency-Key but no external_trade_id. The
/// name is ours, and is told to nobody as the tenant's.
inline constexpr std::string_view idempotency_name_prefix = "idempotency-key:";

/// The answer of 202: the signal is committed.
struct SignalAccepted {
    model::SignalId id{};
    model::PoolId pool{};
    base::Timestamp queued_at{};
    model::Priority priority = model::Priority::normal;
    std::int64_t estimated_subscribers = 0;
    std::optional<std::string> external_trade_id;
    bool was_known = false;  ///< the same body came before: answered with 200
};

/// conductor's door for B2B signals, as the gateway sees it.
class SignalIntake {
public:
    virtual ~SignalIntake() = default;
    /// conflict "external_trade_id_reused" when another body used the id; not_found for a pool that
    /// the caller may not signal; conflict "pool_not_active".
    [[nodiscard]] virtual Task<base::Result<SignalAccepted>> submit(Caller caller,
                                                                    model::PoolId pool,
                                                                    model::SignalRequest request,
                                                                    std::string request_id) = 0;
    /// The status document of interfaces.md §3.
    [[nodiscard]] virtual Task<base::Result<base::Json>> status(Caller caller, model::PoolId pool,
                                                                model::SignalId signal) = 0;
    /// `{data, next_cursor}`, newest first.
    [[nodiscard]] virtual Task<base::Result<base::Json>> list(Caller caller, model::PoolId pool,
                                                              std::string cursor, int limit) = 0;
};

}  // namespace obscura::ports
