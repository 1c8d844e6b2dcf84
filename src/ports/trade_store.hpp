#pragma once

#include "ports/leader_feed.hpp"

#include <vector>

namespace obscura::ports {

/// The record of leaders' fills. Every call throws when the record is out of reach; `append` may
/// then have taken effect or not, and is called again with the same batch.
class TradeStore {
public:
    virtual ~TradeStore() = default;

    /// One transaction: stores the trades whose identity is new, extends the arrival chain of their
    /// connections in the order given, writes one outbox row for each, moves the cursors forward
    /// (never back). Returns those that were new, in order. At most `max_batch` trades; ids are
    /// set.
    static constexpr std::size_t max_batch = 5'000;
    [[nodiscard]] virtual Task<std::vector<model::Trade>> append(FeedDelivery batch) = 0;

    /// The stored cursors of one account.
    [[nodiscard]] virtual Task<std::vector<FeedCursor>> cursors(model::ConnectionId connection) = 0;

    /// Makes the date partitions of this month and `months_ahead`; returns how many were missing.
    [[nodiscard]] virtual Task<int> ensure_partitions(int months_ahead) = 0;
};

}  // namespace obscura::ports
