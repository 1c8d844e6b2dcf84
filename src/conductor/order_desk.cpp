#include "conductor/order_desk.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <set>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::LegEvent;
using Kind = LegEvent::Kind;

constexpr std::int64_t order_weight = 1;  // Binance spot: POST order 1
constexpr std::int64_t query_weight = 4;  // GET order 4
constexpr auto query_validity = 5s;
constexpr std::size_t max_queries_in_flight = 64;

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
            .time_in_force = model::TimeInForce::gtc,
            .client_order_id = leg.client_order_id,
            .reduce_only = leg.reduce_only};
}

}  // namespace

OrderDesk::OrderDesk(boost::asio::any_io_executor executor, EngineConfig const& config, Ports ports,
                     base::Clock const& clock, base::Metrics& metrics,
                     std::function<void(std::vector<model::SignalId>)> on_released,
                     std::function<void()> on_fenced)
    : executor_(executor),
      config_(config),
      ports_(std::move(ports)),
      clock_(clock),
      on_released_(std::move(on_released)),
      on_fenced_(std::move(on_fenced)),
      ready_event_(executor),
      agenda_event_(executor),
      record_event_(executor),
      sign_seconds_(stage(metrics, "sign")),
      submit_seconds_(stage(metrics, "submit")),
      record_seconds_(stage(metrics, "record")),
      unknown_(metrics.counter("obscura_conductor_unknown_total", "Orders without an answer")),
      rearmed_(metrics.counter("obscura_conductor_rearmed_total", "Attempts after the first")) {}

void OrderDesk::start(net::Scope& scope, ports::Epoch epoch) {
    scope_ = &scope;
    epoch_ = epoch;
    scope.spawn("orders.send", send_loop());
    scope.spawn("orders.agenda", agenda_loop());
    scope.spawn("orders.record", record_loop());
}

void OrderDesk::send(std::vector<ports::ArmedLeg> legs) {
    for (auto& armed : legs) {
        auto const id = armed.leg.id;
        auto& line = armed.leg.reduce_only ? ready_exits_ : ready_opens_;
        if (legs_.emplace(id, Tracked{.armed = std::move(armed)}).second) line.push_back(id);
    }
    ready_event_.notify();
}

void OrderDesk::resolve(std::vector<ports::ArmedLeg> legs) {
    for (auto& armed : legs) {
        auto const step = model::recover(armed.leg, clock_.now());
        auto const id = armed.leg.id;
        armed.leg.state = step.state;
        if (legs_.emplace(id, Tracked{.armed = std::move(armed)}).second)
            agenda_.put(id, step.action, step.when);
    }
    agenda_event_.notify();
}

OrderDesk::Tracked* OrderDesk::find(model::LegId id) {
    auto const it = legs_.find(id);
    return it == legs_.end() ? nullptr : &it->second;
}

