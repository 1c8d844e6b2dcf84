#pragma once

#include "ports/trade_publisher.hpp"
#include "store/redis.hpp"

namespace obscura::store {

/// `stream:trades:<trader>` (the last 10,000 or so, field `payload`), `trades.<trader>` for live
/// views, and the wake-up of conductor, which then reads the outbox.
class RedisTradePublisher final : public ports::TradePublisher {
public:
    static constexpr std::string_view wake_channel = "obscura:wake:conductor";
    explicit RedisTradePublisher(Redis& redis) : redis_(redis) {}
    void publish(std::vector<ports::PublishedTrade> const& trades) noexcept override;

private:
    Redis& redis_;
};

}  // namespace obscura::store
