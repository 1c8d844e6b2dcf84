#include "model/intake.hpp"

namespace obscura::model {

std::string source_id_of(Trade const& trade) {
    return "t:" + trade.connection.to_string() + ":" + std::string(to_string(trade.market)) + ":" +
           trade.symbol + ":" + trade.venue_trade_id;
}

base::Quantity leader_after(Signal const& signal) {
    auto const kind = position_kind(signal.market, signal.position_side);
    PositionMove move{.before = signal.leader_before, .after = {}};
    move.after = position_after(kind, move.before, signed_change(signal.side, signal.quantity));
    return signal.reduce_only ? reduction_of(move).after : move.after;
}

Signal signal_from_trade(Trade const& trade, TenantId pool_tenant, PoolId pool, TraderId trader,
                         PositionMove const& move, SignalId id, base::Timestamp accepted_at) {
    Signal signal;
    signal.id = id;
    signal.tenant = pool_tenant;
    signal.pool = pool;
    signal.source = SignalSource::trade;
    signal.source_id = source_id_of(trade);
    signal.leader_ref = trader.to_string();
    signal.symbol = trade.symbol;
    signal.quantity = trade.quantity;
    signal.price = trade.price;
    signal.order_type = OrderType::market;
    signal.venue = trade.venue;
    signal.market = trade.market;
    signal.environment = trade.environment;
    signal.position_side = trade.position_side;
    auto const to_follow = followed(move);
    signal.leader_before = to_follow.before;
    signal.leader_after = to_follow.after;
    signal.side = side_of(to_follow, trade.side);
    signal.priority = signal.is_reducing() ? Priority::high : Priority::normal;
    signal.leader_executed_at = trade.executed_at;
    signal.ingested_at = trade.received_at;
    signal.accepted_at = accepted_at;
    return signal;
}

}  // namespace obscura::model
