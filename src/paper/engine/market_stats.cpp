#include "paper/engine/market_stats.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

void merge(Candle& into, Candle const& next) {
    into.high = std::max(into.high, next.high);
    into.low = std::min(into.low, next.low);
    into.close = next.close;
    into.volume += next.volume;
    into.quote_volume += next.quote_volume;
    into.trades += next.trades;
    into.last_trade = next.last_trade;
}

Candle candle_of(PublicTrade const& trade, base::Timestamp open_time) {
    return {.open_time = open_time,
            .open = trade.price,
            .high = trade.price,
            .low = trade.price,
            .close = trade.price,
            .volume = trade.quantity,
            .quote_volume = notional(trade.price, trade.quantity, base::Rounding::toward_zero),
            .trades = 1,
            .first_trade = trade.id,
            .last_trade = trade.id};
}

base::Timestamp floor_to(base::Timestamp time, std::chrono::minutes interval) {
    return time - time.time_since_epoch() % interval;
}

}  // namespace

void MarketStats::add(PublicTrade const& trade) {
    trades_.push_back(trade);
    if (trades_.size() > max_trades) trades_.pop_front();
    auto const candle = candle_of(trade, floor_to(trade.time, std::chrono::minutes(1)));
    if (!minutes_.empty() && minutes_.back().open_time >= candle.open_time) {
        merge(minutes_.back(), candle);
        return;
    }
    minutes_.push_back(candle);
    if (minutes_.size() > max_candles) minutes_.pop_front();
}

Candle MarketStats::day(base::Price price, base::Timestamp now) const {
    if (minutes_.empty()) {
        return {.open_time = now, .open = price, .high = price, .low = price, .close = price};
    }
    auto total = minutes_.front();
    for (std::size_t i = 1; i < minutes_.size(); ++i) merge(total, minutes_[i]);
    total.close = price;
    return total;
}

std::vector<Candle> MarketStats::candles(std::chrono::minutes interval, std::size_t limit) const {
    std::vector<Candle> merged;
    for (auto const& minute : minutes_) {
        auto const open_time = floor_to(minute.open_time, interval);
        if (!merged.empty() && merged.back().open_time == open_time) {
            merge(merged.back(), minute);
        } else {
            merged.push_back(minute);
            merged.back().open_time = open_time;
        }
    }
    if (merged.size() > limit)
        merged.erase(merged.begin(), merged.end() - static_cast<long>(limit));
    return merged;
}

}  // namespace obscura::paper
