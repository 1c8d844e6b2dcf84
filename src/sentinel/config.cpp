#include "sentinel/config.hpp"

#include "ports/trade_store.hpp"

namespace obscura::sentinel {

void Config::bind_to(base::ConfigTable& table) {
    table.bind("sentinel.address", address, "address to listen on");
    table.bind("sentinel.port", port, "TCP port; 0 takes a free one");
    table.bind("sentinel.internal_api_key", internal_api_key,
               "X-Internal-API-Key that callers of /internal must send",
               [](std::string const& key) -> std::optional<std::string> {
                   if (key.size() >= 16) return std::nullopt;
                   return "at least 16 characters";
               });
    table.required();
    table.bind("sentinel.roster_poll_every", roster_poll_every,
               "how often to look for new and removed lead connections",
               {.min = 100, .max = 60'000});
    table.bind(
        "sentinel.max_buffered_trades", max_buffered_trades,
        "fills that may wait for PostgreSQL; beyond it feeds drop their sockets and fetch again",
        {.min = 1'000, .max = 10'000'000});
    table.bind("sentinel.commit_batch", commit_batch, "fills in one transaction",
               {.min = 1, .max = static_cast<std::int64_t>(ports::TradeStore::max_batch)});
    table.bind("sentinel.commit_retry_least", commit_retry_least,
               "first wait after a commit that failed", {.min = 1, .max = 60'000});
    table.bind("sentinel.commit_retry_most", commit_retry_most, "longest wait between such tries",
               {.min = 1, .max = 60'000});
}

}  // namespace obscura::sentinel
