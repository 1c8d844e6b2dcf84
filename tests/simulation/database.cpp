#include "simulation/database.hpp"

#include "conductor/config.hpp"

#include <fmt/format.h>

namespace obscura::simulation {
namespace {

/// A client that leaves a transaction open is cut off (src/app/conductor_service.cpp).
microseconds const idle_in_transaction = conductor::EngineConfig{}.lease_ttl;

}  // namespace

Database::Database(World& world, Faults& faults, Record& record)
    : world_(world), faults_(faults), record_(record), dice_(world.dice("database")) {}

microseconds Database::latency() {
    return dice_.between(microseconds(100us), microseconds(1500us));
}

/// What strikes the caller before its call; the rest of the fault goes with the call.
base::Task<void> Database::enter(Node& client, Where where) {
    auto const fault = faults_.at(where);
    if (fault && fault->what == What::kill_before) client.kill();
    if (fault && fault->what == What::pause) {
        client.pause();
        world_.after(fault->span, [&client, life = client.life()] {
            if (client.lives(life)) client.resume();
        });
        co_await net::sleep_for(std::chrono::milliseconds(0));
    }
    fault_ = fault;
}

Database::Transaction Database::begin(Node& client, model::SignalId locks) {
    open_.emplace(++last_transaction_, Open{&client, client.life(), locks, world_.now()});
    world_.after(idle_in_transaction, [this] { expire_idle(); });
    return last_transaction_;
}

void Database::end(Transaction transaction) { open_.erase(transaction); }

void Database::expire_idle() {
    std::erase_if(open_, [&](auto const& entry) {
        return world_.now() - entry.second.since >= idle_in_transaction;
    });
}

base::Task<bool> Database::commit(Node& client, Where where, Transaction transaction,
                                  std::function<bool(Record&)> body) {
    co_await enter(client, where);
    co_return co_await call<bool>(client, where, std::move(body), transaction);
}

void Database::roll_back(Node& client, Transaction transaction) {
    if (client.is_up()) world_.after(latency(), [this, transaction] { end(transaction); });
}

void Database::wait_for_lock(model::SignalId signal, Transaction mine) const {
    for (auto const& [transaction, open] : open_)
        if (transaction != mine && open.locks == signal) throw Locked{};
}

void Database::crash(microseconds away) {
    world_.note("database restarts");
    is_up_ = false;
    ++generation_;
    open_.clear();
    world_.after(away, [this, mine = generation_] {
        if (mine != generation_) return;
        is_up_ = true;
        world_.note("database is back");
    });
}

/// The server sees the connection end, soon.
void Database::client_died(Node const& client) {
    world_.after(dice_.between(microseconds(1ms), microseconds(30ms)), [this, &client] {
        std::erase_if(open_, [&](auto const& entry) {
            return entry.second.client == &client && !client.lives(entry.second.life);
        });
    });
}

}  // namespace obscura::simulation
