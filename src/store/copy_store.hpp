#pragma once

#include "base/clock.hpp"
#include "ports/copy_store.hpp"
#include "store/pg.hpp"

#include <chrono>

namespace obscura::store {

/// Copies, legs, fills and positions in PostgreSQL, under the engine role. Planning reads and
/// writes in one transaction on the primary; recording is written by the batch.
class PgCopyStore final : public ports::CopyStore {
public:
    /// `open_lifetime`: how long after its signal an open may still be tried. `part_size`: how many
    /// subscriptions one call plans.
    PgCopyStore(PgPool& pool, base::Clock const& clock, std::chrono::milliseconds open_lifetime,
                std::size_t part_size = ports::default_part_size)
        : pool_(pool), clock_(clock), open_lifetime_(open_lifetime), part_size_(part_size) {}

    [[nodiscard]] ports::Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which,
                                         Planner planner) override;
    [[nodiscard]] ports::Task<std::vector<model::Signal>> record(
        ports::Epoch epoch, std::vector<ports::LegRecord> records, base::Timestamp now) override;
    [[nodiscard]] ports::Task<void> rearm(ports::Epoch epoch,
                                          std::vector<model::Leg> legs) override;
    [[nodiscard]] ports::Task<std::vector<ports::ArmedLeg>> unresolved(ports::Epoch epoch) override;

private:
    [[nodiscard]] net::Task<void> plan_in(PgTransaction& tx, ports::Epoch epoch,
                                          model::Signal const& signal, Try which,
                                          Planner const& planner, Plan& plan);
    [[nodiscard]] net::Task<void> record_in(PgTransaction& tx, ports::Epoch epoch,
                                            std::vector<ports::LegRecord> const& told,
                                            base::Timestamp now,
                                            std::vector<model::Signal>& released);

    [[nodiscard]] net::Task<void> end_signals_in(PgTransaction& tx, ports::Epoch epoch,
                                                 std::vector<ports::LegRecord> const& records,
                                                 base::Timestamp now);

    PgPool& pool_;
    base::Clock const& clock_;
    std::chrono::milliseconds open_lifetime_;
    std::size_t part_size_;
};

inline constexpr std::string_view conductor_lease = "conductor";

}  // namespace obscura::store
