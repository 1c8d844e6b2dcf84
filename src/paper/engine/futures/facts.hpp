#pragma once

#include "paper/engine/futures/types.hpp"

#include <string>

namespace obscura::paper {

// What the venue has decided on its futures market; see engine/facts.hpp.

/// Of the margin asset; a negative amount takes away.
struct FuturesDeposited {
    AccountId account{};
    base::Decimal amount{};
    base::Timestamp time{};
};
struct LeverageSet {
    AccountId account{};
    SymbolId symbol{};
    std::int64_t leverage = 0;
};
struct MarginModeSet {
    AccountId account{};
    SymbolId symbol{};
    MarginMode mode = MarginMode::cross;
};
struct PositionModeSet {
    AccountId account{};
    bool hedge = false;
};
struct FuturesAccepted {
    Order order;  ///< as it stood on acceptance: open, nothing executed
};
struct FuturesFilled {
    OrderId order{};
    Fill fill;
};
struct FuturesClosed {
    OrderId order{};
    OrderStatus status = OrderStatus::canceled;
    base::Timestamp time{};
};
struct AlgoAccepted {
    AlgoOrder algo;  ///< complete, so that it restores one too
};
struct AlgoChanged {
    AlgoId algo{};
    AlgoStatus status = AlgoStatus::canceled;
    OrderId order{};
    std::string reason;
    base::Timestamp time{};
};
/// What a position gained by one round of funding; negative when it paid.
struct FundingPaid {
    AccountId account{};
    PositionKey position;
    base::Decimal amount{};
    base::Timestamp time{};
};
/// The round of funding that is over.
struct FundingSettled {
    base::Timestamp round{};
};
/// What the insurance fund gave (or took: the fee of a liquidation).
struct InsuranceCleared {
    AccountId account{};
    SymbolId symbol{};
    base::Decimal amount{};
    base::Timestamp time{};
};
struct ListenKeySet {
    AccountId account{};
    std::string key;  ///< "" = none any more
    base::Timestamp expires_at{};
};

// Compacted journals only.
struct FuturesRestored {
    Order order;  ///< with its fills; moves nothing
};
struct WalletRestored {
    AccountId account{};
    base::Decimal wallet{};
    base::Timestamp updated_at{};
};
struct PositionRestored {
    AccountId account{};
    PositionKey key;
    Position position;
};
struct IncomeRestored {
    AccountId account{};
    Income income;
};
struct FuturesTradesNoted {
    SymbolId symbol{};
    TradeId next{};
};
struct FuturesCountersRestored {
    OrderId next_order{};
    std::uint64_t evicted_orders = 0;
    AlgoId next_algo{};
    std::uint64_t next_income = 0;
    base::Decimal deposited{};
    base::Decimal house{};
    base::Decimal fees{};
};

}  // namespace obscura::paper
