#include "conductor/engine.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "conductor/planner.hpp"

#include <algorithm>
#include <tuple>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
constexpr std::string_view lease_name = "conductor";
constexpr std::size_t sweep_batch = 5'000;

}  // namespace

Engine::Engine(boost::asio::any_io_executor executor, EngineConfig config, Ports ports,
               base::Clock const& clock, base::Random& random, base::Metrics& metrics,
               std::function<void()> on_fenced)
    : config_(std::move(config)),
      ports_(ports),
      clock_(clock),
      random_(random),
      on_fenced_(std::move(on_fenced)),
      scope_(executor),
      market_(ports.venues, clock),
      desk_(
          executor, config_, {ports.copies, ports.signer, ports.venues, ports.on_recorded}, clock,
          metrics, [this](std::vector<model::Signal> signals) { release(std::move(signals)); },
          [this] { fenced("the order desk was refused"); }),
      intake_event_(executor),
      dispatch_event_(executor),
      plan_seconds_(metrics.histogram("obscura_conductor_stage_seconds",
                                      "Time of one stage of a copy", {{"stage", "plan"}})),
      signals_total_(metrics.counter("obscura_conductor_signals_total", "Signals planned")),
      copies_total_(metrics.counter("obscura_conductor_copies_total", "Copies planned")) {}

void Engine::start() { scope_.spawn("engine", run()); }

base::Task<void> Engine::stop() {
    co_await scope_.stop();
    if (is_leader_) {
        is_leader_ = false;
        co_await ports_.leases.release(std::string(lease_name), epoch_);
    }
}

Engine::Health Engine::health() const { return {is_leader_, queue_.size(), desk_.tracked()}; }

base::Task<void> Engine::run() {
    while (!scope_.stopping() && !is_leader_) {
        bool failed = false;
        try {
            if (co_await lead()) co_await recover();
        } catch (std::exception const& e) {
            base::log::warn("engine.not_started", {{"detail", e.what()}});
            is_leader_ = false;
            failed = true;
        }
        if (failed || !is_leader_) co_await net::sleep_for(200ms);
    }
}

base::Task<bool> Engine::lead() {
    auto const epoch = co_await ports_.leases.acquire(std::string(lease_name), config_.instance,
                                                      config_.lease_ttl);
    if (!epoch) co_return false;
    epoch_ = *epoch;
    is_leader_ = true;
    base::log::info("engine.leading", {{"epoch", epoch_}, {"instance", config_.instance}});
    co_return true;
}

/// Takes up where the last owner stopped: first what may be at a venue, then what is not planned.
base::Task<void> Engine::recover() {
    auto legs = co_await ports_.copies.unresolved(epoch_);
    auto const signals = co_await ports_.signals.unfinished(config_.max_queued_signals);
    if (!legs.empty() || !signals.empty())
        base::log::info("engine.recovering", {{"legs", legs.size()}, {"signals", signals.size()}});
    desk_.start(scope_, epoch_);
    desk_.resolve(std::move(legs));
    for (auto const& signal : signals) queue_.push(signal);
    scope_.spawn("engine.lease", lease_loop());
    scope_.spawn("engine.intake", intake_loop());
    scope_.spawn("engine.dispatch", dispatch_loop());
    scope_.spawn("engine.waiting", waiting_loop());
}

base::Task<void> Engine::lease_loop() {
    while (!scope_.stopping()) {
        co_await net::sleep_for(config_.lease_ttl / 4);
        if (scope_.stopping()) co_return;
        bool ours = true;
        try {
            ours = co_await ports_.leases.renew(std::string(lease_name), epoch_, config_.lease_ttl);
        } catch (std::exception const& e) {
            // PostgreSQL is away: every write is fenced by the epoch, so going on is safe.
            base::log::warn("engine.lease_not_renewed", {{"detail", e.what()}});
        }
        if (!ours) co_return fenced("the lease was not renewed");
    }
}

/// What this process learned last: another one acts now.
void Engine::fenced(std::string const& detail) {
    if (!std::exchange(is_leader_, false)) return;
    base::log::error("engine.fenced", {{"epoch", epoch_}, {"detail", detail}});
    desk_.halt();
    on_fenced_();
}

