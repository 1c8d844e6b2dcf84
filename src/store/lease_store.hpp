#pragma once

#include "ports/lease_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

class PgLeaseStore final : public ports::LeaseStore {
public:
    explicit PgLeaseStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<std::optional<ports::Epoch>> acquire(
        std::string name, std::string owner, std::chrono::milliseconds ttl) override;
    [[nodiscard]] ports::Task<bool> renew(std::string name, ports::Epoch epoch,
                                          std::chrono::milliseconds ttl) override;
    ports::Task<void> release(std::string name, ports::Epoch epoch) override;

private:
    PgPool& pool_;
};

/// Holds the lease's row against a change of owner until the transaction ends; throws ports::Fenced
/// when the epoch is not `epoch` any more. Part of every fenced transaction: held
/// until its commit, wherever in it that was asked.
[[nodiscard]] net::Task<void> hold_epoch(PgTransaction& tx, std::string_view name,
                                         ports::Epoch epoch);
/// The same in two halves, so that other statements go out between them. What they did is undone
/// when the second throws.
[[nodiscard]] PgTransaction::Asked ask_epoch(PgTransaction& tx, std::string_view name);
[[nodiscard]] net::Task<void> expect_epoch(PgTransaction& tx, PgTransaction::Asked asked,
                                           std::string_view name, ports::Epoch epoch);

}  // namespace obscura::store
