#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/json.hpp"
#include "model/types.hpp"

#include <optional>
#include <string>
#include <variant>

namespace obscura::model {

enum class TimeInForce { gtc, ioc, fok };
inline constexpr std::array<base::EnumName<TimeInForce>, 3> time_in_force_names{
    {{"gtc", TimeInForce::gtc}, {"ioc", TimeInForce::ioc}, {"fok", TimeInForce::fok}}};

// What may be asked of a venue in an account's name. citadel builds and signs the request from one
// of these and from nothing else: it never signs bytes that a caller made.
struct PlaceOrder {
    std::string symbol;
    Side side = Side::buy;
    OrderType type = OrderType::market;
    base::Quantity quantity{};
    std::optional<base::Price> limit_price;  ///< given for limit orders only
    TimeInForce time_in_force = TimeInForce::gtc;
    std::string client_order_id;
    bool reduce_only = false;  ///< sent where the market knows it (futures)
};
struct QueryOrder {
    std::string symbol;
    std::string client_order_id;
};
struct CancelOrder {
    std::string symbol;
    std::string client_order_id;
};
struct ListTrades {
    std::string symbol;
    std::optional<std::int64_t> from_id;  ///< venue trade id, inclusive
    std::optional<std::string> venue_order_id;
    std::optional<base::Timestamp> start_time;
    int limit = 1000;
};
struct ReadAccount {};
/// The message that logs a WebSocket into the account's private stream.
struct StreamLogin {
    std::string request_id;
};

using VenueOperation =
    std::variant<PlaceOrder, QueryOrder, CancelOrder, ListTrades, ReadAccount, StreamLogin>;

/// "place_order", "query_order", "cancel_order", "list_trades", "read_account", "stream_login".
[[nodiscard]] std::string_view kind_of(VenueOperation const& operation);
/// The wire form, `{"kind": ..., ...}`.
[[nodiscard]] base::Json to_json(VenueOperation const& operation);
/// Strict; errors carry pointers below `pointer`.
[[nodiscard]] base::Result<VenueOperation> operation_from_json(base::Json const& json,
                                                               std::string const& pointer);

}  // namespace obscura::model
