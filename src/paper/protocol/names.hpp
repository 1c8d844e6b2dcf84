#pragma once

#include "paper/engine/events.hpp"
#include "paper/protocol/order_request.hpp"

#include <array>
#include <string_view>

namespace obscura::paper {

// The venue's words for our enumerators.

inline constexpr std::array<base::EnumName<Side>, 2> side_wire_names{
    {{"BUY", Side::buy}, {"SELL", Side::sell}}};
inline constexpr std::array<base::EnumName<OrderKind>, 3> kind_wire_names{
    {{"LIMIT", OrderKind::limit},
     {"LIMIT_MAKER", OrderKind::limit_maker},
     {"MARKET", OrderKind::market}}};
inline constexpr std::array<base::EnumName<TimeInForce>, 3> time_in_force_wire_names{
    {{"GTC", TimeInForce::gtc}, {"IOC", TimeInForce::ioc}, {"FOK", TimeInForce::fok}}};
inline constexpr std::array<base::EnumName<OrderStatus>, 5> status_wire_names{
    {{"NEW", OrderStatus::open},
     {"PARTIALLY_FILLED", OrderStatus::partially_filled},
     {"FILLED", OrderStatus::filled},
     {"CANCELED", OrderStatus::canceled},
     {"EXPIRED", OrderStatus::expired}}};
inline constexpr std::array<base::EnumName<ExecutionType>, 4> execution_wire_names{
    {{"NEW", ExecutionType::accepted},
     {"TRADE", ExecutionType::trade},
     {"CANCELED", ExecutionType::canceled},
     {"EXPIRED", ExecutionType::expired}}};
inline constexpr std::array<base::EnumName<ResponseType>, 3> response_wire_names{
    {{"ACK", ResponseType::ack}, {"RESULT", ResponseType::result}, {"FULL", ResponseType::full}}};
inline constexpr std::array<base::EnumName<KeyType>, 2> key_type_names{
    {{"hmac", KeyType::hmac}, {"ed25519", KeyType::ed25519}}};

[[nodiscard]] constexpr std::string_view wire(Side v) { return model::name_of(v, side_wire_names); }
[[nodiscard]] constexpr std::string_view wire(OrderKind v) {
    return model::name_of(v, kind_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(TimeInForce v) {
    return model::name_of(v, time_in_force_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(OrderStatus v) {
    return model::name_of(v, status_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(ExecutionType v) {
    return model::name_of(v, execution_wire_names);
}
[[nodiscard]] constexpr std::string_view wire(KeyType v) {
    return model::name_of(v, key_type_names);
}

}  // namespace obscura::paper
