#pragma once

#include "ports/trade_store.hpp"

#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

namespace obscura::test {

/// The record in memory, without chains and outbox; it can be made to fail and to wait.
class FakeTradeStore final : public ports::TradeStore {
public:
    int failures_ahead = 0;           ///< so many appends throw before they do anything
    bool fails_after_commit = false;  ///< the next append takes effect and throws
    std::function<ports::Task<void>()> before_append;
    std::vector<ports::FeedDelivery> batches;  ///< as they were appended
    std::vector<model::Trade> trades;
    int partition_calls = 0;

    [[nodiscard]] ports::Task<std::vector<model::Trade>> append(
        ports::FeedDelivery batch) override {
        if (before_append) co_await before_append();
        if (failures_ahead > 0) {
            --failures_ahead;
            throw std::runtime_error("the record is away");
        }
        batches.push_back(batch);
        std::vector<model::Trade> fresh;
        for (auto& trade : batch.trades)
            if (known_.insert(trade.id).second) fresh.push_back(std::move(trade));
        trades.insert(trades.end(), fresh.begin(), fresh.end());
        for (auto& cursor : batch.cursors) {
            auto const key = std::tuple(cursor.connection, cursor.market, cursor.symbol);
            auto const [place, is_first] = cursors_.try_emplace(key, cursor);
            place->second.last_trade_id =
                std::max(place->second.last_trade_id, cursor.last_trade_id);
        }
        if (std::exchange(fails_after_commit, false)) throw std::runtime_error("lost the answer");
        co_return fresh;
    }
    [[nodiscard]] ports::Task<std::vector<ports::FeedCursor>> cursors(
        model::ConnectionId connection) override {
        std::vector<ports::FeedCursor> out;
        for (auto const& [key, cursor] : cursors_)
            if (cursor.connection == connection) out.push_back(cursor);
        co_return out;
    }
    [[nodiscard]] ports::Task<int> ensure_partitions(int) override {
        ++partition_calls;
        co_return 0;
    }

private:
    std::set<model::TradeId> known_;
    std::map<std::tuple<model::ConnectionId, model::Market, std::string>, ports::FeedCursor>
        cursors_;
};

}  // namespace obscura::test
