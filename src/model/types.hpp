#pragma once

#include "base/decimal.hpp"
#include "base/decode.hpp"

#include <array>
#include <string_view>

namespace obscura::model {

enum class Side { buy, sell };
enum class OrderType { market, limit };
enum class Market { spot, futures };
enum class Environment { live, testnet, paper };
/// How a futures account keeps the two directions of a symbol: one signed position, or a long and a
/// short one side by side.
enum class PositionMode { one_way, hedge };
/// Which of a symbol's positions is meant: `both` is the only one of an account in one-way mode.
enum class PositionSide { both, long_side, short_side };
/// Whether a position can lose its own margin only, or all that is in the account.
enum class MarginMode { isolated, cross };
inline constexpr int max_leverage = 125;  ///< of any venue; a symbol may allow less
/// Dispatch order; the value is the weight on the wire and in SQL.
enum class Priority : int { critical = 0, high = 10, normal = 50, low = 100 };

inline constexpr std::array<base::EnumName<Side>, 2> side_names{
    {{"buy", Side::buy}, {"sell", Side::sell}}};
inline constexpr std::array<base::EnumName<OrderType>, 2> order_type_names{
    {{"market", OrderType::market}, {"limit", OrderType::limit}}};
inline constexpr std::array<base::EnumName<Market>, 2> market_names{
    {{"spot", Market::spot}, {"futures", Market::futures}}};
inline constexpr std::array<base::EnumName<PositionMode>, 2> position_mode_names{
    {{"one_way", PositionMode::one_way}, {"hedge", PositionMode::hedge}}};
inline constexpr std::array<base::EnumName<PositionSide>, 3> position_side_names{
    {{"both", PositionSide::both},
     {"long", PositionSide::long_side},
     {"short", PositionSide::short_side}}};
inline constexpr std::array<base::EnumName<MarginMode>, 2> margin_mode_names{
    {{"isolated", MarginMode::isolated}, {"cross", MarginMode::cross}}};
inline constexpr std::array<base::EnumName<Environment>, 3> environment_names{
    {{"live", Environment::live},
     {"testnet", Environment::testnet},
     {"paper", Environment::paper}}};
inline constexpr std::array<base::EnumName<Priority>, 4> priority_names{
    {{"normal", Priority::normal},
     {"critical", Priority::critical},
     {"high", Priority::high},
     {"low", Priority::low}}};

/// The wire name of an enumerator.
template <class E, std::size_t N>
[[nodiscard]] constexpr std::string_view name_of(E value,
                                                 std::array<base::EnumName<E>, N> const& names) {
    for (auto const& entry : names)
        if (entry.value == value) return entry.name;
    return "?";
}
/// The enumerator of a wire name; nullopt for an unknown one.
template <class E, std::size_t N>
[[nodiscard]] constexpr std::optional<E> value_of(std::string_view name,
                                                  std::array<base::EnumName<E>, N> const& names) {
    for (auto const& entry : names)
        if (entry.name == name) return entry.value;
    return std::nullopt;
}
[[nodiscard]] constexpr std::string_view to_string(Side v) { return name_of(v, side_names); }
[[nodiscard]] constexpr std::string_view to_string(OrderType v) {
    return name_of(v, order_type_names);
}
[[nodiscard]] constexpr std::string_view to_string(Market v) { return name_of(v, market_names); }
[[nodiscard]] constexpr std::string_view to_string(PositionMode v) {
    return name_of(v, position_mode_names);
}
[[nodiscard]] constexpr std::string_view to_string(PositionSide v) {
    return name_of(v, position_side_names);
}
[[nodiscard]] constexpr std::string_view to_string(MarginMode v) {
    return name_of(v, margin_mode_names);
}
[[nodiscard]] constexpr std::string_view to_string(Environment v) {
    return name_of(v, environment_names);
}
[[nodiscard]] constexpr std::string_view to_string(Priority v) {
    return name_of(v, priority_names);
}
/// Purchases are positive, sales negative.
[[nodiscard]] inline base::Quantity signed_change(Side side, base::Quantity quantity) {
    return side == Side::buy ? quantity : -quantity;
}
[[nodiscard]] constexpr Side opposite(Side s) { return s == Side::buy ? Side::sell : Side::buy; }

}  // namespace obscura::model
