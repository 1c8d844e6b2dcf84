#pragma once

#include "ports/copy_store.hpp"
#include "ports/lead_directory.hpp"
#include "ports/lease_store.hpp"
#include "ports/signal_store.hpp"
#include "ports/trade_store.hpp"
#include "simulation/database.hpp"

namespace obscura::simulation {

/// The engine's and sentinel's stores of one process, over the simulated database.
class SimulatedStores final : public ports::CopyStore,
                              public ports::SignalStore,
                              public ports::LeaseStore,
                              public ports::TradeStore,
                              public ports::LeadDirectory {
public:
    SimulatedStores(Database& database, Node& node, base::Random& random)
        : database_(database), node_(node), random_(random) {}

    std::vector<ports::LeaderAccount> leads;  ///< what the directory tells

    // ports::CopyStore
    [[nodiscard]] ports::Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which,
                                         Planner planner) override;
    [[nodiscard]] ports::Task<std::vector<model::Signal>> record(
        ports::Epoch epoch, std::vector<ports::LegRecord> records, base::Timestamp now) override;
    [[nodiscard]] ports::Task<void> rearm(ports::Epoch epoch,
                                          std::vector<model::Leg> legs) override;
    [[nodiscard]] ports::Task<std::vector<ports::ArmedLeg>> unresolved(ports::Epoch epoch) override;

    // ports::SignalStore
    [[nodiscard]] ports::Task<Moved> move_trades(std::size_t limit) override;
    [[nodiscard]] ports::Task<base::Result<Accepted>> accept(ports::Caller caller,
                                                             model::PoolId pool,
                                                             model::SignalRequest request,
                                                             model::SignalSource source) override;
    [[nodiscard]] ports::Task<std::vector<model::Signal>> unfinished(std::size_t limit) override;
    [[nodiscard]] ports::Task<std::vector<model::Signal>> forgotten(base::Timestamp accepted_before,
                                                                    std::size_t limit) override;
    [[nodiscard]] ports::Task<base::Result<base::Json>> status(ports::Caller caller,
                                                               model::PoolId pool,
                                                               model::SignalId signal) override;
    [[nodiscard]] ports::Task<base::Result<base::Json>> list(ports::Caller caller,
                                                             model::PoolId pool, std::string cursor,
                                                             int limit) override;

    // ports::LeaseStore
    [[nodiscard]] ports::Task<std::optional<ports::Epoch>> acquire(
        std::string name, std::string owner, std::chrono::milliseconds ttl) override;
    [[nodiscard]] ports::Task<bool> renew(std::string name, ports::Epoch epoch,
                                          std::chrono::milliseconds ttl) override;
    ports::Task<void> release(std::string name, ports::Epoch epoch) override;

    // ports::TradeStore
    [[nodiscard]] ports::Task<std::vector<model::Trade>> append(ports::FeedDelivery batch) override;
    [[nodiscard]] ports::Task<std::vector<ports::FeedCursor>> cursors(
        model::ConnectionId connection) override;
    [[nodiscard]] ports::Task<int> ensure_partitions(int months_ahead) override;

    // ports::LeadDirectory
    [[nodiscard]] ports::Task<std::vector<ports::LeaderAccount>> active_leads() override;

private:
    Database& database_;
    Node& node_;
    base::Random& random_;
};

}  // namespace obscura::simulation