void Engine::dispatch(model::Signal signal) {
    if (!is_leader_ || queue_.size() >= config_.max_queued_signals) return;
    queue_.push(std::move(signal));
    dispatch_event_.notify();
}

base::Task<void> Engine::intake_loop() {
    while (!scope_.stopping() && is_leader_) {
        ports::SignalStore::Moved moved;
        std::vector<model::Signal> found;
        bool failed = false;
        try {
            moved = co_await ports_.signals.move_trades(config_.intake_batch);
            if (moved.moved > 0) base::failpoint("conductor.after_intake");
            found = co_await sweep();
        } catch (std::exception const& e) {
            base::log::warn("engine.intake_failed", {{"detail", e.what()}});
            failed = true;
        }
        for (auto& signal : moved.signals)
            if (!moved.idle_pools.contains(signal.pool)) dispatch(std::move(signal));
        for (auto& signal : found) dispatch(std::move(signal));
        if (failed)
            co_await net::sleep_for(100ms);
        else if (moved.moved < config_.intake_batch)
            (void)co_await intake_event_.wait(config_.intake_poll);
    }
}

/// Signals that another process accepted, or that found no room here.
base::Task<std::vector<model::Signal>> Engine::sweep() {
    std::vector<model::Signal> found;
    if (clock_.steady() < next_sweep_ || queue_.size() > config_.max_queued_signals / 2)
        co_return found;
    found = co_await ports_.signals.forgotten(clock_.now() - config_.sweep, sweep_batch);
    if (found.size() < sweep_batch) next_sweep_ = clock_.steady() + config_.sweep;
    co_return found;
}

/// Reductions are not held up by the orders that opens have piled up.
std::optional<model::Signal> Engine::next_signal() {
    using Which = SignalQueue::Which;
    if (!is_leader_) return std::nullopt;
    return queue_.pop(desk_.has_room() ? Which::all : Which::reductions);
}

base::Task<void> Engine::dispatch_loop() {
    while (!scope_.stopping()) {
        auto signal = next_signal();
        if (!signal) {
            (void)co_await dispatch_event_.wait(100ms);
            continue;
        }
        scope_.spawn("engine.plan", plan(std::move(*signal)));
    }
}

