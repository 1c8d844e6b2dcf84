#pragma once

#include "base/config.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace obscura::sentinel {

/// What sentinel itself can be told; addresses of its neighbours belong to the composition root.
struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8002;
    base::Secret internal_api_key;                       ///< of the callers of /internal
    std::chrono::milliseconds roster_poll_every{1'000};  ///< new and removed connections
    std::size_t max_buffered_trades = 50'000;            ///< fills waiting for the record
    std::size_t commit_batch = 1'000;                    ///< fills in one transaction
    std::chrono::milliseconds commit_retry_least{50};
    std::chrono::milliseconds commit_retry_most{2'000};

    void bind_to(base::ConfigTable& table);
};

}  // namespace obscura::sentinel
