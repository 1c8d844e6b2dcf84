#include "simulation/planted_bugs.hpp"

#include "simulation/forwarding.hpp"
#include "simulation/simulation.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace asio = boost::asio;

namespace obscura::simulation {
namespace {

using ports::Task;

// The record of copies
// ---------------------------------------------------------------------------------------------

struct CommitUnderWay {
    explicit CommitUnderWay(asio::any_io_executor executor) : planned(std::move(executor)) {}
    net::Event planned;
    ports::CopyStore::Plan plan;
    std::exception_ptr failure;
};

Task<void> commit_plan(ports::CopyStore& inner, ports::Epoch epoch, model::Signal signal,
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
        asio::co_spawn(
            node_.io(),
            commit_plan(inner, epoch, std::move(signal), which, std::move(telling), state),
            asio::detached);
        (void)co_await state->planned.wait(std::chrono::hours(1));
        if (state->failure) std::rethrow_exception(state->failure);
        co_return state->plan;
    }

private:
    Node& node_;
};

Task<void> rearm_some_time(ports::CopyStore& inner, ports::Epoch epoch,
                           std::vector<model::Leg> legs) {
    co_await inner.rearm(epoch, std::move(legs));
}

class RearmsInTheBackground final : public ForwardingCopies {
public:
    RearmsInTheBackground(ports::CopyStore& to, Node& node) : ForwardingCopies(to), node_(node) {}
    Task<void> rearm(ports::Epoch epoch, std::vector<model::Leg> legs) override {
        asio::co_spawn(node_.io(), rearm_some_time(inner, epoch, std::move(legs)),
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

// Signals
// --------------------------------------------------------------------------------------------

class SwapsSignals final : public ForwardingSignals {
public:
    using ForwardingSignals::ForwardingSignals;
    Task<Moved> move_trades(std::size_t limit) override {
        auto moved = co_await inner.move_trades(limit);
        for (auto& signal : moved.signals) signal.sequence = -signal.sequence;
        co_return moved;
    }
};

Task<void> accept_some_time(ports::SignalStore& inner, ports::Caller caller, model::PoolId pool,
                            model::SignalRequest request, model::SignalSource source) {
    co_await net::sleep_for(std::chrono::milliseconds(30));
    (void)co_await inner.accept(std::move(caller), pool, std::move(request), source);
}

class AnswersBeforeCommit final : public ForwardingSignals {
public:
    AnswersBeforeCommit(ports::SignalStore& to, Node& node) : ForwardingSignals(to), node_(node) {}
    Task<base::Result<Accepted>> accept(ports::Caller caller, model::PoolId pool,
                                        model::SignalRequest request,
                                        model::SignalSource source) override {
        Accepted early;
        early.answer.pool = pool;
        early.answer.external_trade_id = request.external_trade_id;
        early.answer.was_known = true;  // nobody dispatches what is not there
        asio::co_spawn(node_.io(),
                       accept_some_time(inner, std::move(caller), pool, std::move(request), source),
                       [](std::exception_ptr) {});
        co_return early;
    }

private:
    Node& node_;
};

/// Ends the outbox in one transaction and begins the signals in another.
class MovesInTwoSteps final : public ForwardingSignals {
public:
    MovesInTwoSteps(ports::SignalStore& to, Simulation& simulation, Node& node)
        : ForwardingSignals(to), simulation_(simulation), node_(node) {}
    Task<Moved> move_trades(std::size_t limit) override {
        using Rows = std::deque<model::Trade>;
        std::function<Rows(Record&)> take = [](Record& record) {
            return std::exchange(record.outbox_rows(), {});
        };
        auto rows = co_await simulation_.database().run<Rows>(node_, Where::sweep, std::move(take));
        if (!rows.empty()) {
            std::function<bool(Record&)> put = [rows](Record& record) {
                auto& outbox = record.outbox_rows();
                outbox.insert(outbox.begin(), rows.begin(), rows.end());
                return true;
            };
            (void)co_await simulation_.database().run<bool>(node_, Where::sweep, std::move(put));
        }
        co_return co_await inner.move_trades(limit);
    }

private:
    Simulation& simulation_;
    Node& node_;
};

class NeverSweeps final : public ForwardingSignals {
public:
    using ForwardingSignals::ForwardingSignals;
    Task<std::vector<model::Signal>> forgotten(base::Timestamp, std::size_t) override {
        co_return std::vector<model::Signal>{};
    }
};

// The venue and citadel
// ------------------------------------------------------------------------------

class UnknownIsNotSent final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::SignedRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (std::holds_alternative<ports::OutcomeUnknown>(outcome))
            co_return ports::NotSent{"timeout"};
        co_return outcome;
    }
};

class UnknownIsNo final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::SignedRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (std::holds_alternative<ports::OutcomeUnknown>(outcome))
            co_return ports::Rejected{.code = "timeout", .message = "no answer"};
        co_return outcome;
    }
};

