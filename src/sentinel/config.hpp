#pragma once

#include "base/config.hpp"

#include <chrono>
#include <cstddef>

namespace obscura::sentinel {

/// What sentinel itself can be told; addresses and keys belong to the composition root.
struct Config {
    std::chrono::milliseconds roster_poll_every{1'000};  ///< new and removed connections
    std::size_t max_buffered_trades = 50'000;            ///< fills waiting for the record
    std::size_t commit_batch = 1'000;                    ///< fills in one transaction
    std::chrono::milliseconds commit_retry_least{50};
    std::chrono::milliseconds commit_retry_most{2'000};

    std::chrono::milliseconds head_every{60'000};  ///< of citadel's audit log

    void bind_to(base::ConfigTable& table);
};

}  // namespace obscura::sentinel