model::RateBudget& OrderDesk::budget_of(model::Leg const& leg) {
    return budgets_.try_emplace({leg.venue, leg.environment}, config_.limits).first->second;
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
    while (!scope_->stopping()) {
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
    auto const now = clock_.now();
    for (auto const id : batch) {
        auto* tracked = find(id);
        if (tracked == nullptr) {
            --in_flight_;
            continue;
        }
        auto const& leg = tracked->armed.leg;
        auto const use = leg.reduce_only ? model::BudgetUse::exit_or_query : model::BudgetUse::open;
        auto const wait =
            budget_of(leg).reserve(leg.connection.to_string(), order_weight, 1, use, now);
        if (wait == 0ms && model::can_sign(leg, config_.legs, now)) {
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

ports::SignItem OrderDesk::sign_item(Tracked const& tracked, model::VenueOperation operation,
                                     base::Timestamp not_after) const {
    auto const& leg = tracked.armed.leg;
    return {.id = leg.id.to_string(),
            .venue = leg.venue,
            .environment = leg.environment,
            .market = leg.market,
            .context = tracked.armed.credentials.context,
            .credentials = tracked.armed.credentials.fields,
            .operation = std::move(operation),
            .not_after = not_after};
}

base::Task<OrderDesk::Signed> OrderDesk::sign(std::vector<ports::SignItem> items) {
    std::string broken;
    try {
        co_return co_await ports_.signer.sign(std::move(items));
    } catch (std::exception const& e) {
        broken = e.what();
    }
    co_return base::fail(base::Errc::unavailable, "citadel_unavailable", broken);
}

base::Task<void> OrderDesk::send_batch(Batch batch) {
    auto const granted = reserve(batch);
    std::vector<ports::SignItem> items;
    for (auto const id : granted) {
        auto const& tracked = *find(id);
        items.push_back(
            sign_item(tracked, place_order(tracked.armed.leg), tracked.armed.leg.send_not_after));
    }
    if (items.empty()) co_return;

    auto const started = clock_.steady();
    base::failpoint("conductor.before_sign");
    auto signed_items = co_await sign(std::move(items));
    base::failpoint("conductor.after_sign");
    sign_seconds_.observe(clock_.steady() - started);

    for (std::size_t i = 0; i < granted.size(); ++i) {
        base::Error failure;
        if (!signed_items)
            failure = signed_items.error();
        else if (!(*signed_items)[i])
            failure = (*signed_items)[i].error();
        else {
            scope_->spawn("orders.submit", submit(granted[i], std::move(*(*signed_items)[i])));
            continue;
        }
        --in_flight_;
        // citadel out of reach passes; a credential that it cannot use does not.
        bool const passes = failure.code == base::Errc::unavailable ||
                            failure.code == base::Errc::upstream_timeout ||
                            failure.code == base::Errc::rate_limited;
        apply(granted[i], {.kind = Kind::not_sent,
                           .retryable = passes,
                           .evidence = "citadel: " + failure.reason + ": " + failure.detail});
    }
    ready_event_.notify();
}

base::Task<void> OrderDesk::submit(model::LegId id, ports::SignedRequest request) {
    auto const started = clock_.steady();
    auto& tracked = *find(id);
    tracked.sent_at = clock_.now();
    if (!tracked.signed_at) tracked.signed_at = tracked.sent_at;
    auto* venue = ports_.venues.at(tracked.armed.leg.venue);
    ports::SubmitOutcome outcome;
    try {
        outcome = co_await venue->submit(std::move(request));
    } catch (std::exception const& e) {
        // Whatever broke, bytes may have left: the venue is asked.
        outcome = ports::OutcomeUnknown{e.what()};
    }
    base::failpoint("conductor.after_send");
    submit_seconds_.observe(clock_.steady() - started);
    --in_flight_;
    ready_event_.notify();
    if (auto* accepted = std::get_if<ports::Accepted>(&outcome)) {
        find(id)->accepted_at = clock_.now();
        auto const event = co_await event_of_order(id, std::move(accepted->order));
        apply(id, event);
        co_return;
    }
    apply(id, event_of(id, std::move(outcome)));
}

LegEvent OrderDesk::event_of(model::LegId id, ports::SubmitOutcome outcome) {
    if (auto* rejected = std::get_if<ports::Rejected>(&outcome))
        return {.kind = Kind::refused,
                .retryable = rejected->may_retry,
                .evidence = rejected->code + ": " + rejected->message};
    if (auto* throttled = std::get_if<ports::Throttled>(&outcome)) {
        budget_of(find(id)->armed.leg).pause_until(clock_.now() + throttled->retry_after);
        return {.kind = Kind::throttled,
                .evidence = "throttled by the venue",
                .retry_after = throttled->retry_after};
    }
    if (auto* not_sent = std::get_if<ports::NotSent>(&outcome))
        return {.kind = Kind::not_sent, .retryable = true, .evidence = not_sent->detail};
    unknown_.add();
    return {.kind = Kind::lost, .evidence = std::get<ports::OutcomeUnknown>(outcome).detail};
}

// Finding out
// ----------------------------------------------------------------------------------------

base::Task<LegEvent> OrderDesk::event_of_order(model::LegId id, ports::OrderState order) {
    auto& tracked = *find(id);
    tracked.venue_order_id = order.venue_order_id;
    tracked.executed_quantity = order.executed_quantity;
    tracked.executed_quote = order.executed_quote;
    if (!tracked.accepted_at) tracked.accepted_at = clock_.now();
    if (!order.fills.empty()) tracked.fills = std::move(order.fills);
    bool const complete = co_await complete_fills(id);
    if (!complete)
        co_return LegEvent{.kind = Kind::found_open, .evidence = "fills are not all known yet"};
    if (!order.is_final()) co_return LegEvent{.kind = Kind::found_open};
    bool const executed = order.executed_quantity.is_positive();
    co_return LegEvent{.kind = Kind::found_final,
                       .executed = executed,
                       .evidence = executed ? "" : "the venue ended the order without a fill"};
}

base::Task<bool> OrderDesk::complete_fills(model::LegId id) {
    auto& tracked = *find(id);
    base::Quantity known{};
    for (auto const& fill : tracked.fills) known += fill.quantity;
    if (known == tracked.executed_quantity) co_return true;

    model::ListTrades operation{.symbol = tracked.armed.leg.symbol,
                                .from_id = std::nullopt,
                                .venue_order_id = tracked.venue_order_id,
                                .start_time = std::nullopt};
    std::vector<ports::SignItem> items;
    items.push_back(sign_item(tracked, std::move(operation), clock_.now() + query_validity));
    auto requests = co_await sign(std::move(items));
    if (!requests || !requests->front()) co_return false;
    auto* venue = ports_.venues.at(tracked.armed.leg.venue);
    auto fills = co_await venue->list_fills(std::move(*requests->front()));
    if (!fills) co_return false;
    base::Quantity listed{};
    for (auto const& fill : *fills) listed += fill.quantity;
    tracked.fills = std::move(*fills);
    co_return listed == tracked.executed_quantity;
}

base::Task<void> OrderDesk::query(model::LegId id) {
    auto& tracked = *find(id);
    auto const& leg = tracked.armed.leg;
    LegEvent event{.kind = Kind::query_failed};
    auto const asked_at = clock_.now();
    auto const wait = budget_of(leg).reserve(leg.connection.to_string(), query_weight, 0,
                                             model::BudgetUse::exit_or_query, asked_at);
    event.retry_after = wait;
    if (wait == 0ms) {
        model::QueryOrder operation{.symbol = leg.symbol, .client_order_id = leg.client_order_id};
        std::vector<ports::SignItem> items;
        items.push_back(sign_item(tracked, std::move(operation), asked_at + query_validity));
        auto requests = co_await sign(std::move(items));
        if (requests && requests->front()) {
            auto* venue = ports_.venues.at(leg.venue);
            auto outcome = co_await venue->query(std::move(*requests->front()));
            if (auto* order = std::get_if<ports::OrderState>(&outcome))
                event = co_await event_of_order(id, std::move(*order));
            else if (std::holds_alternative<ports::OrderAbsent>(outcome))
                event = {.kind = Kind::found_absent, .asked_at = asked_at};
        }
    }
    --queries_in_flight_;
    base::failpoint("conductor.after_query");
    apply(id, event);
}

// Carrying out
// ---------------------------------------------------------------------------------------

void OrderDesk::apply(model::LegId id, LegEvent const& event) {
    auto& tracked = *find(id);
    auto& leg = tracked.armed.leg;
    auto const before = leg.state;
    auto const step = model::next_step(leg, event, config_.legs, clock_.now());
    // `armed` becomes durable again only by a rearm; what is recorded here is what was learned.
    if (step.action != model::LegStep::Action::rearm) leg.state = step.state;
    bool const news = leg.state != before || event.kind == Kind::found_open;
    if (step.action == model::LegStep::Action::finish ||
        (news && leg.state != model::LegState::armed))
        record(tracked, step.evidence);
    if (step.action == model::LegStep::Action::finish) {
        legs_.erase(id);
        return;
    }
    agenda_.put(id, step.action, step.when);
    agenda_event_.notify();
}

base::Task<void> OrderDesk::agenda_loop() {
    using Action = model::LegStep::Action;
    while (!scope_->stopping()) {
        Batch to_rearm;
        for (auto const& [id, action] : agenda_.due(clock_.now())) {
            auto* tracked = find(id);
            if (tracked == nullptr) continue;
            if (action == Action::rearm)
                to_rearm.push_back(id);
            else if (action == Action::send)
                (tracked->armed.leg.reduce_only ? ready_exits_ : ready_opens_).push_back(id);
            else if (queries_in_flight_ >= max_queries_in_flight)
                agenda_.put(id, action, clock_.now() + 50ms);
            else {
                ++queries_in_flight_;
                scope_->spawn("orders.query", query(id));
            }
        }
        if (!to_rearm.empty()) co_await rearm(std::move(to_rearm));
        ready_event_.notify();
        auto const next = agenda_.next();
        auto pause = std::chrono::milliseconds(1'000);
        if (next)
            pause = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.now()),
                               1ms, pause);
        (void)co_await agenda_event_.wait(pause);
    }
}

base::Task<void> OrderDesk::rearm(Batch batch) {
    std::vector<model::Leg> next;
    auto const now = clock_.now();
    for (auto const id : batch) {
        auto leg = find(id)->armed.leg;
        leg.state = model::LegState::armed;
        ++leg.attempt;
        leg.send_not_after = now + config_.legs.send_window;
        next.push_back(std::move(leg));
    }
    bool done = false;
    try {
        base::failpoint("conductor.before_rearm");
        co_await ports_.copies.rearm(epoch_, next);
        base::failpoint("conductor.after_rearm");
        done = true;
    } catch (ports::Fenced const& e) {
        base::log::error("orders.fenced", {{"detail", e.what()}});
        on_fenced_();
    } catch (std::exception const& e) {
        base::log::warn("orders.rearm_failed", {{"legs", batch.size()}, {"detail", e.what()}});
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!done) {
            agenda_.put(batch[i], model::LegStep::Action::rearm,
                        clock_.now() + config_.legs.retry_pause);
            continue;
        }
        rearmed_.add();
        find(batch[i])->armed.leg = next[i];
        (next[i].reduce_only ? ready_exits_ : ready_opens_).push_back(batch[i]);
    }
}

// Recording
// ------------------------------------------------------------------------------------------

void OrderDesk::record(Tracked& tracked, std::string evidence) {
    auto const& leg = tracked.armed.leg;
    ports::LegRecord entry{.leg = leg,
                           .venue_order_id = tracked.venue_order_id,
                           .executed_quantity = tracked.executed_quantity,
                           .executed_quote = tracked.executed_quote,
                           .fills = tracked.fills,
                           .evidence = std::move(evidence),
                           .signed_at = tracked.signed_at,
                           .sent_at = tracked.sent_at,
                           .accepted_at = tracked.accepted_at};
    // A later record of a leg holds everything of the earlier one.
    to_record_.insert_or_assign(leg.id, std::move(entry));
    record_event_.notify();
}

std::vector<ports::LegRecord> OrderDesk::take_records() {
    std::vector<ports::LegRecord> records;
    records.reserve(to_record_.size());
    for (auto& [id, entry] : to_record_) records.push_back(std::move(entry));
    to_record_.clear();
    return records;
}

base::Task<void> OrderDesk::record_loop() {
    while (!scope_->stopping() || !to_record_.empty()) {
        if (to_record_.empty()) (void)co_await record_event_.wait(1s);
        auto const records = take_records();
        auto pause = 50ms;
        // Retried until it holds: what was learned from a venue is not let go.
        for (bool done = records.empty(); !done;) {
            auto const started = clock_.steady();
            bool failed = false;
            try {
                base::failpoint("conductor.before_record");
                auto released = co_await ports_.copies.record(epoch_, records, clock_.now());
                base::failpoint("conductor.after_record");
                if (!released.empty()) on_released_(std::move(released));
                done = true;
            } catch (ports::Fenced const& e) {
                base::log::error("orders.fenced", {{"detail", e.what()}});
                on_fenced_();
                co_return;
            } catch (std::exception const& e) {
                base::log::warn("orders.record_failed",
                                {{"legs", records.size()}, {"detail", e.what()}});
                failed = true;
            }
            record_seconds_.observe(clock_.steady() - started);
            if (failed && scope_->stopping())
                co_return;  // resolved from the venue at the next start
            if (failed) co_await net::sleep_for(pause);
            pause = std::min(pause * 2, std::chrono::milliseconds(2'000));
        }
    }
}

}  // namespace obscura::conductor
