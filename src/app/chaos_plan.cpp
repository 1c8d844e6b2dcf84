#include "app/chaos_plan.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace obscura::app {
namespace {

using base::Json;
using base::SeededRandom;
using Needs = ChaosStep::Needs;
using namespace std::chrono_literals;

constexpr ChaosStep steps[] = {
    {.name = "sentinel.before_backfill", .owner = "sentinel"},
    {.name = "sentinel.before_commit", .owner = "sentinel", .most = 3},
    {.name = "sentinel.after_commit", .owner = "sentinel", .most = 3},
    {.name = "sentinel.after_publish", .owner = "sentinel", .most = 3},
    {.name = "gateway.before_relay", .owner = "gateway", .most = 2},
    {.name = "gateway.after_relay", .owner = "gateway", .most = 2},
    {.name = "conductor.before_accept", .owner = "conductor", .most = 2},
    {.name = "conductor.after_accept", .owner = "conductor", .most = 2},
    {.name = "conductor.before_intake", .owner = "conductor", .most = 3},
    {.name = "conductor.after_intake", .owner = "conductor", .most = 3},
    {.name = "conductor.before_plan", .owner = "conductor", .most = 6},
    {.name = "conductor.after_plan", .owner = "conductor", .most = 6},
    {.name = "conductor.before_sign", .owner = "conductor", .most = 4},
    {.name = "citadel.before_answer", .owner = "citadel", .most = 6},
    {.name = "conductor.after_sign", .owner = "conductor", .most = 4},
    {.name = "conductor.before_send", .owner = "conductor", .most = 3, .per_follower = true},
    {.name = "conductor.before_write", .owner = "conductor", .most = 3, .per_follower = true},
    {.name = "paper.before_accept", .owner = "paper", .most = 3, .per_follower = true},
    {.name = "paper.after_accept", .owner = "paper", .most = 3, .per_follower = true},
    {.name = "conductor.after_send", .owner = "conductor", .most = 3, .per_follower = true},
    {.name = "conductor.after_query", .owner = "conductor", .needs = Needs::lost_answer},
    {.name = "conductor.before_rearm", .owner = "conductor", .needs = Needs::lost_order},
    {.name = "conductor.after_rearm", .owner = "conductor", .needs = Needs::lost_order},
    {.name = "conductor.before_record", .owner = "conductor", .most = 4},
    {.name = "conductor.after_record", .owner = "conductor", .most = 4},
};
constexpr auto step_count = std::size(steps);
constexpr auto victim_count = std::size(chaos_victims);

constexpr std::string_view guards[] = {"absence_proof",   "recovery_query", "backfill",
                                       "unknown_outcome", "request_expiry", "epoch_fence"};

constexpr std::string_view order_faults[] = {"drop_before_accept", "drop_after_accept",
                                             "http_5xx",           "latency",
                                             "reset_mid_body",     "partial_fill"};
constexpr std::string_view stream_faults[] = {"duplicate_events", "reorder_events", "late_events",
                                              "mute_socket"};

struct Pair {
    ChaosStep step;
    std::string_view victim;
};

/// All pairs, each once: the victim changes with every seed, and each victim meets the steps far
/// apart from one another first.
std::vector<Pair> all_pairs() {
    constexpr std::size_t stride = 7;
    static_assert(std::gcd(stride, step_count) == 1);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < victim_count * step_count; ++i) {
        auto const victim = i % victim_count;
        pairs.push_back(
            {steps[(i / victim_count * stride + victim * 5) % step_count], chaos_victims[victim]});
    }
    return pairs;
}

std::string pair_name(ChaosStep const& step, std::string_view victim) {
    return std::string(step.name) + " x " + std::string(victim);
}

bool is_venue_fault(std::string_view name) {
    return std::ranges::find(order_faults, name) != std::end(order_faults) ||
           std::ranges::find(stream_faults, name) != std::end(stream_faults);
}

