#include "conductor/order_desk.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::LegEvent;
using Kind = LegEvent::Kind;

constexpr std::int64_t order_weight = 1;  // Binance spot: POST order 1
constexpr auto read_validity = 5s;

base::Histogram& stage(base::Metrics& metrics, char const* name) {
    return metrics.histogram("obscura_conductor_stage_seconds", "Time of one stage of a copy",
                             {{"stage", name}});
}

model::PlaceOrder place_order(model::Leg const& leg) {
    return {.symbol = leg.symbol,
            .side = leg.side,
            .type = leg.type,
            .quantity = leg.quantity,
            .limit_price = leg.limit_price,
            .time_in_force = model::TimeInForce::ioc,  // of limit orders; see ADR 6
            .client_order_id = leg.client_order_id,
            // A hedged account reduces by trading against the position that the order names.
            .reduce_only = leg.reduce_only && leg.position_side == model::PositionSide::both,
            .position_side = leg.position_side};
}

}  // namespace

OrderDesk::OrderDesk(boost::asio::any_io_executor executor, EngineConfig const& config, Ports ports,
                     base::Clock const& clock, base::Metrics& metrics,
                     std::function<void(std::vector<model::Signal>)> on_released,
                     std::function<void()> on_fenced)
    : executor_(executor),
      config_(config),
      ports_(std::move(ports)),
      requests_(ports_.signer),
      clock_(clock),
      on_released_(std::move(on_released)),
      on_fenced_(std::move(on_fenced)),
      ready_event_(executor),
      agenda_event_(executor),
      record_event_(executor),
      clock_event_(executor),
      sign_seconds_(stage(metrics, "sign")),
      submit_seconds_(stage(metrics, "submit")),
      record_seconds_(stage(metrics, "record")),
      unknown_(metrics.counter("obscura_conductor_unknown_total", "Orders without an answer")),
      rearmed_(
          metrics.counter("obscura_conductor_rearmed_total", "Attempts armed after the first")) {}

void OrderDesk::start(net::Scope& scope, ports::Epoch epoch) {
    scope_ = &scope;
    epoch_ = epoch;
    scope.spawn("orders.send", send_loop());
    scope.spawn("orders.agenda", agenda_loop());
    scope.spawn("orders.record", record_loop());
    scope.spawn("orders.clock", clock_loop());
}

OrderDesk::Tracked OrderDesk::tracked(ports::ArmedLeg armed) const {
    Tracked out{.armed = std::move(armed), .since = clock_.steady()};
    if (auto const give_up_at = out.armed.leg.give_up_at) {
        // From here on measured; whatever the wall clock was when the signal came, no open lives
        // longer than it may.
        auto const left = std::clamp<std::chrono::microseconds>(*give_up_at - clock_.now(), 0us,
                                                                config_.open_lifetime);
        out.give_up = out.since + left;
    }
    return out;
}

void OrderDesk::send(std::vector<ports::ArmedLeg> legs) {
    for (auto& armed : legs) {
        auto const id = armed.leg.id;
        auto& line = armed.leg.reduce_only ? ready_exits_ : ready_opens_;
        auto const pause = model::first_pause(armed.leg, config_.legs);
        if (!legs_.emplace(id, tracked(std::move(armed))).second) continue;
        if (pause > 0ms)
            agenda_.put(id, model::LegStep::Action::send, clock_.steady() + pause);
        else
            line.push_back(id);
    }
    ready_event_.notify();
    agenda_event_.notify();
}

void OrderDesk::resolve(std::vector<ports::ArmedLeg> legs) {
    // What a desk would do that forgot that an armed leg may have been sent.
    if (!base::guard("recovery_query")) return send(std::move(legs));
    for (auto& armed : legs) {
        auto const step = model::recover(armed.leg);
        auto const id = armed.leg.id;
        armed.leg.state = step.state;
        if (legs_.emplace(id, tracked(std::move(armed))).second)
            agenda_.put(id, step.action, clock_.steady() + step.after);
    }
    agenda_event_.notify();
}

OrderDesk::Tracked* OrderDesk::find(model::LegId id) {
    auto const it = legs_.find(id);
    return it == legs_.end() ? nullptr : &it->second;
}

