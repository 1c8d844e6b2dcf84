#pragma once

// Deliberate mistakes in front of the record of copies and of the leases.

#include "simulation/forwarding.hpp"
#include "simulation/simulation.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <map>
#include <utility>

namespace obscura::simulation {

using ports::Task;

struct CommitUnderWay {
    explicit CommitUnderWay(boost::asio::any_io_executor executor) : planned(std::move(executor)) {}
    net::Event planned;
    ports::CopyStore::Plan plan;
    std::exception_ptr failure;
};

inline Task<void> commit_plan(ports::CopyStore& inner, ports::Epoch epoch, model::Signal signal,
                              ports::CopyStore::Try which, ports::CopyStore::Planner planner,
                              std::shared_ptr<CommitUnderWay> state) {
    try {
        state->plan = co_await inner.plan(epoch, std::move(signal), which, std::move(planner));
    } catch (...) {
        state->failure = std::current_exception();
    }
    state->planned.notify();
}

class SendsBeforeCommit final : public ForwardingCopies {
public:
    SendsBeforeCommit(ports::CopyStore& to, Node& node) : ForwardingCopies(to), node_(node) {}
    Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which, Planner planner) override {
        auto const state = std::make_shared<CommitUnderWay>(node_.io().get_executor());
        Planner telling = [state, planner](std::vector<ports::PlanCandidate> const& candidates) {
            state->plan.planned = planner(candidates);
            state->planned.notify();
            return state->plan.planned;
        };
        boost::asio::co_spawn(
            node_.io(),
            commit_plan(inner, epoch, std::move(signal), which, std::move(telling), state),
            boost::asio::detached);
        (void)co_await state->planned.wait(std::chrono::hours(1));
        if (state->failure) std::rethrow_exception(state->failure);
        co_return state->plan;
    }

private:
    Node& node_;
};

inline Task<void> rearm_some_time(ports::CopyStore& inner, ports::Epoch epoch,
                                  std::vector<model::Leg> legs) {
    co_await inner.rearm(epoch, std::move(legs));
}

class RearmsInTheBackground final : public ForwardingCopies {
public:
    RearmsInTheBackground(ports::CopyStore& to, Node& node) : ForwardingCopies(to), node_(node) {}
    Task<void> rearm(ports::Epoch epoch, std::vector<model::Leg> legs) override {
        boost::asio::co_spawn(node_.io(), rearm_some_time(inner, epoch, std::move(legs)),
                              [](std::exception_ptr) {});
        co_return;
    }

private:
    Node& node_;
};

/// Writes under whatever epoch the record has.
class ForgesTheEpoch final : public ForwardingCopies {
public:
    ForgesTheEpoch(ports::CopyStore& to, Record& record) : ForwardingCopies(to), record_(record) {}
    Task<Plan> plan(ports::Epoch, model::Signal signal, Try which, Planner planner) override {
        return inner.plan(record_.lease().epoch, std::move(signal), which, std::move(planner));
    }
    Task<std::vector<model::Signal>> record(ports::Epoch, std::vector<ports::LegRecord> records,
                                            base::Timestamp now) override {
        return inner.record(record_.lease().epoch, std::move(records), now);
    }
    Task<void> rearm(ports::Epoch, std::vector<model::Leg> legs) override {
        return inner.rearm(record_.lease().epoch, std::move(legs));
    }

private:
    Record& record_;
};
class AlwaysRenewed final : public ForwardingLeases {
public:
    using ForwardingLeases::ForwardingLeases;
    Task<bool> renew(std::string name, ports::Epoch epoch, std::chrono::milliseconds ttl) override {
        (void)co_await inner.renew(std::move(name), epoch, ttl);
        co_return true;
    }
};

/// Plans what it was asked to plan, whatever stands before it.
class NeverLooksBack final : public ForwardingCopies {
public:
    NeverLooksBack(ports::CopyStore& to, Simulation& simulation)
        : ForwardingCopies(to), simulation_(simulation) {}
    Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which, Planner planner) override {
        simulation_.record().ignores_lines = true;
        return inner.plan(epoch, std::move(signal), which, std::move(planner));
    }

