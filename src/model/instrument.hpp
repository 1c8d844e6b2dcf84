#pragma once

#include "base/decimal.hpp"
#include "model/types.hpp"

#include <string>

namespace obscura::model {

/// What a venue allows for a symbol (Binance: LOT_SIZE, MARKET_LOT_SIZE, PRICE_FILTER, NOTIONAL).
struct Instrument {
    std::string symbol;       ///< the venue's name: "BTCUSDT"
    std::string base_asset;   ///< "BTC"
    std::string quote_asset;  ///< "USDT"
    Market market = Market::spot;
    base::Price tick{};     ///< > 0
    base::Quantity step{};  ///< > 0: of market orders
    base::Quantity min_quantity{};
    base::Quantity max_quantity{};  ///< of one market order
    base::Money min_notional{};
    bool is_trading = true;
};

}  // namespace obscura::model
