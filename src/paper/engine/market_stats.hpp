#pragma once

#include "paper/engine/events.hpp"

#include <chrono>
#include <deque>
#include <vector>

namespace obscura::paper {

struct Candle {
    base::Timestamp open_time{};
    base::Price open{};
    base::Price high{};
    base::Price low{};
    base::Price close{};
    base::Quantity volume{};
    base::Money quote_volume{};
    std::uint64_t trades = 0;
    TradeId first_trade{};
    TradeId last_trade{};
};

/// What the public may see of a symbol: a day of one-minute candles and the latest trades, both
/// bounded. In memory only: it starts anew with the process.
class MarketStats {
public:
    static constexpr std::size_t max_trades = 1000;
    static constexpr std::size_t max_candles = 1440;

    void add(PublicTrade const& trade);

    [[nodiscard]] std::deque<PublicTrade> const& trades() const {
        return trades_;
    }  ///< oldest first
    /// Everything in memory as one candle; a flat one at `price` when nothing has traded.
    [[nodiscard]] Candle day(base::Price price, base::Timestamp now) const;
    /// Candles of `minutes` each, oldest first, at most `limit` of the newest.
    [[nodiscard]] std::vector<Candle> candles(std::chrono::minutes interval,
                                              std::size_t limit) const;

private:
    std::deque<PublicTrade> trades_;
    std::deque<Candle> minutes_;
};

}  // namespace obscura::paper
