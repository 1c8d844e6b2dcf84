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
// of these and from nothing else: it never signs bytes that a caller made. Symbols and order ids
// are written as the venue writes them.
struct PlaceOrder {
    std::string symbol;
    Side side = Side::buy;
    OrderType type = OrderType::market;
    base::Quantity quantity{};
    std::optional<base::Price> limit_price;  ///< given for limit orders only
    TimeInForce time_in_force = TimeInForce::gtc;
    std::string client_order_id;
    bool reduce_only = false;  ///< sent where the market knows it (futures)
    /// Futures in hedge mode name the position that is traded; it is reduced by trading against it,
    /// and the venue takes no reduce_only with it. `both` in one-way mode and on spot.
    PositionSide position_side = PositionSide::both;
    /// Of the position that a futures order opens, given where the venue's orders name it;
    /// elsewhere it is set beforehand (`SetLeverage`).
    std::optional<int> leverage{};
};
struct QueryOrder {
    std::string symbol;
    std::string client_order_id;
};
struct CancelOrder {
    std::string symbol;
    std::string client_order_id;  ///< "" where the order is named by the venue's id
    /// In place of `client_order_id`, where the venue's signer takes it.
    std::optional<std::string> venue_order_id{};
};
struct ListTrades {
    std::string symbol;
    std::optional<std::int64_t> from_id;  ///< venue trade id, inclusive
    std::optional<std::string> venue_order_id;
    std::optional<base::Timestamp> start_time;
    int limit = 1000;
};
struct ReadAccount {};

// Futures only.

/// What sets a waiting order off: the price going against the position, or with it.
enum class TriggerKind { stop_loss, take_profit };
inline constexpr std::array<base::EnumName<TriggerKind>, 2> trigger_kind_names{
    {{"stop_loss", TriggerKind::stop_loss}, {"take_profit", TriggerKind::take_profit}}};
/// Which price it watches.
enum class TriggerPrice { mark, last };
inline constexpr std::array<base::EnumName<TriggerPrice>, 2> trigger_price_names{
    {{"mark", TriggerPrice::mark}, {"last", TriggerPrice::last}}};

/// A market order that waits for a price and then closes (Binance: an algo order, STOP_MARKET or
/// TAKE_PROFIT_MARKET). It only ever reduces.
struct PlaceTriggerOrder {
    std::string symbol;
    Side side = Side::sell;
    TriggerKind trigger = TriggerKind::stop_loss;
    base::Price trigger_price{};
    TriggerPrice watches = TriggerPrice::mark;
    std::optional<base::Quantity> quantity;  ///< without it the whole position (closePosition)
    PositionSide position_side = PositionSide::both;
    std::string client_order_id;
};
struct QueryTriggerOrder {
    std::string symbol;
    std::string client_order_id;
};
struct CancelTriggerOrder {
    std::string symbol;
    std::string client_order_id;
};
/// Of one symbol of the account; the same again changes nothing.
struct SetLeverage {
    std::string symbol;
    int leverage = 1;
};
struct SetMarginMode {
    std::string symbol;
    MarginMode margin_mode = MarginMode::isolated;
};
struct ReadPositions {
    std::string symbol;  ///< "" = all
};
/// Whether the account is in one-way or hedge mode.
struct ReadPositionMode {};
/// The key of the account's private stream where a venue has one (Binance USD-M: it ends after an
/// hour unless kept).
struct ListenKey {
    enum class Action { create, keep_alive, close };
    Action action = Action::create;
};
inline constexpr std::array<base::EnumName<ListenKey::Action>, 3> listen_key_action_names{
    {{"create", ListenKey::Action::create},
     {"keep_alive", ListenKey::Action::keep_alive},
     {"close", ListenKey::Action::close}}};

/// What the key itself may do, where the venue tells (an account may withdraw whose key may not).
struct ReadKeyRights {};

/// The message that logs a WebSocket into the account's private stream.
struct StreamLogin {
    std::string request_id;
};

using VenueOperation =
    std::variant<PlaceOrder, QueryOrder, CancelOrder, ListTrades, ReadAccount, StreamLogin,
                 PlaceTriggerOrder, QueryTriggerOrder, CancelTriggerOrder, SetLeverage,
                 SetMarginMode, ReadPositions, ReadPositionMode, ListenKey, ReadKeyRights>;

/// "place_order", "query_order", "cancel_order", "list_trades", "read_account", "stream_login",
/// "place_trigger_order", "query_trigger_order", "cancel_trigger_order", "set_leverage",
/// "set_margin_mode", "read_positions", "read_position_mode", "listen_key", "read_key_rights".
[[nodiscard]] std::string_view kind_of(VenueOperation const& operation);
/// Changes something at the venue in the account's name: orders, and the settings they trade under.
[[nodiscard]] bool is_trading(VenueOperation const& operation);
/// The wire form, `{"kind": ..., ...}`.
[[nodiscard]] base::Json to_json(VenueOperation const& operation);
/// Strict; errors carry pointers below `pointer`.
[[nodiscard]] base::Result<VenueOperation> operation_from_json(base::Json const& json,
                                                               std::string const& pointer);

}  // namespace obscura::model
