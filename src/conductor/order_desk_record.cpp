// Writing down what was learned.
#include "conductor/order_desk.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace obscura::conductor {

using namespace std::chrono_literals;
namespace {

constexpr std::size_t max_gathered = 1'000;
constexpr std::chrono::milliseconds gather_glance = 5ms;

}  // namespace

void OrderDesk::record(Tracked& tracked, std::string evidence) {
    auto const& leg = tracked.armed.leg;
    ports::LegRecord entry{.leg = leg,
                           .venue_order_id = tracked.venue_order_id,
                           .executed_quantity = tracked.executed_quantity,
                           .executed_quote = tracked.executed_quote,
                           .fills = tracked.fills,
                           .gone = tracked.gone,
                           .evidence = std::move(evidence),
                           .signed_at = tracked.signed_at,
                           .sent_at = tracked.sent_at,
                           .accepted_at = tracked.accepted_at};
    tracked.recorded_fills = tracked.fills.size();
    if (to_record_.empty()) record_since_ = clock_.steady();
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

/// True when they are committed. False after anything but a change of owner.
base::Task<bool> OrderDesk::record_batch(std::vector<ports::LegRecord> records) {
    auto const started = clock_.steady();
    bool done = false;
    try {
        base::failpoint("conductor.before_record");
        auto released = co_await ports_.copies.record(epoch_, records, clock_.now());
        base::failpoint("conductor.after_record");
        ports_.on_recorded();
        if (!released.empty()) on_released_(std::move(released));
        done = true;
    } catch (ports::Fenced const& e) {
        fenced(e.what());
    } catch (std::exception const& e) {
        base::log::warn("orders.record_failed", {{"legs", records.size()}, {"detail", e.what()}});
    }
    record_seconds_.observe(clock_.steady() - started);
    co_return done;
}

/// A record that the database refuses holds up no other. Those that could not be written.
base::Task<std::vector<ports::LegRecord>> OrderDesk::record_one_by_one(
    std::vector<ports::LegRecord> records) {
    std::vector<ports::LegRecord> left;
    for (auto& entry : records) {
        std::vector<ports::LegRecord> one{entry};
        bool const recorded = co_await record_batch(std::move(one));
        if (!recorded) left.push_back(std::move(entry));
        if (scope_->stopping() || halted_) break;
    }
    co_return left;
}

/// What was learned from a venue is not let go: what could not be recorded waits for the next
/// round, unless something newer is known of the leg by then.
void OrderDesk::keep(std::vector<ports::LegRecord> records) {
    for (auto& entry : records) {
        auto const id = entry.leg.id;
        to_record_.try_emplace(id, std::move(entry));
    }
}

/// Orders go first: what was learned is kept for a moment while others wait to be signed or sent,
/// and is then written down at once for many. Until that is done the venue knows it.
base::Task<void> OrderDesk::gather_records() {
    while (!scope_->stopping() && !halted_ && to_record_.size() < max_gathered) {
        auto const left = record_since_ + config_.record_patience - clock_.steady();
        bool const busy = in_flight_ > 0 || expected_ > 0;
        if (!busy || left <= 0ms) co_return;
        (void)co_await record_event_.wait(
            std::min(std::chrono::ceil<std::chrono::milliseconds>(left), gather_glance));
    }
}

base::Task<void> OrderDesk::record_loop() {
    auto pause = 50ms;
    while (!scope_->stopping() || !to_record_.empty()) {
        if (to_record_.empty()) (void)co_await record_event_.wait(1s);
        if (!to_record_.empty()) co_await gather_records();
        auto records = take_records();
        if (records.empty()) continue;
        bool done = co_await record_batch(records);
        if (!done && records.size() > 1 && !halted_) {
            records = co_await record_one_by_one(std::move(records));
            done = records.empty();
            if (scope_->stopping()) co_return;
        }
        if (halted_) co_return;
        if (done) {
            pause = 50ms;
            continue;
        }
        if (scope_->stopping()) co_return;  // resolved from the venue at the next start
        keep(std::move(records));
        co_await net::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(2'000));
    }
}

}  // namespace obscura::conductor
