#pragma once

#include "model/signal.hpp"
#include "store/pg.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace obscura::store {

/// The columns that `signal_from_row` reads, in its order; the table's alias is `s`.
inline constexpr std::string_view signal_columns =
    "s.id, s.tenant_id, s.pool_id, s.sequence, s.source, s.source_id, s.leader_ref, s.symbol, "
    "s.side, "
    "s.quantity, s.price, s.order_type, s.venue, s.market, s.environment, s.reduce_only, "
    "s.priority, "
    "s.leader_before, s.leader_after, s.expires_at, s.leader_executed_at, s.ingested_at, "
    "s.accepted_at, s.position_side, s.leverage, s.margin_mode, s.stop_loss_pct, s.take_profit_pct";
[[nodiscard]] model::Signal signal_from_row(Row const& row);

/// Inserts signals in order; fills in their sequence. The body and hash of a B2B request go beside.
/// Those of `idle` pools are over at once.
[[nodiscard]] net::Task<void> insert_signals(PgTransaction& tx, std::vector<model::Signal>& signals,
                                             std::set<model::PoolId> const& idle,
                                             std::string const& body_json,
                                             std::optional<std::string> const& request_hash);

}  // namespace obscura::store
