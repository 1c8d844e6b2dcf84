#pragma once

#include "model/ids.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Whether a subscription holds something or has a copy under way. Lock its row first: planning
/// shares that lock, so that no copy appears between the answer and what is made of it.
[[nodiscard]] net::Task<bool> has_exposure(PgTransaction& tx, model::SubscriptionId id);

}  // namespace obscura::store
