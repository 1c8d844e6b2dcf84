#pragma once

#include "base/random.hpp"
#include "ports/copy_store.hpp"
#include "ports/key_vault.hpp"
#include "ports/lease_store.hpp"
#include "ports/signal_store.hpp"
#include "ports/trade_store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace obscura::test {

/// The engine's record, whichever it is, with the rows that others write into it: one tenant, two
/// pools, a leader of both, and followers. Ids are the same in every implementation.
class EngineWorld {
public:
    virtual ~EngineWorld() = default;
    virtual ports::LeaseStore& leases() = 0;
    virtual ports::SignalStore& signals() = 0;
    virtual ports::CopyStore& copies() = 0;
    virtual ports::TradeStore& trades() = 0;
    /// Runs a coroutine to its end; its exception comes out.
    virtual void run(ports::Task<void> task) = 0;
    virtual void advance(std::chrono::milliseconds by) = 0;
    [[nodiscard]] virtual base::Timestamp now() const = 0;
    virtual void subscribe(model::Subscription const& subscription) = 0;
    virtual void set_status(model::SubscriptionId id, model::SubscriptionStatus status) = 0;
    /// "quantity target cost realised", of futures also "entry side leverage"; "" for none.
    virtual std::string position(model::SubscriptionId id, model::Market market,
                                 std::string const& symbol) = 0;
    virtual std::string signal_status(model::SignalId id) = 0;
    /// "status reason" by subscription.
    virtual std::string copies_of(model::SignalId id) = 0;
    /// "state attempt executed" of a leg.
    virtual std::string leg(model::LegId id) = 0;

    static constexpr std::chrono::milliseconds open_lifetime{60'000};
    static constexpr std::size_t part_size = 4;  ///< one in the first part; a pool has three
    /// The same in every world.
    template <class Id>
    [[nodiscard]] static Id id(int n) {
        base::SeededRandom random(static_cast<std::uint64_t>(n));
        return Id::make(start + std::chrono::milliseconds(n), random);
    }
    static constexpr base::Timestamp start{std::chrono::seconds(1'795'386'000)};
    model::TenantId const tenant = id<model::TenantId>(1);
    model::PoolId const pool = id<model::PoolId>(2);
    model::PoolId const second_pool = id<model::PoolId>(3);
    model::ConnectionId const lead = id<model::ConnectionId>(4);
    model::TraderId const trader = id<model::TraderId>(5);
    model::UserId const user = id<model::UserId>(6);
};

struct EngineWorldMaker {
    std::string name;
    std::function<std::unique_ptr<EngineWorld>()> make;
    friend void PrintTo(EngineWorldMaker const& maker, std::ostream* out) { *out << maker.name; }
};
[[nodiscard]] std::unique_ptr<EngineWorld> simulated_engine_world();
[[nodiscard]] std::unique_ptr<EngineWorld> postgres_engine_world();

}  // namespace obscura::test
