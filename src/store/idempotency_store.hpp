#pragma once

#include "ports/idempotency_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// First answers, as obscura_app.
class PgIdempotencyStore final : public ports::IdempotencyStore {
public:
    explicit PgIdempotencyStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<Begun> begin(ports::IdempotencyKey key, std::string body_mac,
                                           base::Timestamp now) override;
    [[nodiscard]] ports::Task<void> finish(ports::IdempotencyKey key, base::Timestamp started_at,
                                           unsigned status, std::string body) override;
    [[nodiscard]] ports::Task<void> abandon(ports::IdempotencyKey key,
                                            base::Timestamp started_at) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
