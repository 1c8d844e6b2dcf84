#pragma once

#include "paper/engine/futures/events.hpp"
#include "paper/engine/types.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace obscura::paper {

// What the venue tells the world. Events carry copies: they may be delivered late.

struct ExecutionReport {
    ExecutionType type = ExecutionType::accepted;
    Order order;  ///< right after it happened
    std::optional<Fill> fill;
    std::string cancel_client_id;  ///< the canceling request's own id
    base::Timestamp time{};
    std::uint64_t execution_id = 0;
};
struct AssetBalance {
    AssetId asset{};
    Balance balance;
};
/// The balances that a command touched.
struct AccountPosition {
    AccountId account{};
    std::vector<AssetBalance> balances;
    base::Timestamp time{};
};
struct BalanceChanged {
    AccountId account{};
    AssetId asset{};
    base::Decimal delta{};
    base::Timestamp time{};
};
struct PublicTrade {
    SymbolId symbol{};
    TradeId id{};
    base::Price price{};
    base::Quantity quantity{};
    bool buyer_is_maker = false;
    base::Timestamp time{};
};
/// A price step: price and book of the symbol are new.
struct MarketMoved {
    SymbolId symbol{};
};

using Event = std::variant<ExecutionReport, AccountPosition, BalanceChanged, PublicTrade,
                           MarketMoved, FuturesReport, FuturesAccountUpdate, LeverageChanged,
                           AlgoReport, ListenKeyExpired, ListenKeyClosed>;

}  // namespace obscura::paper
