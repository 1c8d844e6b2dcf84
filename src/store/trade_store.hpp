#pragma once

#include "ports/trade_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Leaders' fills, chains, cursors and outbox, as obscura_engine. The row of an account's chain is
/// the lock under which its fills are compared and stored, so that several sentinels may follow the
/// same account.
class PgTradeStore final : public ports::TradeStore {
public:
    explicit PgTradeStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<std::vector<model::Trade>> append(ports::FeedDelivery batch) override;
    [[nodiscard]] ports::Task<std::vector<ports::FeedCursor>> cursors(
        model::ConnectionId connection) override;
    [[nodiscard]] ports::Task<int> ensure_partitions(int months_ahead) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
