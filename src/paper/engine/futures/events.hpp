#pragma once

#include "paper/engine/futures/types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::paper {

// What the futures market tells an account. Events carry copies: they may be delivered late.

enum class ExecutionType { accepted, trade, canceled, expired };
enum class AccountUpdateReason { deposit, withdraw, order, funding_fee, margin_type_change };

struct FuturesReport {
    ExecutionType type = ExecutionType::accepted;
    Order order;  ///< right after it happened
    std::optional<Fill> fill;
    base::Timestamp time{};
};
struct ShownPosition {
    PositionKey key;
    Position position;
    MarginMode margin_mode = MarginMode::cross;
    base::Money unrealised{};
};
struct FuturesAccountUpdate {
    AccountId account{};
    AccountUpdateReason reason = AccountUpdateReason::order;
    base::Decimal wallet{};
    base::Decimal cross_wallet{};
    base::Decimal change{};  ///< of the wallet, but for results and fees of trading
    std::vector<ShownPosition> positions;
    base::Timestamp time{};
};
struct LeverageChanged {
    AccountId account{};
    SymbolId symbol{};
    std::int64_t leverage = 0;
    base::Timestamp time{};
};
struct AlgoReport {
    AlgoOrder algo;
    base::Quantity executed{};
    base::Price average{};
    bool triggering = false;  ///< the moment between the trigger and the order
    base::Timestamp time{};
};
struct ListenKeyExpired {
    AccountId account{};
    std::string key;
    base::Timestamp time{};
};
/// The account's listen key is no more, on its own wish.
struct ListenKeyClosed {
    AccountId account{};
    std::string key;
};

}  // namespace obscura::paper
