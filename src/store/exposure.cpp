#include "store/exposure.hpp"

namespace obscura::store {
namespace {

// A venue takes its fee out of what is bought, so that every closed position leaves less than a lot
// behind: what nothing aims at and what cost less than one unit of the quote asset cannot be
// traded. A contract is closed to the last of it, or is held.
constexpr Statement exposure{"subscription_exposure", R"(
    SELECT EXISTS (SELECT FROM positions WHERE subscription_id = $1 AND quantity <> 0
                      AND (market = 'futures' OR target_quantity > 0 OR cost >= 1))
        OR EXISTS (SELECT FROM copy_legs
                    WHERE subscription_id = $1 AND state IN ('armed', 'unknown', 'working'))
        OR EXISTS (SELECT FROM copies
                    WHERE subscription_id = $1 AND status IN ('waiting', 'open')))"};

}  // namespace

net::Task<bool> has_exposure(PgTransaction& tx, model::SubscriptionId id) {
    auto params = Params().add(id);
    auto const rows = co_await tx.run(exposure, std::move(params));
    co_return rows[0].boolean(0);
}

}  // namespace obscura::store
