#pragma once

#include "paper/engine/futures/events.hpp"
#include "paper/protocol/names.hpp"

#include <array>
#include <string_view>

namespace obscura::paper {

// The futures market's words for our enumerators.

inline constexpr std::array<base::EnumName<PositionSide>, 3> position_side_wire_names{
    {{"BOTH", PositionSide::both},
     {"LONG", PositionSide::long_side},
     {"SHORT", PositionSide::short_side}}};
inline constexpr std::array<base::EnumName<MarginMode>, 2> margin_type_wire_names{
    {{"CROSSED", MarginMode::cross}, {"ISOLATED", MarginMode::isolated}}};
inline constexpr std::array<base::EnumName<AlgoKind>, 2> algo_kind_wire_names{
    {{"STOP_MARKET", AlgoKind::stop_market}, {"TAKE_PROFIT_MARKET", AlgoKind::take_profit_market}}};
inline constexpr std::array<base::EnumName<AlgoStatus>, 6> algo_status_wire_names{
    {{"NEW", AlgoStatus::open},
     {"TRIGGERED", AlgoStatus::triggered},
     {"FINISHED", AlgoStatus::finished},
     {"CANCELED", AlgoStatus::canceled},
     {"EXPIRED", AlgoStatus::expired},
     {"REJECTED", AlgoStatus::rejected}}};
inline constexpr std::array<base::EnumName<WorkingType>, 2> working_type_wire_names{
    {{"CONTRACT_PRICE", WorkingType::contract_price}, {"MARK_PRICE", WorkingType::mark_price}}};
inline constexpr std::array<base::EnumName<IncomeKind>, 5> income_wire_names{
    {{"TRANSFER", IncomeKind::transfer},
     {"REALIZED_PNL", IncomeKind::realized_pnl},
     {"COMMISSION", IncomeKind::commission},
     {"FUNDING_FEE", IncomeKind::funding_fee},
     {"INSURANCE_CLEAR", IncomeKind::insurance_clear}}};
inline constexpr std::array<base::EnumName<AccountUpdateReason>, 5> update_reason_wire_names{
    {{"DEPOSIT", AccountUpdateReason::deposit},
     {"WITHDRAW", AccountUpdateReason::withdraw},
     {"ORDER", AccountUpdateReason::order},
     {"FUNDING_FEE", AccountUpdateReason::funding_fee},
     {"MARGIN_TYPE_CHANGE", AccountUpdateReason::margin_type_change}}};

[[nodiscard]] constexpr std::string_view wire(PositionSide v) {
    return model::name_of(v, position_side_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(MarginMode v) {
    return model::name_of(v, margin_type_wire_names);
}
/// As positions and events write it.
[[nodiscard]] constexpr std::string_view lower_margin_type(MarginMode v) {
    return v == MarginMode::cross ? "cross" : "isolated";
}
[[nodiscard]] constexpr std::string_view wire(AlgoKind v) {
    return model::name_of(v, algo_kind_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(AlgoStatus v) {
    return model::name_of(v, algo_status_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(WorkingType v) {
    return model::name_of(v, working_type_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(IncomeKind v) {
    return model::name_of(v, income_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(AccountUpdateReason v) {
    return model::name_of(v, update_reason_wire_names);
}

/// Orders that must not take are LIMIT with GTX here, and the venue's own liquidate.
[[nodiscard]] constexpr std::string_view futures_type(Order const& order) {
    if (order.contract.liquidates) return "LIQUIDATION";
    return order.kind == OrderKind::market ? "MARKET" : "LIMIT";
}
[[nodiscard]] constexpr std::string_view futures_time_in_force(Order const& order) {
    return order.kind == OrderKind::limit_maker ? "GTX" : wire(order.time_in_force);
}

}  // namespace obscura::paper
