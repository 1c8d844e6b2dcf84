#pragma once

#include "paper/engine/types.hpp"

#include <chrono>
#include <string>

namespace obscura::paper {

/// Algo orders count from 1 over all accounts.
using AlgoId = base::Strong<struct AlgoTag, std::uint64_t>;

struct FuturesSettings {
    base::Decimal maker_fee = base::Decimal::from_scaled(2, 4);
    base::Decimal taker_fee = base::Decimal::from_scaled(5, 4);
    base::Decimal funding_rate = base::Decimal::from_scaled(1, 4);  ///< longs pay a positive one
    std::chrono::milliseconds funding_interval{std::chrono::hours(8)};  ///< from midnight UTC on
    std::chrono::milliseconds listen_key_life{std::chrono::hours(1)};
};

/// Which of an account's positions.
struct PositionKey {
    SymbolId symbol{};
    PositionSide side = PositionSide::both;
    friend auto operator<=>(PositionKey const&, PositionKey const&) = default;
};

struct Position {
    base::Quantity quantity{};  ///< signed: short ones are negative
    base::Money cost{};         ///< of what is held, at its entry prices; never negative
    base::Money isolated{};     ///< margin set aside for it alone; 0 when cross
    base::Money realised{};     ///< so far, fees left out
    base::Timestamp updated_at{};

    [[nodiscard]] base::Price entry_price() const {
        if (quantity.is_zero()) return {};
        return average_price(cost, quantity.abs(), base::Rounding::half_even);
    }
};

/// What an account has set for a symbol.
struct SymbolTerms {
    std::int64_t leverage = 20;
    MarginMode margin_mode = MarginMode::cross;
};

enum class AlgoKind { stop_market, take_profit_market };
enum class AlgoStatus { open, triggered, finished, canceled, expired, rejected };
/// The price that triggers.
enum class WorkingType { contract_price, mark_price };

/// A conditional order as a client asks for it: when triggered, it becomes a market order.
struct NewAlgoOrder {
    SymbolId symbol{};
    Side side = Side::buy;
    AlgoKind kind = AlgoKind::stop_market;
    WorkingType working_type = WorkingType::contract_price;
    TimeInForce time_in_force = TimeInForce::gtc;
    PositionSide position_side = PositionSide::both;
    bool reduce_only = false;
    bool close_position = false;  ///< all of the position, whatever it is then
    bool price_protect = false;   ///< only shown: both prices come from one feed
    base::Price trigger{};
    base::Quantity quantity{};  ///< 0 with close_position
    std::string client_id;      ///< "" = the venue chooses
};

struct AlgoOrder {
    AlgoId id{};
    AccountId account{};
    NewAlgoOrder terms;
    AlgoStatus status = AlgoStatus::open;
    OrderId order{};  ///< what it became; 0 before
    std::string reason;
    base::Timestamp created_at{};
    base::Timestamp updated_at{};
    base::Timestamp triggered_at{};

    [[nodiscard]] bool is_open() const { return status == AlgoStatus::open; }
};

enum class IncomeKind { transfer, realized_pnl, commission, funding_fee, insurance_clear };

/// One entry of an account's income history.
struct Income {
    std::uint64_t id = 0;
    IncomeKind kind = IncomeKind::transfer;
    SymbolId symbol{};  ///< not of transfers
    base::Decimal amount{};
    TradeId trade{};  ///< 0 when there is none
    base::Timestamp time{};
};

}  // namespace obscura::paper