class ThrottledIsNo final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::SignedRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (std::holds_alternative<ports::Throttled>(outcome))
            co_return ports::Rejected{.code = "429", .message = "too many requests"};
        co_return outcome;
    }
};

class PartIsAll final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::SignedRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (auto* accepted = std::get_if<ports::Accepted>(&outcome);
            accepted && accepted->order.status == ports::OrderState::Status::partially_filled)
            accepted->order.status = ports::OrderState::Status::filled;
        co_return outcome;
    }
};

class ForgetsTheExpiry final : public ForwardingSigner {
public:
    using ForwardingSigner::ForwardingSigner;
    Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override {
        for (auto& item : items) item.not_after += std::chrono::seconds(40);
        return inner.sign(std::move(items));
    }
};

// sentinel
// ---------------------------------------------------------------------------------------------

class NamesTradesAnew final : public ForwardingTrades {
public:
    explicit NamesTradesAnew(ports::TradeStore& to, std::uint64_t seed)
        : ForwardingTrades(to), random_(seed) {}
    Task<std::vector<model::Trade>> append(ports::FeedDelivery batch) override {
        for (auto& trade : batch.trades)
            trade.id = model::TradeId::make(trade.received_at, random_);
        return inner.append(std::move(batch));
    }

private:
    base::SeededRandom random_;
};

class MovesCursorsFirst final : public ForwardingTrades {
public:
    using ForwardingTrades::ForwardingTrades;
    Task<std::vector<model::Trade>> append(ports::FeedDelivery batch) override {
        if (!batch.cursors.empty()) {
            ports::FeedDelivery cursors{.trades = {}, .cursors = std::exchange(batch.cursors, {})};
            (void)co_await inner.append(std::move(cursors));
            co_await net::sleep_for(std::chrono::milliseconds(100));
        }
        co_return co_await inner.append(std::move(batch));
    }
};

/// Takes Redis for the queue: the outbox row ends when it is published, and comes back as what the
/// consumer read from the stream.
class EndsOutboxAtPublish final : public ports::TradePublisher {
public:
    EndsOutboxAtPublish(ports::TradePublisher& to, Simulation& simulation)
        : inner_(to), simulation_(simulation) {}
    void publish(std::vector<ports::PublishedTrade> const& trades) noexcept override {
        auto& outbox = simulation_.record().outbox_rows();
        for (auto const& published : trades) {
            std::erase_if(outbox,
                          [&](model::Trade const& t) { return t.id == published.trade.id; });
            if (simulation_.redis().is_up) outbox.push_back(published.trade);
        }
        inner_.publish(trades);
    }

private:
    ports::TradePublisher& inner_;
    Simulation& simulation_;
};

// Names
// ----------------------------------------------------------------------------------------------

