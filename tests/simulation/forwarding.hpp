#pragma once

#include "simulation/processes.hpp"

/// Ports that pass everything on: a planted bug overrides the one call that it spoils.
namespace obscura::simulation {

class ForwardingCopies : public ports::CopyStore {
public:
    explicit ForwardingCopies(ports::CopyStore& to) : inner(to) {}
    ports::Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which,
                           Planner planner) override {
        return inner.plan(epoch, std::move(signal), which, std::move(planner));
    }
    ports::Task<std::vector<model::Signal>> record(ports::Epoch epoch,
                                                   std::vector<ports::LegRecord> records,
                                                   base::Timestamp now) override {
        return inner.record(epoch, std::move(records), now);
    }
    ports::Task<void> rearm(ports::Epoch epoch, std::vector<model::Leg> legs) override {
        return inner.rearm(epoch, std::move(legs));
    }
    ports::Task<std::vector<ports::ArmedLeg>> unresolved(ports::Epoch epoch) override {
        return inner.unresolved(epoch);
    }
    ports::CopyStore& inner;
};

class ForwardingSignals : public ports::SignalStore {
public:
    explicit ForwardingSignals(ports::SignalStore& to) : inner(to) {}
    ports::Task<Moved> move_trades(std::size_t limit) override { return inner.move_trades(limit); }
    ports::Task<base::Result<Accepted>> accept(ports::Caller caller, model::PoolId pool,
                                               model::SignalRequest request,
                                               model::SignalSource source) override {
        return inner.accept(std::move(caller), pool, std::move(request), source);
    }
    ports::Task<std::vector<model::Signal>> unfinished(std::size_t limit) override {
        return inner.unfinished(limit);
    }
    ports::Task<std::vector<model::Signal>> forgotten(base::Timestamp before,
                                                      std::size_t limit) override {
        return inner.forgotten(before, limit);
    }
    ports::Task<base::Result<base::Json>> status(ports::Caller caller, model::PoolId pool,
                                                 model::SignalId signal) override {
        return inner.status(std::move(caller), pool, signal);
    }
    ports::Task<base::Result<base::Json>> list(ports::Caller caller, model::PoolId pool,
                                               std::string cursor, int limit) override {
        return inner.list(std::move(caller), pool, std::move(cursor), limit);
    }
    ports::SignalStore& inner;
};

class ForwardingLeases : public ports::LeaseStore {
public:
    explicit ForwardingLeases(ports::LeaseStore& to) : inner(to) {}
    ports::Task<std::optional<ports::Epoch>> acquire(std::string name, std::string owner,
                                                     std::chrono::milliseconds ttl) override {
        return inner.acquire(std::move(name), std::move(owner), ttl);
    }
    ports::Task<bool> renew(std::string name, ports::Epoch epoch,
                            std::chrono::milliseconds ttl) override {
        return inner.renew(std::move(name), epoch, ttl);
    }
    ports::Task<void> release(std::string name, ports::Epoch epoch) override {
        return inner.release(std::move(name), epoch);
    }
    ports::LeaseStore& inner;
};

class ForwardingVenue : public ports::OrderVenue {
public:
    explicit ForwardingVenue(ports::OrderVenue& to) : inner(to) {}
    ports::Task<ports::SubmitOutcome> submit(ports::VenueRequest request) override {
        return inner.submit(std::move(request));
    }
    ports::Task<ports::QueryOutcome> query(ports::VenueRequest request) override {
        return inner.query(std::move(request));
    }
    ports::Task<base::Result<std::vector<model::Trade>>> list_fills(
        ports::VenueRequest request) override {
        return inner.list_fills(std::move(request));
    }
    ports::Task<base::Result<base::Quantity>> holding(ports::VenueRequest request,
                                                      ports::HoldingOf of) override {
        return inner.holding(std::move(request), std::move(of));
    }
    ports::Task<void> warm(model::Environment environment, std::size_t connections) override {
        return inner.warm(environment, connections);
    }
    ports::Task<base::Result<std::vector<model::Instrument>>> instruments(
        model::Environment environment) override {
        return inner.instruments(environment);
    }
    ports::Task<base::Result<base::Timestamp>> server_time(
        model::Environment environment) override {
        return inner.server_time(environment);
    }
    std::optional<ports::WeightUsed> weight_used(model::Environment environment) const override {
        return inner.weight_used(environment);
    }
    ports::Task<base::Result<std::vector<std::pair<std::string, base::Price>>>> prices(
        model::Environment environment, std::vector<std::string> symbols) override {
        return inner.prices(environment, std::move(symbols));
    }
    ports::OrderVenue& inner;
};

class ForwardingSigner : public ports::Signer {
public:
    explicit ForwardingSigner(ports::Signer& to) : inner(to) {}
    ports::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override {
        return inner.sign(std::move(items));
    }
    ports::Signer& inner;
};

class ForwardingTrades : public ports::TradeStore {
public:
    explicit ForwardingTrades(ports::TradeStore& to) : inner(to) {}
    ports::Task<std::vector<model::Trade>> append(ports::FeedDelivery batch) override {
        return inner.append(std::move(batch));
    }
    ports::Task<std::vector<ports::FeedCursor>> cursors(model::ConnectionId connection) override {
        return inner.cursors(connection);
    }
    ports::Task<int> ensure_partitions(int months_ahead) override {
        return inner.ensure_partitions(months_ahead);
    }
    ports::TradeStore& inner;
};

}  // namespace obscura::simulation
