#include "ports/copy_store.hpp"

namespace obscura::ports {

void add_foreign_fills(LegRecord& record, model::HeldElsewhere const& held, base::Timestamp now) {
    auto const unexplained = "gone-" + record.leg.id.to_string();
    for (auto& trade : model::closed_elsewhere(held, record.gone->trades, unexplained, now))
        record.fills.push_back({.venue_trade_id = std::move(trade.venue_trade_id),
                                .price = trade.price,
                                .quantity = trade.quantity,
                                .fee = trade.fee,
                                .fee_asset = std::move(trade.fee_asset),
                                .executed_at = trade.executed_at,
                                .is_foreign = true});
}

}  // namespace obscura::ports