template <class Bug>
std::function<std::shared_ptr<void>(Simulation&, Node&, ConductorPorts&)> copies() {
    return [](Simulation&, Node&, ConductorPorts& ports) -> std::shared_ptr<void> {
        auto bug = std::make_shared<Bug>(*ports.copies);
        ports.copies = bug.get();
        return bug;
    };
}
template <class Bug>
std::function<std::shared_ptr<void>(Simulation&, Node&, ConductorPorts&)> copies_with_node() {
    return [](Simulation&, Node& node, ConductorPorts& ports) -> std::shared_ptr<void> {
        auto bug = std::make_shared<Bug>(*ports.copies, node);
        ports.copies = bug.get();
        return bug;
    };
}
template <class Bug>
std::function<std::shared_ptr<void>(Simulation&, Node&, ConductorPorts&)> signals() {
    return [](Simulation&, Node&, ConductorPorts& ports) -> std::shared_ptr<void> {
        auto bug = std::make_shared<Bug>(*ports.signals);
        ports.signals = bug.get();
        return bug;
    };
}
template <class Bug>
std::function<std::shared_ptr<void>(Simulation&, Node&, ConductorPorts&)> venue() {
    return [](Simulation&, Node&, ConductorPorts& ports) -> std::shared_ptr<void> {
        auto bug = std::make_shared<Bug>(*ports.venue);
        ports.venue = bug.get();
        return bug;
    };
}

std::shared_ptr<void> no_epoch_check(Simulation& simulation, Node&, ConductorPorts& ports) {
    auto bugs = std::make_shared<std::pair<ForgesTheEpoch, AlwaysRenewed>>(
        std::piecewise_construct, std::forward_as_tuple(*ports.copies, simulation.record()),
        std::forward_as_tuple(*ports.leases));
    ports.copies = &bugs->first;
    ports.leases = &bugs->second;
    return bugs;
}
std::shared_ptr<void> never_looks_back(Simulation& simulation, Node&, ConductorPorts& ports) {
    auto bug = std::make_shared<NeverLooksBack>(*ports.copies, simulation);
    ports.copies = bug.get();
    return bug;
}
std::shared_ptr<void> answers_before_commit(Simulation&, Node& node, ConductorPorts& ports) {
    auto bug = std::make_shared<AnswersBeforeCommit>(*ports.signals, node);
    ports.signals = bug.get();
    return bug;
}
std::shared_ptr<void> moves_in_two_steps(Simulation& simulation, Node& node,
                                         ConductorPorts& ports) {
    auto bug = std::make_shared<MovesInTwoSteps>(*ports.signals, simulation, node);
    ports.signals = bug.get();
    return bug;
}
std::shared_ptr<void> forgets_the_expiry(Simulation&, Node&, ConductorPorts& ports) {
    auto bug = std::make_shared<ForgetsTheExpiry>(*ports.signer);
    ports.signer = bug.get();
    return bug;
}
std::shared_ptr<void> names_trades_anew(Simulation&, Node& node, SentinelPorts& ports) {
    auto bug = std::make_shared<NamesTradesAnew>(*ports.store, node.life());
    ports.store = bug.get();
    return bug;
}
std::shared_ptr<void> moves_cursors_first(Simulation&, Node&, SentinelPorts& ports) {
    auto bug = std::make_shared<MovesCursorsFirst>(*ports.store);
    ports.store = bug.get();
    return bug;
}
std::shared_ptr<void> ends_outbox_at_publish(Simulation& simulation, Node&, SentinelPorts& ports) {
    auto bug = std::make_shared<EndsOutboxAtPublish>(*ports.publisher, simulation);
    ports.publisher = bug.get();
    return bug;
}

}  // namespace