/// With a guard off, only what it guards against.
bool suits_guard(Pair const& pair, std::string_view guard) {
    if (guard == "recovery_query")
        return pair.step.name == "conductor.after_send" && pair.victim == "conductor";
    if (guard == "backfill")
        return pair.step.name == "sentinel.before_backfill" && pair.victim == "sentinel";
    if (guard == "request_expiry")
        return pair.step.name == "conductor.before_write" && pair.victim == "takeover";
    if (guard == "epoch_fence")
        return pair.step.name == "conductor.before_rearm" && pair.victim == "takeover";
    return true;
}

int one_of(SeededRandom& random, std::size_t count) {
    return static_cast<int>(random.below(count));
}

constexpr auto spot_orders = "/api/v3/order";
constexpr auto contract_orders = "/fapi/v1/order";

VenueFault order_fault(std::string kind, int count, int on, char const* path = spot_orders,
                       char const* method = "POST") {
    auto match = Json::object({{"path", path}, {"method", method}});
    auto members = Json::object({{"match", std::move(match)}, {"count", count}});
    return {.kind = std::move(kind), .on = on, .members = std::move(members)};
}

VenueFault venue_fault(std::string kind, SeededRandom& random, int followers) {
    if (std::ranges::find(order_faults, kind) == std::end(order_faults)) {
        auto members = Json::object({{"match", Json::object()}, {"count", 1 + one_of(random, 2)}});
        if (kind == "mute_socket") members.set("count", 1);
        if (kind == "late_events") members.set("ms", 200 + one_of(random, 1'500));
        auto const on = one_of(random, 3) == 0 ? VenueFault::contracts_leader : VenueFault::leader;
        return {.kind = std::move(kind), .on = on, .members = std::move(members)};
    }
    auto fault = order_fault(kind, 1 + one_of(random, 3),
                             one_of(random, static_cast<std::size_t>(followers)),
                             one_of(random, 2) == 0 ? spot_orders : contract_orders);
    // Past the timeout of conductor (3 s) an order may still be accepted; past its life (5 s) not.
    if (kind == "latency") fault.members.set("ms", 300 + 600 * one_of(random, 10));
    if (kind == "http_5xx") fault.members.set("accept", one_of(random, 2) == 1);
    if (kind == "partial_fill") fault.members.set("share", base::Decimal::from_scaled(3, 1));
    return fault;
}

/// With a guard off, what makes it missed: of every follower.
std::optional<VenueFault> guard_fault(std::string_view guard) {
    auto const late = [](int ms, int count) {
        auto fault = order_fault("latency", count, 0);
        fault.members.set("ms", ms);
        return fault;
    };
    if (guard == "absence_proof") return late(4'000, 2);
    if (guard == "unknown_outcome") return order_fault("drop_after_accept", 1, 0);
    // The orders of both owners are on their way at the same time.
    if (guard == "epoch_fence") return late(1'500, 100);
    return std::nullopt;
}

void add_venue_faults(ChaosPlan& plan, ChaosChoice const& choice, SeededRandom& random) {
    auto const follower = one_of(random, static_cast<std::size_t>(choice.followers));
    if (plan.step.needs == Needs::lost_answer)
        plan.venue_faults.push_back(order_fault("drop_after_accept", 2, follower));
    if (plan.step.needs == Needs::lost_order)
        plan.venue_faults.push_back(
            order_fault("drop_before_accept", choice.guard_off.empty() ? 2 : 1, follower));
    if (is_venue_fault(choice.fault))
        plan.venue_faults.push_back(venue_fault(choice.fault, random, choice.followers));
    else if (choice.fault.empty() && one_of(random, 2) == 0) {
        // A silent socket is noticed by the age of its data, after 15 s: rarer than the others.
        auto const kind = one_of(random, 16);
        auto const name = kind == 0   ? stream_faults[3]
                          : kind <= 5 ? stream_faults[kind % 3]
                                      : order_faults[kind % std::size(order_faults)];
        plan.venue_faults.push_back(venue_fault(std::string(name), random, choice.followers));
    }
    if (auto const fault = guard_fault(choice.guard_off)) {
        for (int i = 0; i < choice.followers; ++i) {
            plan.venue_faults.push_back(*fault);
            plan.venue_faults.back().on = i;
        }
    }
}

/// At once with the fill, a moment before it, or up to a price step and a bit after it; and half of
/// the time the answer to a cancel is lost or the cancel is late.
void add_cancel(ChaosPlan& plan, ChaosChoice const& choice, SeededRandom& random) {
    plan.cancels = one_of(random, 2) == 0 || choice.fault == cancel_fill;
    auto const when = one_of(random, 3);
    if (when == 1) plan.cancel_after = -1ms * one_of(random, 4);
    if (when == 2) plan.cancel_after = 1ms * one_of(random, 400);
    if (!plan.cancels || one_of(random, 2) == 0) return;
    constexpr std::string_view kinds[] = {"drop_after_accept", "reset_mid_body", "latency"};
    bool const on_spot = one_of(random, 2) == 0;
    auto fault = order_fault(std::string(kinds[one_of(random, std::size(kinds))]), 1,
                             on_spot ? VenueFault::leader : VenueFault::contracts_leader,
                             on_spot ? spot_orders : contract_orders, "DELETE");
    if (fault.kind == "latency") fault.members.set("ms", 20 + one_of(random, 500));
    plan.venue_faults.push_back(std::move(fault));
}

void add_strike(ChaosPlan& plan, ChaosChoice const& choice, SeededRandom& random) {
    constexpr std::chrono::seconds steps_of_clocks[] = {2s, 40s, 600s, 3'600s};
    auto const span = steps_of_clocks[one_of(random, std::size(steps_of_clocks))];
    plan.clock_step = one_of(random, 2) == 0 ? span : -span;
    plan.restarts = one_of(random, 2) == 0;
    plan.tail_bytes = 1 + random.below(20'000);
    // From before the successor's first order to after its second.
    plan.meanwhile = 2'500ms * one_of(random, 4);
    if (choice.guard_off == "request_expiry") plan.meanwhile = 7'500ms;
    if (choice.guard_off == "epoch_fence") plan.meanwhile = 0ms;
}

}  // namespace

std::span<ChaosStep const> chaos_steps() { return steps; }
std::span<std::string_view const> chaos_guards() { return guards; }

std::string ChaosPlan::name() const { return pair_name(step, victim); }

std::string ChaosPlan::fault() const {
    auto text = victim;
    if (cancels) text += ", " + std::string(cancel_fill);
    for (auto const& fault : venue_faults)
        if (text.find(fault.kind) == text.npos) text += ", " + fault.kind;
    return text;
}

std::optional<ChaosPlan> plan_chaos(std::uint64_t seed, ChaosChoice const& choice) {
    auto const wanted = [&](Pair const& pair) {
        auto const& fault = choice.fault;
        bool const named = fault.empty() || fault == pair.victim || fault == pair.step.name ||
                           fault == pair_name(pair.step, pair.victim) || fault == cancel_fill ||
                           is_venue_fault(fault);
        return named && suits_guard(pair, choice.guard_off);
    };
    auto pairs = all_pairs();
    std::erase_if(pairs, [&](Pair const& pair) { return !wanted(pair); });
    if (pairs.empty()) return std::nullopt;

    auto const& pair = pairs[seed % pairs.size()];
    SeededRandom random(seed);
    ChaosPlan plan{.seed = seed, .victim = std::string(pair.victim), .step = pair.step};
    auto const most = pair.step.most * (pair.step.per_follower ? choice.followers : 1);
    plan.nth = 1 + one_of(random, static_cast<std::size_t>(most));
    // A backfill has something to find only when the leader trades while sentinel is away.
    plan.rush = one_of(random, 4) == 0 || pair.step.name == "sentinel.before_backfill";
    plan.pause = one_of(random, 3) == 0 ? 1'500ms : 250ms;
    add_venue_faults(plan, choice, random);
    add_strike(plan, choice, random);
    add_cancel(plan, choice, random);
    return plan;
}

}  // namespace obscura::app