ports::OrderVenue& OrderDesk::venue_of(model::Leg const& leg) const {
    auto const it = ports_.venues.find({leg.venue, leg.market});
    if (it == ports_.venues.end())
        throw std::runtime_error("no such venue here: " + leg.venue + " " +
                                 std::string(to_string(leg.market)));
    return *it->second;
}

void OrderDesk::fenced(std::string const& detail) {
    base::log::error("orders.fenced", {{"detail", detail}});
    halt();
    on_fenced_();
}

// Sending
// ------------------------------------------------------------------------------------------

OrderDesk::Batch OrderDesk::take_ready(std::size_t limit) {
    Batch batch;
    for (auto* line : {&ready_exits_, &ready_opens_})
        while (!line->empty() && batch.size() < limit) {
            batch.push_back(line->front());
            line->pop_front();
        }
    return batch;
}

base::Task<void> OrderDesk::send_loop() {
    while (!scope_->stopping() && !halted_) {
        auto const free =
            config_.max_orders_in_flight - std::min(in_flight_, config_.max_orders_in_flight);
        auto batch = take_ready(std::min(free, config_.sign_batch));
        if (batch.empty()) {
            (void)co_await ready_event_.wait(1s);
            continue;
        }
        in_flight_ += batch.size();
        scope_->spawn("orders.batch", send_batch(std::move(batch)));
    }
}

/// The legs of the batch that may go now; the others are put off. Nothing is signed before its
/// budget is there, so that nothing signed ever waits.
OrderDesk::Batch OrderDesk::reserve(Batch const& batch) {
    Batch granted;
    for (auto const id : batch) {
        auto* tracked = find(id);
        if (tracked == nullptr) {
            --in_flight_;
            continue;
        }
        auto const& leg = tracked->armed.leg;
        if (!is_prepared(leg)) {
            scope_->spawn("orders.prepare", prepare(id));
            continue;
        }
        auto const use = leg.reduce_only ? model::BudgetUse::exit_or_query : model::BudgetUse::open;
        auto const wait = reserve(leg, order_weight, 1, use);
        if (wait == 0ms && can_sign(leg)) {
            granted.push_back(id);
            continue;
        }
        --in_flight_;
        apply(id, {.kind = Kind::not_sent,
                   .retryable = true,
                   .evidence = "no budget or window",
                   .retry_after = wait});
    }
    return granted;
}

/// Reads need no `not_after`: they are valid for some seconds.
ports::SignItem OrderDesk::sign_item(Tracked const& tracked, model::VenueOperation operation,
                                     std::optional<base::Timestamp> not_after) {
    auto const& leg = tracked.armed.leg;
    auto const time = place_of(leg).clock.at(clock_.steady());
    auto const venue_now = time ? std::optional(time->earliest) : std::nullopt;
    return {.id = leg.id.to_string(),
            .venue = leg.venue,
            .environment = leg.environment,
            .market = leg.market,
            .context = tracked.armed.credentials.context,
            .credentials = tracked.armed.credentials.fields,
            .operation = std::move(operation),
            .not_after = not_after.value_or(venue_now.value_or(clock_.now()) + read_validity),
            .venue_now = venue_now};
}

base::Task<void> OrderDesk::send_batch(Batch batch) {
    auto const granted = reserve(batch);
    std::vector<ports::SignItem> items;
    for (auto const id : granted) {
        auto const& tracked = *find(id);
        items.push_back(
            sign_item(tracked, place_order(tracked.armed.leg), tracked.armed.leg.send_not_after));
    }
    if (items.empty()) {
        ready_event_.notify();  // there is room again
        co_return;
    }

    auto const started = clock_.steady();
    base::failpoint("conductor.before_sign");
    auto requests = co_await requests_.make(std::move(items));
    base::failpoint("conductor.after_sign");
    sign_seconds_.observe(clock_.steady() - started);

    auto const signed_at = clock_.now();
    for (std::size_t i = 0; i < granted.size(); ++i) {
        if (halted_) {
            --in_flight_;  // the next owner finds it armed
            continue;
        }
        if (requests && (*requests)[i]) {
            // What is relayed is signed on its way.
            if (std::holds_alternative<ports::SignedRequest>(*(*requests)[i]))
                find(granted[i])->signed_at = signed_at;
            scope_->spawn("orders.submit", submit(granted[i], std::move(*(*requests)[i])));
            continue;
        }
        --in_flight_;
        auto event = not_signed(requests ? (*requests)[i].error() : requests.error());
        event.retryable = event.retryable || !requests;
        apply(granted[i], event);
    }
    ready_event_.notify();
}

