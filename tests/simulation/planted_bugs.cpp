#include "simulation/planted_bugs.hpp"

#include "simulation/planted_in_copies.hpp"
#include "simulation/planted_in_ports.hpp"

#include <algorithm>
#include <utility>

namespace obscura::simulation {
namespace {

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
