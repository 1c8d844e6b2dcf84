#include "store/trade_publisher.hpp"

#include "base/log.hpp"

namespace obscura::store {

void RedisTradePublisher::publish(std::vector<ports::PublishedTrade> const& trades) noexcept {
    try {
        // First: conductor waits for nothing else.
        redis_.send({"PUBLISH", std::string(wake_channel), ""});
        for (auto const& [trade, traders] : trades) {
            auto const payload = model::to_json(trade).dump();
            for (auto const& trader : traders) {
                auto const id = trader.to_string();
                redis_.send({"XADD", "stream:trades:" + id, "MAXLEN", "~", "10000", "*", "payload",
                             payload});
                redis_.send({"PUBLISH", "trades." + id, payload});
            }
        }
    } catch (std::exception const& e) {
        base::log::warn("trades.not_published", {{"error", e.what()}});
    }
}

}  // namespace obscura::store