/// citadel out of reach passes, and so does an attempt that ran out of life on the way. A master
/// key that was retired while the order waited passes too: what is held here is an older text of a
/// credential that is good, and the next start reads the newer one. Any other that citadel cannot
/// use does not.
LegEvent OrderDesk::not_signed(base::Error const& error) {
    bool const passes =
        error.code == base::Errc::unavailable || error.code == base::Errc::upstream_timeout ||
        error.code == base::Errc::rate_limited || error.reason.starts_with("not_after") ||
        error.reason.starts_with("venue_now") || error.reason == "key_version_retired";
    return {.kind = Kind::not_sent,
            .retryable = passes,
            .evidence = "citadel: " + error.reason + ": " + error.detail};
}

base::Task<void> OrderDesk::submit(model::LegId id, ports::VenueRequest request) {
    auto const started = clock_.steady();
    auto& tracked = *find(id);
    if (halted_) {
        --in_flight_;  // the next owner finds it armed
        co_return;
    }
    tracked.sent_at = clock_.now();
    ports::SubmitOutcome outcome;
    base::failpoint("conductor.before_send");
    try {
        // A process that slept since the signature has nothing to send any more.
        auto const time = place_of(tracked.armed.leg).clock.at(clock_.steady());
        if (!time || time->latest >= tracked.armed.leg.send_not_after)
            outcome = ports::NotSent{"the signature has expired"};
        else {
            base::failpoint("conductor.before_write");
            outcome = co_await venue_of(tracked.armed.leg).submit(std::move(request));
        }
    } catch (std::exception const& e) {
        // Whatever broke, bytes may have left: the venue is asked.
        outcome = ports::OutcomeUnknown{e.what()};
    }
    base::failpoint("conductor.after_send");
    submit_seconds_.observe(clock_.steady() - started);
    --in_flight_;
    ready_event_.notify();
    if (auto* accepted = std::get_if<ports::Accepted>(&outcome)) {
        auto const event = co_await event_of_order(id, std::move(accepted->order), Kind::lost);
        apply(id, event);
        co_return;
    }
    apply(id, event_of(id, std::move(outcome)));
}

LegEvent OrderDesk::event_of(model::LegId id, ports::SubmitOutcome outcome) {
    if (auto* rejected = std::get_if<ports::Rejected>(&outcome)) {
        if (rejected->is_untimely) clock_event_.notify();
        return {.kind = Kind::refused,
                .retryable = rejected->may_retry,
                .lacks_holdings = rejected->lacks_holdings,
                .evidence = rejected->code + ": " + rejected->message};
    }
    if (auto* throttled = std::get_if<ports::Throttled>(&outcome)) {
        bool const whole = throttled->whose == ports::Throttled::Whose::address;
        pause(find(id)->armed.leg, *throttled);
        return {.kind = Kind::throttled,
                .evidence = whole ? "throttled by the venue" : "too many orders of this account",
                .retry_after = throttled->retry_after};
    }
    if (auto* refused = std::get_if<ports::NotSigned>(&outcome)) return not_signed(refused->error);
    if (auto* not_sent = std::get_if<ports::NotSent>(&outcome))
        return {.kind = Kind::not_sent, .retryable = true, .evidence = not_sent->detail};
    unknown_.add();
    // What a desk would do that takes a timeout for a no.
    if (!base::guard("unknown_outcome"))
        return {.kind = Kind::not_sent, .retryable = true, .evidence = "no answer"};
    return {.kind = Kind::lost, .evidence = std::get<ports::OutcomeUnknown>(outcome).detail};
}

}  // namespace obscura::conductor
