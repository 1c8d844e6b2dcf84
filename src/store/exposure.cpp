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
                    WHERE subscription_id = $1 AND ended_at IS NULL)
        OR EXISTS (SELECT FROM copies
                    WHERE subscription_id = $1 AND ended_at IS NULL))"};

constexpr Statement close_ended{"subscriptions_close_ended", R"(
    UPDATE subscriptions s SET status = 'closed', closed_at = $2
     WHERE s.id = ANY($1::uuid[]) AND s.status = 'closing'
       AND NOT EXISTS (SELECT FROM positions p WHERE p.subscription_id = s.id AND p.quantity <> 0
                          AND (p.market = 'futures' OR p.target_quantity > 0 OR p.cost >= 1))
       AND coalesce((SELECT false FROM copies c
                      WHERE c.subscription_id = s.id AND c.ended_at IS NULL LIMIT 1), true))"};

}  // namespace

void send_close_ended(PgTransaction& tx, std::vector<std::optional<std::string>> const& ids,
                      base::Timestamp now) {
    tx.send(close_ended, Params().add_array(ids).add(now));
}

net::Task<bool> has_exposure(PgTransaction& tx, model::SubscriptionId id) {
    auto params = Params().add(id);
    auto const rows = co_await tx.run(exposure, std::move(params));
    co_return rows[0].boolean(0);
}

}  // namespace obscura::store
