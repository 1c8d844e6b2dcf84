#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"

#include <string>

namespace obscura::model {

/// A leader's fill, in the same form whichever venue it came from. (connection, market, symbol,
/// venue_trade_id) is its identity: what has been seen is dropped by it.
struct Trade {
    TradeId id{};
    TenantId tenant{};
    ConnectionId connection{};
    std::string venue;
    Environment environment = Environment::paper;
    Market market = Market::spot;
    std::string symbol;
    std::string venue_trade_id;
    std::string venue_order_id;
    Side side = Side::buy;
    base::Price price{};
    base::Quantity quantity{};
    base::Decimal fee{};
    std::string fee_asset;
    bool is_maker = false;
    base::Timestamp executed_at{};  ///< the venue's clock
    base::Timestamp received_at{};  ///< ours, when the bytes arrived
    bool via_backfill = false;      ///< REST rather than the stream
};

}  // namespace obscura::model
