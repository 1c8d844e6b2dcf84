#pragma once

#include "model/ids.hpp"
#include "model/trade.hpp"

#include <vector>

namespace obscura::ports {

/// A stored fill and the leaders that it belongs to.
struct PublishedTrade {
    model::Trade trade;
    std::vector<model::TraderId> traders;
};

/// Tells the world about trades after they are committed. What it says may be lost: the outbox is
/// what conductor takes them from.
class TradePublisher {
public:
    virtual ~TradePublisher() = default;
    /// Never waits and never fails.
    virtual void publish(std::vector<PublishedTrade> const& trades) noexcept = 0;
};

}  // namespace obscura::ports
