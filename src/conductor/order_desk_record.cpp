// Writing down what was learned.
#include "conductor/order_desk.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"

#include <algorithm>

namespace obscura::conductor {

using namespace std::chrono_literals;

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
    tracked.recorded_fills = tracked.fills.size();
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
                fenced(e.what());
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
