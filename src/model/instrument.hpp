#pragma once

#include "base/decimal.hpp"
#include "model/types.hpp"

#include <algorithm>
#include <string>

namespace obscura::model {

/// What is traded. Only the first two are copied; the others are told apart so that nobody takes
/// them for a perpetual (Binance USD-M lists quarterly contracts beside its perpetuals).
enum class InstrumentKind {
    spot,
    linear_perpetual,  ///< quoted and settled in the quote asset, without an end
    linear_delivery,   ///< the same with a date of delivery
    inverse,           ///< settled in the base asset
};

/// What a venue allows for a symbol (Binance: LOT_SIZE, MARKET_LOT_SIZE, PRICE_FILTER, NOTIONAL or
/// MIN_NOTIONAL).
struct Instrument {
    std::string symbol;       ///< the venue's name: "BTCUSDT"
    std::string base_asset;   ///< "BTC"
    std::string quote_asset;  ///< "USDT"
    Market market = Market::spot;
    base::Price tick{};     ///< > 0
    base::Quantity step{};  ///< > 0: of market orders
    base::Quantity min_quantity{};
    base::Quantity max_quantity{};  ///< of one market order
    base::Money min_notional{};     ///< of opens; exits of futures (reduce-only) need none
    bool is_trading = true;
    InstrumentKind kind = InstrumentKind::spot;
    base::Quantity limit_max_quantity{};  ///< of one limit order; 0 = as for market orders
    /// Units of the base asset in one contract: quantities are always in the base asset here, and
    /// an adapter whose venue counts contracts divides by it (Binance USD-M: 1).
    base::Quantity contract_size{1};
    std::string margin_asset;  ///< futures: what margin, fees and results are paid in

    [[nodiscard]] base::Quantity max_quantity_of(OrderType type) const {
        return type == OrderType::limit && limit_max_quantity.is_positive()
                   ? std::max(limit_max_quantity, max_quantity)
                   : max_quantity;
    }
};

}  // namespace obscura::model
