#pragma once

#include "simulation/record.hpp"
#include "simulation/venue.hpp"

#include <string>
#include <vector>

namespace obscura::simulation {

/// Who is there and what leaders and tenants do, all from the seed: pools, leaders with their
/// orders on the venue, followers with their limits, and a tenant with signals of its own.
class Workload {
public:
    Workload(World& world, Record& record);

    struct LeaderOrder {
        microseconds at;
        std::size_t leader;
        model::Market market;
        std::string symbol;
        model::Side side;
        base::Quantity quantity;
        int fills;
    };
    struct TenantSignal {
        microseconds at;  ///< not before
        std::string symbol;
        std::string body;  ///< JSON
        std::string external_id;
    };
    struct Hand {
        microseconds at;
        std::string account;
        model::Market market;
        std::string symbol;
        int percent;
    };
    std::vector<Hand> hands;
    std::vector<LeaderOrder> orders;    ///< by time
    std::vector<TenantSignal> signals;  ///< one after the other
    std::vector<ports::LeaderAccount> leads;
    model::TenantId tenant{};
    model::PoolId tenants_pool{};

    void start(Venue& venue);
    [[nodiscard]] bool is_over() const { return started_ == orders.size(); }
    /// The account at the venue behind a subscription.
    [[nodiscard]] std::string const& account_of(model::SubscriptionId id) const;

private:
    template <class Id>
    Id make() {
        return Id::make(World::start + microseconds(++made_), random_);
    }
    void add_pools(std::size_t count);
    void add_leader(std::vector<model::PoolId> pools);
    void add_follower(model::PoolId pool, Dice& dice);
    void plan_leader(std::size_t leader, std::string const& symbol, Dice& dice);
    /// Longs, shorts and flips; out at the end.
    void plan_contracts(std::size_t leader, std::string const& symbol, Dice& dice);
    void plan_tenant(Dice& dice);
    void plan_hands();

    World& world_;
    Record& record_;
    base::SeededRandom random_;
    int made_ = 0;
    std::size_t started_ = 0;
};

}  // namespace obscura::simulation
