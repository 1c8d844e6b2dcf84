#pragma once

#include "app/api_client.hpp"
#include "base/decimal.hpp"
#include "model/types.hpp"

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
    bool reduce_only = false;            ///< futures
};

/// The judge of everything: what the venue did, whatever we believe.
struct VenueLedger {
    std::vector<LedgerOrder> orders;
    std::map<std::pair<std::string, std::string>, base::Quantity> free;  ///< by (label, asset)
    /// Of futures, by (label, symbol): what is open, short ones negative.
    std::map<std::pair<std::string, std::string>, base::Quantity> positions;

    [[nodiscard]] std::int64_t last_order_id() const;
    [[nodiscard]] base::Quantity balance(std::string const& label, std::string const& asset) const;
    [[nodiscard]] base::Quantity position(std::string const& label,
                                          std::string const& symbol) const;
    /// Client order ids that came more than once: each is an order that was placed twice.
    [[nodiscard]] std::set<std::string> doubled() const;
};

/// Orders of the market after `after_order_id`, and all balances and positions in it.
[[nodiscard]] net::Task<VenueLedger> read_ledger(ApiClient& api, std::string paper_url,
                                                 std::int64_t after_order_id,
                                                 model::Market market = model::Market::spot);

}  // namespace obscura::app
