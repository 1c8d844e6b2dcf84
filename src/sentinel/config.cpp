#include "sentinel/config.hpp"

#include "ports/trade_store.hpp"

namespace obscura::sentinel {

void Config::bind_to(base::ConfigTable& table) {
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
    table.bind("sentinel.audit_head_every", head_every,
               "how often the head of citadel's audit log is kept in PostgreSQL",
               {.min = 100, .max = 3'600'000});
}

}  // namespace obscura::sentinel
