#pragma once

#include "model/ids.hpp"
#include "store/pg.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::store {

/// Whether a subscription holds something or has a copy under way. Lock its row first: planning
/// shares that lock, so that no copy appears between the answer and what is made of it.
[[nodiscard]] net::Task<bool> has_exposure(PgTransaction& tx, model::SubscriptionId id);
/// Of these subscriptions (their ids as texts), closes those that their owner ended and that have
/// no exposure left.
void send_close_ended(PgTransaction& tx, std::vector<std::optional<std::string>> const& ids,
                      base::Timestamp now);

}  // namespace obscura::store