std::vector<PlantedBug> const& planted_bugs() {
    static std::vector<PlantedBug> const bugs{
        {.name = "send_before_commit",
         .what = "orders go out while their plan is being committed",
         .in_conductor = copies_with_node<SendsBeforeCommit>()},
        {.name = "rearm_before_commit",
         .what = "a new attempt goes out while it is being committed",
         .in_conductor = copies_with_node<RearmsInTheBackground>()},
        {.name = "no_epoch_check",
         .what = "writes of an owner of the past are taken, and it goes on",
         .in_conductor = no_epoch_check},
        {.name = "absence_before_expiry",
         .what = "an order that a query does not find is taken as absent at once",
         .guard = "absence_proof"},
        {.name = "recovery_without_query",
         .what = "legs armed by an owner before are sent without asking the venue",
         .guard = "recovery_query"},
        {.name = "resend_after_unknown",
         .what = "an order without an answer is taken as not sent",
         .in_conductor = venue<UnknownIsNotSent>()},
        {.name = "timeout_is_no",
         .what = "an order without an answer is taken as refused",
         .in_conductor = venue<UnknownIsNo>()},
        {.name = "throttled_is_no",
         .what = "429 is taken as a refusal for good",
         .in_conductor = venue<ThrottledIsNo>()},
        {.name = "part_is_all",
         .what = "an order that is filled in part is taken as done",
         .in_conductor = venue<PartIsAll>()},
        {.name = "no_expiry_in_request",
         .what = "the signed request lives longer than the attempt that is committed",
         .in_conductor = forgets_the_expiry},
        {.name = "client_id_changes",
         .what = "a restart gives legs under way a new client id",
         .in_conductor = copies<NamesLegsAnew>()},
        {.name = "exits_capped",
         .what = "a daily loss limit blocks exits too",
         .in_conductor = copies<BlocksExits>()},
        {.name = "fills_counted_again",
         .what = "fills are not told apart by the venue's trade id",
         .in_conductor = copies<CountsFillsAgain>()},
        {.name = "record_forgotten",
         .what = "what could not be recorded is let go",
         .in_conductor = copies<ForgetsRecords>()},
        {.name = "rest_left",
         .what = "an exit that came short ends its copy",
         .in_conductor = copies<LeavesTheRest>()},
        {.name = "gone_ignored",
         .what = "what an account lost elsewhere stays in the record",
         .in_conductor = copies<IgnoresWhatIsGone>()},
        {.name = "rest_scaled",
         .what = "the rest of an exit is sized as if nothing had been sold for its signal",
         .in_conductor = copies<ScalesTheRest>()},
        {.name = "signals_swapped",
         .what = "later signals of a pool and symbol are planned first",
         .in_conductor = signals<SwapsSignals>()},
        {.name = "no_sweep",
         .what = "nobody looks for signals that were accepted elsewhere",
         .in_conductor = signals<NeverSweeps>()},
        {.name = "no_look_back",
         .what = "a signal is planned before earlier ones that nobody told of",
         .in_conductor = never_looks_back},
        {.name = "first_part_only",
         .what = "of a signal that is planned in parts only the first is",
         .in_conductor = copies<ForgetsFurtherParts>()},
        {.name = "answer_before_commit",
         .what = "a tenant's signal is acknowledged before it is committed",
         .in_conductor = answers_before_commit},
        {.name = "inbox_not_transactional",
         .what = "the outbox row ends in one transaction, the signal begins in the next",
         .in_conductor = moves_in_two_steps},
        {.name = "no_trade_dedup",
         .what = "a fill that comes twice is two fills",
         .in_sentinel = names_trades_anew},
        {.name = "cursor_before_trades",
         .what = "the feed's cursor is stored before its fills",
         .in_sentinel = moves_cursors_first},
        {.name = "outbox_ends_at_publish",
         .what = "the outbox row ends when Redis is told, whether it is there or not",
         .in_sentinel = ends_outbox_at_publish},
    };
    return bugs;
}

PlantedBug const* planted_bug(std::string_view name) {
    auto const found = std::ranges::find(planted_bugs(), name, &PlantedBug::name);
    return found == planted_bugs().end() ? nullptr : &*found;
}

}  // namespace obscura::simulation
