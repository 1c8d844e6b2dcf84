#include "simulation/stores.hpp"

#include <fmt/format.h>

namespace obscura::simulation {

using ports::Task;

namespace {

std::string told(model::Signal const& signal) {
    return fmt::format("signal {} ({} {}, {} to {})", signal.sequence, to_string(signal.side),
                       signal.symbol, signal.leader_before.to_string(),
                       signal.leader_after.to_string());
}

std::string told(std::vector<ports::PlannedCopy> const& planned) {
    std::string text;
    for (auto const& copy : planned)
        text += " " + (copy.leg              ? copy.leg->client_order_id
                       : copy.reason.empty() ? "waits"
                                             : copy.reason);
    return text;
}

std::string told(std::vector<ports::LegRecord> const& records) {
    std::string text;
    for (auto const& r : records)
        text += fmt::format(" {} {} {}{}", r.leg.client_order_id, to_string(r.leg.state),
                            r.executed_quantity.to_string(),
                            r.evidence.empty() ? "" : " (" + r.evidence + ")");
    return text;
}

}  // namespace

Task<ports::CopyStore::Plan> SimulatedStores::plan(ports::Epoch epoch, model::Signal signal,
                                                   Try which, Planner planner) {
    auto const now = node_.clock().now();
    std::function<Record::PlanRead(Record&)> read = [epoch, signal, now](Record& record) {
        return record.plan_read(epoch, signal, now);
    };
    auto opened =
        co_await database_.open<Record::PlanRead>(node_, Where::plan, signal.id, std::move(read));
    Plan plan{.earlier = std::move(opened.value.earlier)};
    std::exception_ptr failure;
    if (!opened.value.is_over) {
        if (which == Try::again) plan.unsent = std::move(opened.value.unsent);
        try {
            plan.planned = planner(opened.value.candidates);
        } catch (...) {
            failure = std::current_exception();
        }
    }
    if (failure) {
        database_.roll_back(node_, opened.transaction);
        std::rethrow_exception(failure);
    }
    auto const cursor = opened.value.cursor;
    std::function<bool(Record&)> write = [epoch, signal, now, cursor, over = opened.value.is_over,
                                          planned = plan.planned, &node = node_](Record& record) {
        if (over) return false;
        bool const waits = record.plan_commit(epoch, signal, planned, cursor, now);
        node.world().note(node.name() + " planned " + told(signal) + ":" + told(planned) +
                          (cursor ? " and more" : ""));
        return waits;
    };
    plan.waits =
        co_await database_.commit(node_, Where::plan_commit, opened.transaction, std::move(write));
    plan.is_whole = !cursor;
    co_return plan;
}

Task<std::vector<model::Signal>> SimulatedStores::record(ports::Epoch epoch,
                                                         std::vector<ports::LegRecord> records,
                                                         base::Timestamp now) {
    if (records.empty()) co_return std::vector<model::Signal>{};
    std::function<std::vector<model::Signal>(Record&)> body = [=, this](Record& record) {
        auto released = record.record(epoch, records);
        node_.world().note(node_.name() + " recorded" + told(records));
        return released;
    };
    auto released =
        co_await database_.run<std::vector<model::Signal>>(node_, Where::record, std::move(body));
    std::function<bool(Record&)> ends = [=, this](Record& record) {
        record.hold(epoch);
        for (auto const& r : records)
            if (r.leg.is_final()) database_.wait_for_lock(r.leg.signal, 0);
        record.end_signals(epoch, records, now);
        return true;
    };
    (void)co_await database_.run<bool>(node_, Where::record, std::move(ends));
    co_return released;
}

Task<void> SimulatedStores::rearm(ports::Epoch epoch, std::vector<model::Leg> legs) {
    std::function<bool(Record&)> body = [=, &node = node_](Record& record) {
        record.rearm(epoch, legs);
        for (auto const& leg : legs)
            node.world().note(fmt::format("{} armed {} attempt {}", node.name(),
                                          leg.client_order_id, leg.attempt));
        return true;
    };
    (void)co_await database_.run<bool>(node_, Where::rearm, std::move(body));
}

Task<std::vector<ports::ArmedLeg>> SimulatedStores::unresolved(ports::Epoch epoch) {
    std::function<std::vector<ports::ArmedLeg>(Record&)> body = [epoch](Record& record) {
        return record.unresolved(epoch);
    };
    co_return co_await database_.run<std::vector<ports::ArmedLeg>>(node_, Where::read,
                                                                   std::move(body));
}

Task<ports::SignalStore::Moved> SimulatedStores::move_trades(std::size_t limit) {
    // The dice are thrown here: the process may be gone when the server gets to it.
    std::function<Moved(Record&)> body = [limit, now = node_.clock().now(),
                                          seed = random_.next_u64(),
                                          &node = node_](Record& record) {
        base::SeededRandom ids(seed);
        auto moved = record.move_trades(limit, now, ids);
        for (auto const& signal : moved.signals)
            node.world().note(node.name() + " took in " + told(signal));
        return moved;
    };
    co_return co_await database_.run<Moved>(node_, Where::move, std::move(body));
}

Task<base::Result<ports::SignalStore::Accepted>> SimulatedStores::accept(
    ports::Caller caller, model::PoolId pool, model::SignalRequest request,
    model::SignalSource source) {
    using Answer = base::Result<Accepted>;
    std::function<Answer(Record&)> body = [=, now = node_.clock().now(), seed = random_.next_u64(),
                                           &node = node_](Record& record) {
        base::SeededRandom ids(seed);
        auto accepted = record.accept(caller, pool, request, source, now, ids);
        if (accepted && !accepted->answer.was_known)
            node.world().note(node.name() + " accepted " + told(accepted->signal));
        return accepted;
    };
    co_return co_await database_.run<Answer>(node_, Where::accept, std::move(body));
}

Task<std::vector<model::Signal>> SimulatedStores::unfinished(std::size_t limit) {
    std::function<std::vector<model::Signal>(Record&)> body = [limit](Record& record) {
        return record.unfinished(limit);
    };
    co_return co_await database_.run<std::vector<model::Signal>>(node_, Where::read,
                                                                 std::move(body));
}

Task<std::vector<model::Signal>> SimulatedStores::forgotten(base::Timestamp accepted_before,
                                                            std::size_t limit) {
    std::function<std::vector<model::Signal>(Record&)> body =
        [=, now = node_.clock().now()](Record& record) {
            return record.forgotten(accepted_before, now, limit);
        };
    co_return co_await database_.run<std::vector<model::Signal>>(node_, Where::sweep,
                                                                 std::move(body));
}

Task<base::Result<base::Json>> SimulatedStores::status(ports::Caller, model::PoolId,
                                                       model::SignalId) {
    co_return base::fail(base::Errc::not_found, "signal_not_found", "Not simulated.");
}
Task<base::Result<base::Json>> SimulatedStores::list(ports::Caller, model::PoolId, std::string,
                                                     int) {
    co_return base::fail(base::Errc::not_found, "pool_not_found", "Not simulated.");
}

Task<std::optional<ports::Epoch>> SimulatedStores::acquire(std::string name, std::string owner,
                                                           std::chrono::milliseconds ttl) {
    using Answer = std::optional<ports::Epoch>;
    auto& world = node_.world();
    std::function<Answer(Record&)> body = [=, &world](Record& record) {
        auto const epoch = record.acquire(name, owner, ttl, world.time());
        if (epoch) world.note(owner + " leads, epoch " + std::to_string(*epoch));
        return epoch;
    };
    co_return co_await database_.run_alone<Answer>(node_, Where::acquire, std::move(body));
}

Task<bool> SimulatedStores::renew(std::string name, ports::Epoch epoch,
                                  std::chrono::milliseconds ttl) {
    auto& world = node_.world();
    std::function<bool(Record&)> body = [=, &world](Record& record) {
        return record.renew(name, epoch, ttl, world.time());
    };
    co_return co_await database_.run<bool>(node_, Where::renew, std::move(body));
}

Task<void> SimulatedStores::release(std::string name, ports::Epoch epoch) {
    auto& world = node_.world();
    std::function<bool(Record&)> body = [=, &world](Record& record) {
        record.release(name, epoch, world.time());
        return true;
    };
    (void)co_await database_.run<bool>(node_, Where::read, std::move(body));
}

Task<std::vector<model::Trade>> SimulatedStores::append(ports::FeedDelivery batch) {
    std::function<std::vector<model::Trade>(Record&)> body = [batch,
                                                              &node = node_](Record& record) {
        auto fresh = record.append(batch);
        for (auto const& trade : fresh)
            node.world().note(node.name() + " stored fill " + trade.venue_trade_id);
        return fresh;
    };
    co_return co_await database_.run<std::vector<model::Trade>>(node_, Where::append,
                                                                std::move(body));
}

Task<std::vector<ports::FeedCursor>> SimulatedStores::cursors(model::ConnectionId connection) {
    std::function<std::vector<ports::FeedCursor>(Record&)> body = [connection](Record& record) {
        return record.cursors(connection);
    };
    co_return co_await database_.run<std::vector<ports::FeedCursor>>(node_, Where::read,
                                                                     std::move(body));
}

Task<int> SimulatedStores::ensure_partitions(int) { co_return 0; }

Task<std::vector<ports::LeaderAccount>> SimulatedStores::active_leads() {
    std::function<std::vector<ports::LeaderAccount>(Record&)> body = [told = leads](Record&) {
        return told;
    };
    co_return co_await database_.run<std::vector<ports::LeaderAccount>>(node_, Where::read,
                                                                        std::move(body));
}

}  // namespace obscura::simulation