private:
    Simulation& simulation_;
};

/// Takes a part for the whole.
class ForgetsFurtherParts final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which, Planner planner) override {
        auto plan = co_await inner.plan(epoch, std::move(signal), which, std::move(planner));
        plan.is_whole = true;
        co_return plan;
    }
};

class NamesLegsAnew final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<std::vector<ports::ArmedLeg>> unresolved(ports::Epoch epoch) override {
        auto legs = co_await inner.unresolved(epoch);
        for (auto& armed : legs) armed.leg.client_order_id += "r" + std::to_string(epoch);
        co_return legs;
    }
};

class BlocksExits final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which, Planner planner) override {
        Planner capped = [planner, reduces = signal.is_reducing()](
                             std::vector<ports::PlanCandidate> const& candidates) {
            auto planned = planner(candidates);
            for (std::size_t i = 0; reduces && i < planned.size(); ++i) {
                auto const& limit = candidates[i].subscription.daily_loss_limit;
                if (!planned[i].leg || !limit) continue;
                if (-candidates[i].portfolio.realised_today < *limit) continue;
                planned[i].leg.reset();
                planned[i].reason = "daily_loss_limit_reached";
            }
            return planned;
        };
        return inner.plan(epoch, std::move(signal), which, std::move(capped));
    }
};

class CountsFillsAgain final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<std::vector<model::Signal>> record(ports::Epoch epoch,
                                            std::vector<ports::LegRecord> records,
                                            base::Timestamp now) override {
        ++calls_;
        for (auto& r : records)
            for (auto& fill : r.fills) fill.venue_trade_id += "-" + std::to_string(calls_);
        return inner.record(epoch, std::move(records), now);
    }

private:
    int calls_ = 0;
};

class ForgetsRecords final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<std::vector<model::Signal>> record(ports::Epoch epoch,
                                            std::vector<ports::LegRecord> records,
                                            base::Timestamp now) override {
        try {
            co_return co_await inner.record(epoch, std::move(records), now);
        } catch (ports::StoreUnavailable const&) {
        }
        co_return std::vector<model::Signal>{};
    }
};

/// An exit that came short ends its copy.
class LeavesTheRest final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<std::vector<model::Signal>> record(ports::Epoch epoch,
                                            std::vector<ports::LegRecord> records,
                                            base::Timestamp now) override {
        for (auto& r : records)
            if (r.leg.reduce_only && r.executed_quantity < r.leg.quantity) r.leg.continues = false;
        return inner.record(epoch, std::move(records), now);
    }
};

/// What an account lost elsewhere stays in the record.
class IgnoresWhatIsGone final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<std::vector<model::Signal>> record(ports::Epoch epoch,
                                            std::vector<ports::LegRecord> records,
                                            base::Timestamp now) override {
        for (auto& r : records) r.gone.reset();
        return inner.record(epoch, std::move(records), now);
    }
};

/// The rest of an exit is sized as if nothing had been sold for its signal yet.
class ScalesTheRest final : public ForwardingCopies {
public:
    using ForwardingCopies::ForwardingCopies;
    Task<Plan> plan(ports::Epoch epoch, model::Signal signal, Try which, Planner planner) override {
        Planner scaling = [planner](std::vector<ports::PlanCandidate> candidates) {
            std::map<model::CopyId, int> seqs;
            for (auto& c : candidates)
                if (c.waiting_copy) seqs[*c.waiting_copy] = std::exchange(c.legs_before, 0);
            auto planned = planner(candidates);
            for (auto& copy : planned)
                if (copy.leg && seqs.contains(copy.id)) copy.leg->seq = seqs[copy.id];
            return planned;
        };
        return inner.plan(epoch, std::move(signal), which, std::move(scaling));
    }
};

}  // namespace obscura::simulation
