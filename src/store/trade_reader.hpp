#pragma once

#include "ports/trade_reader.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Leaders' fills for lists: as obscura_app with the query's tenant, as obscura_engine without.
class PgTradeReader final : public ports::TradeReader {
public:
    explicit PgTradeReader(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<ports::TradePage>> list(
        ports::TradeQuery query) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
