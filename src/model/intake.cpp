#include "model/intake.hpp"

#include <algorithm>

namespace obscura::model {

base::Quantity position_after(base::Quantity before, Side side, base::Quantity quantity) {
    auto const after = side == Side::buy ? before + quantity : before - quantity;
    return std::max(after, base::Quantity{});
}

base::Quantity net_quantity(Trade const& trade) {
    // "BTCUSDT" starts with its base asset; a fee in the quote asset or in BNB leaves the base
    // alone.
    bool const fee_in_base = trade.side == Side::buy && !trade.fee_asset.empty() &&
                             trade.symbol.size() > trade.fee_asset.size() &&
                             trade.symbol.starts_with(trade.fee_asset);
    return fee_in_base ? trade.quantity - base::Quantity{trade.fee} : trade.quantity;
}

std::string source_id_of(Trade const& trade) {
    return "t:" + trade.connection.to_string() + ":" + std::string(to_string(trade.market)) + ":" +
           trade.symbol + ":" + trade.venue_trade_id;
}

Signal signal_from_trade(Trade const& trade, TenantId pool_tenant, PoolId pool, TraderId trader,
                         base::Quantity leader_before, SignalId id, base::Timestamp accepted_at) {
    Signal signal;
    signal.id = id;
    signal.tenant = pool_tenant;
    signal.pool = pool;
    signal.source = SignalSource::trade;
    signal.source_id = source_id_of(trade);
    signal.leader_ref = trader.to_string();
    signal.symbol = trade.symbol;
    signal.side = trade.side;
    signal.quantity = trade.quantity;
    signal.price = trade.price;
    signal.order_type = OrderType::market;
    signal.venue = trade.venue;
    signal.market = trade.market;
    signal.environment = trade.environment;
    signal.priority = trade.side == Side::sell ? Priority::high : Priority::normal;
    signal.leader_before = leader_before;
    signal.leader_after = position_after(leader_before, trade.side, net_quantity(trade));
    signal.leader_executed_at = trade.executed_at;
    signal.ingested_at = trade.received_at;
    signal.accepted_at = accepted_at;
    return signal;
}

}  // namespace obscura::model
