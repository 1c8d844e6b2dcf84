#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"

#include <string>
#include <vector>

namespace obscura::app::bench {

/// One order as the paper venue's ledger tells it; its times are whole milliseconds.
struct Acceptance {
    std::int64_t order_id = 0;
    std::string account;  ///< label
    std::string side;     ///< BUY, SELL
    base::Timestamp accepted_at{};
};

/// The orders of a page of the ledger. Throws std::runtime_error when it is none.
[[nodiscard]] std::vector<Acceptance> acceptances_in(base::Json const& page);

/// How long after `since` the venue had accepted the first and the last order.
struct FanOut {
    double first_ms = 0;
    double last_ms = 0;
    std::size_t orders = 0;
};
/// Of the orders on accounts whose label begins with `label`, on one side. An account with two
/// orders is an error (std::runtime_error): a copy must not be doubled, least of all for speed.
[[nodiscard]] FanOut fan_out(std::vector<Acceptance> const& orders, std::string const& label,
                             std::string const& side, base::Timestamp since);

}  // namespace obscura::app::bench
