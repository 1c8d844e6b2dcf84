#pragma once

#include "paper/engine/futures/facts.hpp"
#include "paper/engine/types.hpp"

#include <string>
#include <variant>
#include <vector>

namespace obscura::paper {

// What the venue has decided, and all that it needs to be itself again: `State::apply` is the only
// way to change state, at run time and when the journal is replayed.

struct AccountOpened {
    AccountId account{};
    std::string label;          ///< "" or unique
    base::Decimal maker_fee{};  ///< fraction of the received amount
    base::Decimal taker_fee{};
    Credential credential;
    base::Timestamp time{};
};
/// Negative amounts take away.
struct Deposited {
    AccountId account{};
    AssetId asset{};
    base::Decimal amount{};
    base::Timestamp time{};
};
struct OrderAccepted {
    Order order;  ///< as it stood on acceptance: open, nothing executed
};
struct OrderFilled {
    OrderId order{};
    Fill fill;
};
/// Canceled or expired; releases what is locked.
struct OrderClosed {
    OrderId order{};
    OrderStatus status = OrderStatus::canceled;
    base::Timestamp time{};
};
struct PriceFrozen {
    SymbolId symbol{};
    base::Price price{};
    bool frozen = true;
};
/// Trade ids up to this one may have been shown; the price at that time.
struct MarketNoted {
    SymbolId symbol{};
    TradeId reserved_to{};
    base::Price price{};
};

// Compacted journals only: the outcome of facts that were left out.
struct OrderRestored {
    Order order;  ///< with its fills; moves no balance
};
struct BalanceRestored {
    AccountId account{};
    AssetId asset{};
    Balance balance;
};
/// Where the assets of all accounts came from and went.
struct AssetTotals {
    base::Decimal deposited{};
    base::Decimal house{};  ///< what the market gained from accounts; may be negative
    base::Decimal fees{};
};
struct TotalsRestored {
    AssetId asset{};
    AssetTotals totals;
};
struct CountersRestored {
    OrderId next_order{};
    std::uint64_t evicted_orders = 0;
};

using Fact =
    std::variant<AccountOpened, Deposited, OrderAccepted, OrderFilled, OrderClosed, PriceFrozen,
                 MarketNoted, OrderRestored, BalanceRestored, TotalsRestored, CountersRestored,
                 FuturesDeposited, LeverageSet, MarginModeSet, PositionModeSet, FuturesAccepted,
                 FuturesFilled, FuturesClosed, AlgoAccepted, AlgoChanged, FundingPaid,
                 FundingSettled, InsuranceCleared, ListenKeySet, FuturesRestored, WalletRestored,
                 PositionRestored, IncomeRestored, FuturesTradesNoted, FuturesCountersRestored>;

}  // namespace obscura::paper
