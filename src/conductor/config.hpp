#pragma once

#include "base/decimal.hpp"
#include "model/leg.hpp"
#include "model/rate_budget.hpp"
#include "ports/copy_store.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace obscura::conductor {

/// How the engine behaves; the composition root fills it from the configuration table.
struct EngineConfig {
    std::string instance = "conductor-1";  ///< owner name of the lease; one process each
    std::chrono::milliseconds lease_ttl{5'000};
    std::chrono::milliseconds intake_poll{250};  ///< when no wake-up comes
    std::size_t intake_batch = 500;              ///< outbox rows a transaction
    /// Signals that nobody told the leader about are looked for this often, at this age.
    std::chrono::milliseconds sweep{1'000};
    std::size_t plan_part = ports::default_part_size;  ///< subscriptions planned at a time
    std::size_t max_queued_signals = 100'000;          ///< in memory; the rest waits in PostgreSQL
    std::size_t max_orders_in_flight = 96;             ///< signed and not answered, all accounts
    std::size_t sign_batch = 48;
    /// How long an outcome is kept, to be recorded with others, while orders wait to go out.
    std::chrono::milliseconds record_patience{250};
    std::size_t max_legs_tracked = 50'000;  ///< planning pauses above it
    std::chrono::milliseconds order_timeout{3'000};
    std::chrono::milliseconds open_lifetime{60'000};  ///< after which an open is not tried again
    std::chrono::milliseconds quote_patience{5'000};  ///< how long an open waits for a silent venue
    base::Decimal taker_fee = base::Decimal::from_scaled(1, 3);
    base::Decimal futures_taker_fee = base::Decimal::from_scaled(5, 4);
    /// Where followers' accounts may be; the paper venue only, unless configured.
    std::vector<model::Environment> environments{model::Environment::paper};
    model::LegPolicy legs;
    model::VenueLimits limits;
    model::VenueLimits futures_limits{.weight_per_minute = 2'400, .orders_per_10s = 300};
};

}  // namespace obscura::conductor
