#pragma once

#include "model/position_count.hpp"
#include "store/pg.hpp"

#include <string>
#include <vector>

namespace obscura::store {

/// Whose position in what, as one pool sees it.
struct LeaderPosition {
    model::PoolId pool{};
    std::string leader;  ///< trader id, or a tenant's name for its leader
    model::Market market = model::Market::spot;
    std::string symbol;
    model::PositionSide side = model::PositionSide::both;  ///< a hedged account has two of a symbol

    friend auto operator<=>(LeaderPosition const&, LeaderPosition const&) = default;
};

/// Which position a fill is of.
[[nodiscard]] LeaderPosition position_of(model::Trade const& trade, model::PoolId pool,
                                         model::TraderId leader);

/// The position as it was kept; zero where none was. Locks it.
[[nodiscard]] net::Task<base::Quantity> read_position(PgTransaction& tx, LeaderPosition const& at);

/// The count to which the fills of this transaction are added: `first` is the earliest of them in
/// the venue's order, `coming` the ids of all. The kept position goes on where they follow what is
/// counted; else, and where none is kept, it is counted anew from the account's recorded trades.
/// The position is locked.
[[nodiscard]] net::Task<model::PositionCount> read_count(
    PgTransaction& tx, LeaderPosition const& at, model::Trade const& first,
    std::vector<std::optional<std::string>> const& coming);

/// Queues the write.
void keep_position(PgTransaction& tx, LeaderPosition const& at, model::TenantId tenant,
                   base::Quantity quantity);

}  // namespace obscura::store
