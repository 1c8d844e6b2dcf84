#include "store/exposure.hpp"

namespace obscura::store {
namespace {

constexpr Statement exposure{"subscription_exposure", R"(
    SELECT EXISTS (SELECT FROM positions WHERE subscription_id = $1 AND quantity <> 0)
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
