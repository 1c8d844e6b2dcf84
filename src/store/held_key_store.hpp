#pragma once

#include "ports/held_key_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Sealed keys, as obscura_engine.
class PgHeldKeyStore final : public ports::HeldKeyStore {
public:
    explicit PgHeldKeyStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] net::Task<std::optional<ports::HeldKey>> current(
        ports::KeyPurpose purpose) override;
    [[nodiscard]] net::Task<ports::HeldKey> keep(ports::HeldKey key) override;
    /// The key of a purpose signs no more; it goes on verifying what it signed. False when there is
    /// none.
    [[nodiscard]] net::Task<bool> retire(ports::KeyPurpose purpose);

private:
    PgPool& pool_;
};

}  // namespace obscura::store
