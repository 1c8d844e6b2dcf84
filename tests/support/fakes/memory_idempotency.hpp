#pragma once

#include "ports/idempotency_store.hpp"
#include "support/fakes/memory_record.hpp"

#include <map>
#include <tuple>

namespace obscura::test {

class MemoryIdempotencyStore final : public ports::IdempotencyStore {
public:
    explicit MemoryIdempotencyStore(MemoryRecord& record) : record_(record) {}
    ports::Task<Begun> begin(ports::IdempotencyKey key, std::string body_mac,
                             base::Timestamp now) override {
        record_.reach();
        using Kind = Begun::Kind;
        Entry const fresh{body_mac, now, now, {}, ""};
        auto const [found, entered] = entries_.try_emplace(name(key), fresh);
        auto& entry = found->second;
        bool const is_running = !entry.status && now - entry.started_at < in_flight_for;
        bool const is_over = !is_running && now - entry.first_seen >= lifetime;
        if (is_over) entry = fresh;
        if (entered || is_over)
            co_return Begun{.kind = Kind::proceed, .first_seen = now, .started_at = now};
        if (entry.mac != body_mac) co_return Begun{.kind = Kind::mismatch};
        if (is_running) co_return Begun{.kind = Kind::in_flight};
        if (entry.status.value_or(0) == 0) {
            entry.status.reset();
            entry.started_at = now;
            co_return Begun{
                .kind = Kind::proceed, .first_seen = entry.first_seen, .started_at = now};
        }
        co_return Begun{.kind = Kind::replay,
                        .first_seen = entry.first_seen,
                        .status = *entry.status,
                        .body = entry.body};
    }
    ports::Task<void> finish(ports::IdempotencyKey key, base::Timestamp started_at, unsigned status,
                             std::string body) override {
        record_.reach();
        auto& entry = entries_.at(name(key));
        if (entry.started_at != started_at) co_return;
        entry.status = status;
        entry.body = std::move(body);
        co_return;
    }
    ports::Task<void> abandon(ports::IdempotencyKey key, base::Timestamp started_at) override {
        record_.reach();
        auto& entry = entries_.at(name(key));
        if (entry.started_at == started_at) entry.status = 0;
        co_return;
    }
    /// As if every first request were still being answered.
    void reopen() {
        for (auto& [key, entry] : entries_) entry.status.reset();
    }
    /// As if every request had ended without an answer worth keeping.
    void abandon_all() {
        for (auto& [key, entry] : entries_) entry.status = 0;
    }
    /// Every body kept, for looking for secrets.
    [[nodiscard]] std::string all_bodies() const {
        std::string out;
        for (auto const& [key, entry] : entries_) out += entry.body + "\n";
        return out;
    }

private:
    struct Entry {
        std::string mac;
        base::Timestamp first_seen;
        base::Timestamp started_at;
        std::optional<unsigned> status;
        std::string body;
    };
    using Name = std::tuple<model::TenantId, std::string, std::string, std::string>;
    static Name name(ports::IdempotencyKey const& key) {
        return {key.tenant, key.caller, key.route, key.key};
    }

    MemoryRecord& record_;
    std::map<Name, Entry> entries_;
};

}  // namespace obscura::test
