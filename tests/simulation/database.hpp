#pragma once

#include "ports/store_unavailable.hpp"
#include "simulation/faults.hpp"
#include "simulation/node.hpp"
#include "simulation/record.hpp"

#include <functional>
#include <list>
#include <memory>
#include <set>

namespace obscura::simulation {

/// The server around the record: calls take time, fail, lose their answers; it restarts and keeps
/// what is committed; a planning transaction stays open between its reading and its commit, holds
/// its locks, and is rolled back when its client dies.
class Database {
public:
    using Body = std::function<void()>;

    Database(World& world, Faults& faults, Record& record);

    /// One transaction of one trip. `body` runs on the server; what it throws comes out here.
    template <class T>
    [[nodiscard]] base::Task<T> run(Node& client, Where where, std::function<T(Record&)> body) {
        co_await enter(client, where);
        co_return co_await call<T>(client, where, std::move(body), 0);
    }
    /// The same for one that changes the lease's epoch: it waits for every open transaction.
    template <class T>
    [[nodiscard]] base::Task<T> run_alone(Node& client, Where where,
                                          std::function<T(Record&)> body) {
        co_await enter(client, where);
        co_return co_await call<T>(client, where, std::move(body), 0, true);
    }

    /// Opens a transaction that stays: `body` reads, and says which signal it locks.
    using Transaction = std::uint64_t;
    template <class T>
    struct Opened {
        Transaction transaction = 0;
        T value;
    };
    template <class T>
    [[nodiscard]] base::Task<Opened<T>> open(Node& client, Where where, model::SignalId locks,
                                             std::function<T(Record&)> body) {
        co_await enter(client, where);
        std::function<Opened<T>(Record&)> opening = [this, &client, life = client.life(), locks,
                                                     body](Record& record) {
            if (!client.lives(life)) throw ports::StoreUnavailable("the client is gone");
            wait_for_lock(locks, 0);
            auto value = body(record);
            return Opened<T>{begin(client, locks), std::move(value)};
        };
        co_return co_await call<Opened<T>>(client, where, std::move(opening), 0);
    }
    /// Ends it with `body`; nullptr: rolled back.
    [[nodiscard]] base::Task<bool> commit(Node& client, Where where, Transaction transaction,
                                          std::function<bool(Record&)> body);
    void roll_back(Node& client, Transaction transaction);

    /// In the body of a transaction: comes back when nobody holds the signal.
    void wait_for_lock(model::SignalId signal, Transaction mine) const;

    void crash(microseconds away);
    void client_died(Node const& client);
    [[nodiscard]] bool is_up() const { return is_up_; }
    [[nodiscard]] Record& record() { return record_; }
    [[nodiscard]] bool is_idle() const { return open_.empty(); }

private:
    struct Locked {};  ///< thrown by a body that has to wait
    struct Open {
        Node* client;
        std::uint64_t life;
        model::SignalId locks;
        microseconds since;
    };
    [[nodiscard]] base::Task<void> enter(Node& client, Where where);
    [[nodiscard]] Transaction begin(Node& client, model::SignalId locks);
    void end(Transaction transaction);
    void expire_idle();
    [[nodiscard]] microseconds latency();

    template <class T>
    base::Task<T> call(Node& client, Where where, std::function<T(Record&)> body,
                       Transaction transaction, bool alone = false) {
        auto const fault = std::exchange(fault_, std::nullopt);
        std::move_only_function<void(Reply<T>)> send = [this, &client, where, body, transaction,
                                                        alone, fault](Reply<T> reply) {
            auto const out =
                latency() + (fault && fault->what == What::slow ? fault->span : microseconds(0));
            auto const generation = generation_;
            auto const life = client.life();
            world_.after(out, [=, this, &client] {
                serve<T>({&client, life, generation, where, transaction, alone, world_.now() + 10s,
                          fault},
                         body, reply);
            });
        };
        co_return co_await client.ask<T>(std::move(send));
    }
    struct Call {
        Node* client;
        std::uint64_t life;
        std::uint64_t generation;
        Where where;
        Transaction transaction;
        bool alone;
        microseconds deadline;  ///< of waiting for a lock
        std::optional<Fault> fault;
    };
    /// False when the call has been answered, or waits.
    template <class T>
    bool admit(Call const& call, std::function<T(Record&)> const& body, Reply<T> const& reply) {
        if (!is_up_ || call.generation != generation_) {
            answer_failure(reply, "the connection to the record broke");
            return false;
        }
        if (call.transaction != 0 && !open_.contains(call.transaction)) {
            answer_failure(reply, "the transaction has ended");
            return false;
        }
        // What a process had begun when it died: its bytes were out, or they were not.
        if (!call.client->lives(call.life) && dice_.chance(50)) return false;
        bool const waits = call.client->is_paused() && dice_.chance(50);
        if (waits || (call.alone && !open_.empty())) {
            if (world_.now() > call.deadline && !waits)
                answer_failure(reply, "canceling statement due to statement timeout");
            else
                world_.after(50ms, [=, this] { serve<T>(call, body, reply); });
            return false;
        }
        return true;
    }
    template <class T>
    void serve(Call const& call, std::function<T(Record&)> const& body, Reply<T> const& reply) {
        if (!admit<T>(call, body, reply)) return;
        auto const what = call.fault ? std::optional(call.fault->what) : std::nullopt;
        if (what == What::fail) {
            if (call.transaction != 0) end(call.transaction);
            return answer_failure(reply, "the record refused");
        }
        try {
            auto value = body(record_);
            if (call.transaction != 0) end(call.transaction);
            if (what == What::kill_after) call.client->kill();
            if (what == What::lose_answer)
                return answer_failure(reply, "the connection broke during the commit");
            answer(reply, std::move(value));
        } catch (Locked const&) {
            if (world_.now() > call.deadline)
                return answer_failure(reply, "canceling statement due to statement timeout");
            world_.after(5ms, [=, this] { serve<T>(call, body, reply); });
        } catch (...) {
            if (call.transaction != 0) end(call.transaction);
            auto const failure = std::current_exception();
            world_.after(latency(), [reply, failure] { reply.fail(failure); });
        }
    }
    template <class T>
    void answer(Reply<T> const& reply, T value) {
        auto const kept = std::make_shared<T>(std::move(value));
        world_.after(latency(), [reply, kept] { reply.with(std::move(*kept)); });
    }
    template <class T>
    void answer_failure(Reply<T> const& reply, char const* why) {
        world_.after(latency(), [reply, why] { reply.fail(ports::StoreUnavailable(why)); });
    }

    World& world_;
    Faults& faults_;
    Record& record_;
    Dice dice_;
    std::optional<Fault> fault_;  ///< of the call that is about to be sent
    bool is_up_ = true;
    std::uint64_t generation_ = 0;
    Transaction last_transaction_ = 0;
    std::map<Transaction, Open> open_;
};

}  // namespace obscura::simulation
