#pragma once

#include "conductor/market_book.hpp"
#include "conductor/order_desk.hpp"
#include "conductor/planner.hpp"
#include "conductor/signal_queue.hpp"
#include "ports/lease_store.hpp"
#include "ports/signal_store.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace obscura::conductor {

/// From signals to orders: holds the lease, moves trades out of the outbox, plans signals in order,
/// and hands armed legs to the desk. Everything it knows can be read back from PostgreSQL: a start
/// is a recovery. Event-loop thread.
class Engine {
public:
    struct Ports {
        ports::LeaseStore& leases;
        ports::SignalStore& signals;
        ports::CopyStore& copies;
        ports::Signer& signer;
        MarketBook::Venues venues;
        std::function<void()> on_recorded = [] {};  ///< outcomes, and with them receipts
    };
    /// `on_fenced`: this process must end, another one has taken over.
    Engine(boost::asio::any_io_executor executor, EngineConfig config, Ports ports,
           base::Clock const& clock, base::Random& random, base::Metrics& metrics,
           std::function<void()> on_fenced);

    void start();
    [[nodiscard]] base::Task<void> stop();
    /// Something may have arrived in the outbox.
    void wake() { intake_event_.notify(); }
    /// A signal that was committed and is to be dispatched now. One that finds no room, or no
    /// leader here, stays in PostgreSQL until the leader looks for it.
    void dispatch(model::Signal signal);

    struct Health {
        bool is_leader = false;
        std::size_t queued_signals = 0;
        std::size_t open_legs = 0;
    };
    [[nodiscard]] Health health() const;

private:
    /// A signal on its way through the planning, part by part.
    struct Planning {
        model::Signal signal;
        base::Timestamp begun_at{};
        Quotes quotes{};
        std::set<model::LegId>
            tried{};  ///< that calls since the last that came back may have armed
    };

    base::Task<void> run();
    base::Task<bool> lead();
    base::Task<void> recover();
    base::Task<void> lease_loop();
    base::Task<void> intake_loop();
    base::Task<void> dispatch_loop();
    base::Task<void> waiting_loop();
    [[nodiscard]] std::vector<model::Signal> to_look_at(bool all) const;
    base::Task<void> plan(model::Signal signal);
    base::Task<bool> plan_part(Planning& planning);
    base::Task<Quotes> quotes_for(model::Signal const& signal);
    void send(Planning& planning, ports::CopyStore::Plan& plan);
    base::Task<bool> ask_modes(std::vector<FuturesAccount> accounts);
    base::Task<std::vector<model::Signal>> sweep();
    [[nodiscard]] std::optional<model::Signal> next_signal();
    void release(std::vector<model::Signal> signals);
    void fenced(std::string const& detail);

    EngineConfig const config_;
    Ports ports_;
    base::Clock const& clock_;
    base::Random& random_;
    std::function<void()> on_fenced_;
    net::Scope scope_;
    MarketBook market_;
    OrderDesk desk_;
    SignalQueue queue_;
    /// Signals with copies that wait for an open leg of the same subscription and symbol, or for
    /// their own first leg.
    std::map<model::SignalId, model::Signal> waiting_;
    /// Of signals that went back into the queue after a call whose outcome is not known.
    std::map<model::SignalId, std::set<model::LegId>> tried_;
    net::Event intake_event_;
    net::Event dispatch_event_;
    ports::Epoch epoch_ = 0;
    bool is_leader_ = false;
    base::Instant next_sweep_{};

    base::Histogram& plan_seconds_;
    base::Counter& signals_total_;
    base::Counter& copies_total_;
};

}  // namespace obscura::conductor
