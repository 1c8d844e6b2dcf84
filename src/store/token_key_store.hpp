#pragma once

#include "ports/token_key_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Keys of access tokens, as obscura_app.
class PgTokenKeyStore final : public ports::TokenKeyStore {
public:
    explicit PgTokenKeyStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] net::Task<std::optional<ports::HeldKey>> current() override;
    [[nodiscard]] net::Task<ports::HeldKey> keep(ports::HeldKey key) override;
    [[nodiscard]] net::Task<std::vector<ports::PublicKeyRecord>> verifying(
        base::Timestamp since) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
