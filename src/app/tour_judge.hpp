#pragma once

#include "app/venue_ledger.hpp"
#include "base/decimal.hpp"

#include <span>
#include <string>
#include <vector>

namespace obscura::app {

/// What a follower's first order in a market is for: a tenth of its investment, in whole lots.
[[nodiscard]] base::Quantity tour_size(int follower, base::Price price, base::Quantity lot);
[[nodiscard]] std::vector<base::Quantity> tour_sizes(base::Price price, base::Quantity lot);
/// What the leader trades.
[[nodiscard]] base::Quantity tour_leader_size(base::Price price, base::Quantity lot);

/// The account's orders in the symbol, oldest first.
[[nodiscard]] std::vector<LedgerOrder> orders_of(VenueLedger const& ledger,
                                                 std::string const& account,
                                                 std::string const& symbol);
/// ApiFailure when a client order id came twice in an account.
void check_none_doubled(VenueLedger const& ledger);

/// One leg of a copy of futures, as each follower must have traded it: in one order.
struct TourLeg {
    std::string side;
    bool reduce_only = false;
    std::vector<base::Quantity> sizes;  ///< by follower
};
/// ApiFailure unless every follower's orders in the symbol are exactly these legs, each under an id
/// that is nobody else's, and it holds what the last of them leaves.
void check_legs(VenueLedger const& ledger, std::string const& symbol,
                std::span<TourLeg const> legs);

}  // namespace obscura::app