base::Task<void> Engine::plan(model::Signal signal) {
    auto pause = 20ms;
    Planning planning{.signal = signal, .begun_at = clock_.now()};
    if (auto left = tried_.extract(signal.id); !left.empty())
        planning.tried = std::move(left.mapped());
    bool has_more = false;
    for (bool done = false; !done && !scope_.stopping();) {
        bool failed = false;
        std::vector<FuturesAccount> to_ask;
        try {
            done = co_await plan_part(planning);
            pause = 20ms;
            if (!done && !std::exchange(has_more, true)) desk_.expect_more();
        } catch (ports::Fenced const& e) {
            fenced(e.what());
            co_return;
        } catch (ModesUnknown const& e) {
            to_ask = e.accounts;
        } catch (std::exception const& e) {
            base::log::warn("engine.plan_failed",
                            {{"signal", signal.id.to_string()}, {"detail", e.what()}});
            failed = true;
        }
        if (!to_ask.empty()) failed = !co_await ask_modes(std::move(to_ask));
        if (!failed) continue;
        planning.quotes.clear();
        co_await net::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(1'000));
    }
    if (has_more) desk_.expect_no_more();
    queue_.done(signal.pool);
    dispatch_event_.notify();
}

/// False while not all have told: their answers, the venue's budget or citadel are to be waited
/// for.
base::Task<bool> Engine::ask_modes(std::vector<FuturesAccount> accounts) {
    std::vector<model::ConnectionId> wanted;
    for (auto const& account : accounts) wanted.push_back(account.connection);
    co_await desk_.read_modes(std::move(accounts));
    co_return std::ranges::all_of(
        wanted, [&](model::ConnectionId id) { return desk_.mode_of(id).is_asked; });
}

base::Task<Quotes> Engine::quotes_for(model::Signal const& signal) {
    Quotes quotes;
    VenueMarket const venue{signal.venue, signal.market};
    for (auto const environment : config_.environments)
        quotes[environment] =
            co_await market_.quote(venue, environment, signal.symbol, signal.price);
    co_return quotes;
}

/// True when nothing of the signal is left to be planned now.
base::Task<bool> Engine::plan_part(Planning& planning) {
    using Try = ports::CopyStore::Try;
    auto const started = clock_.steady();
    auto const& signal = planning.signal;
    // One price for all followers of a signal, unless the venue or the database fails meanwhile.
    if (planning.quotes.empty()) planning.quotes = co_await quotes_for(signal);
    // Known as waiting before the transaction: a release that comes while it runs is not lost.
    waiting_.insert_or_assign(signal.id, signal);
    base::failpoint("conductor.before_plan");
    auto const which = planning.tried.empty() ? Try::first : Try::again;
    ports::CopyStore::Planner planner = [&](std::vector<ports::PlanCandidate> const& candidates) {
        PlanContext const context{
            signal,           planning.quotes,
            config_,          clock_.now(),
            random_,          [this](model::ConnectionId id) { return desk_.mode_of(id); },
            planning.begun_at};
        auto planned = plan_copies(context, candidates);
        for (auto& copy : planned) {
            if (!copy.leg) continue;
            copy.leg->send_not_after = desk_.window_of(*copy.leg);
            planning.tried.insert(copy.leg->id);
        }
        return planned;
    };
    auto plan = co_await ports_.copies.plan(epoch_, signal, which, std::move(planner));
    base::failpoint("conductor.after_plan");
    if (!plan.earlier.empty()) {
        // Nobody had told this process of them. In their line they stand before this one.
        for (auto& earlier : plan.earlier) queue_.push(std::move(earlier));
        queue_.push(signal);
        if (!planning.tried.empty()) tried_[signal.id] = std::move(planning.tried);
        co_return true;
    }
    send(planning, plan);
    signals_total_.add(plan.is_whole ? 1 : 0);
    copies_total_.add(static_cast<double>(plan.planned.size()));
    plan_seconds_.observe(clock_.steady() - started);
    if (plan.is_whole && !plan.waits) waiting_.erase(signal.id);
    co_return plan.is_whole;
}

/// Of the legs that the record shows as unsent, those that an earlier try has committed: nobody has
/// sent them. Any other is at the desk, or was and waits to be recorded.
void Engine::send(Planning& planning, ports::CopyStore::Plan& plan) {
    auto legs = std::move(plan.unsent);
    std::erase_if(legs,
                  [&](ports::ArmedLeg const& l) { return !planning.tried.contains(l.leg.id); });
    for (auto& copy : plan.planned)
        if (copy.leg)
            legs.push_back(
                {.leg = std::move(*copy.leg), .credentials = std::move(copy.credentials)});
    planning.tried.clear();
    desk_.send(std::move(legs));
}

/// A leg may end between the planning's snapshot and its commit, and then nobody is told: what
/// waits is looked at again from time to time, the first of each line often.
base::Task<void> Engine::waiting_loop() {
    for (unsigned look = 1; !scope_.stopping(); ++look) {
        co_await net::sleep_for(500ms);
        if (waiting_.empty()) continue;
        for (auto& signal : to_look_at(look % 10 == 0)) queue_.push(std::move(signal));
        dispatch_event_.notify();
    }
}

std::vector<model::Signal> Engine::to_look_at(bool all) const {
    using Line = std::tuple<model::PoolId, model::Market, std::string_view>;
    std::map<Line, model::Signal const*> first;
    std::vector<model::Signal> out;
    for (auto const& [id, signal] : waiting_) {
        if (all) out.push_back(signal);
        auto& place = first[{signal.pool, signal.market, signal.symbol}];
        if (place == nullptr || signal.sequence < place->sequence) place = &signal;
    }
    for (auto const& [line, signal] : first)
        if (!all) out.push_back(*signal);
    return out;
}

void Engine::release(std::vector<model::Signal> signals) {
    for (auto& signal : signals) {
        waiting_.insert_or_assign(signal.id, signal);
        queue_.push(std::move(signal));
    }
    dispatch_event_.notify();
}

}  // namespace obscura::conductor
