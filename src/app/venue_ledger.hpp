#pragma once

#include "app/api_client.hpp"
#include "base/decimal.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace obscura::app {

/// One order as the paper venue's own ledger tells it.
struct LedgerOrder {
    std::int64_t order_id = 0;
    std::string account;  ///< label
    std::string symbol;
    std::string side;  ///< BUY, SELL
    std::string status;
    std::string client_order_id;
    base::Quantity executed{};
    std::vector<std::string> trade_ids;  ///< of its fills
};

/// The judge of everything: what the venue did, whatever we believe.
struct VenueLedger {
    std::vector<LedgerOrder> orders;
    std::map<std::pair<std::string, std::string>, base::Quantity> free;  ///< by (label, asset)

    [[nodiscard]] std::int64_t last_order_id() const;
    [[nodiscard]] base::Quantity balance(std::string const& label, std::string const& asset) const;
    /// Client order ids that came more than once: each is an order that was placed twice.
    [[nodiscard]] std::set<std::string> doubled() const;
};

/// Orders after `after_order_id`, and all balances.
[[nodiscard]] net::Task<VenueLedger> read_ledger(ApiClient& api, std::string paper_url,
                                                 std::int64_t after_order_id);

}  // namespace obscura::app
