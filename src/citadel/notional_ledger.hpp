#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/error.hpp"
#include "model/venue_operation.hpp"
#include "ports/credential_seal.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace obscura::citadel {

/// The order that opens something. nullptr for what does not: questions, settings, reductions, and
/// sales on spot, which turn coins into money.
[[nodiscard]] model::PlaceOrder const* opening_order(model::Market market,
                                                     model::VenueOperation const& operation);
/// What it is worth in the quote asset, at the price that it may have at most: its limit, or for an
/// order at the market the last.
[[nodiscard]] base::Money opened_notional(model::PlaceOrder const& order, base::Price last);

/// Whether the quote asset is worth a dollar, by the end of the symbol ("BTCUSDT", "BTC-USDC"). A
/// thousand of another one, as of "ETHBTC", is a sum that nobody has meant who names no symbols.
[[nodiscard]] bool is_quoted_in_dollars(std::string_view symbol);

/// The whole days of UTC since 1970.
[[nodiscard]] std::int64_t utc_day(base::Timestamp t);

/// What has been signed of each account today, by the UTC day. What was signed and not filled
/// counts too, and an order that is signed again counts again: venues hold a client's id to be
/// unique among open orders only (Binance), so that one name is good for as many orders as were
/// signed. A sum is reserved ahead of what is signed, in 64 steps of the limit, so that it is
/// seldom written down and a restart counts a step too much and nothing too little. Event-loop
/// thread.
class NotionalLedger {
public:
    struct Limits {
        std::size_t max_accounts = 100'000;
    };
    explicit NotionalLedger(Limits limits) : limits_(limits) {}

    /// Forgets an earlier day. A clock that steps back does not give the same day twice.
    void begin(std::int64_t day);
    [[nodiscard]] std::int64_t day() const { return day_; }
    /// What an earlier process had reserved today: all of it counts as signed.
    void restore(std::string const& account, base::Money reserved);
    /// invalid_argument "limit_order_notional" or "limit_daily_notional"; unavailable
    /// "limit_ledger_full" when there is no room for another account today. What is admitted is
    /// counted. A sum is what must be written down as reserved for the account before
    /// the order may leave; without one nothing is to be.
    [[nodiscard]] base::Result<std::optional<base::Money>> admit(
        std::string const& account, ports::CredentialLimits const& limits, base::Money notional,
        base::Timestamp now);

private:
    struct Day {
        base::Money signed_for{};
        base::Money reserved{};  ///< at least as much
    };

    Limits limits_;
    std::int64_t day_ = 0;
    std::map<std::string, Day> accounts_;
};

}  // namespace obscura::citadel
