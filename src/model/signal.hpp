#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/json.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"

#include <optional>
#include <string>

namespace obscura::model {

enum class SignalSource { trade, rest, bulk, stream };
inline constexpr std::array<base::EnumName<SignalSource>, 4> signal_source_names{
    {{"trade", SignalSource::trade},
     {"rest", SignalSource::rest},
     {"bulk", SignalSource::bulk},
     {"stream", SignalSource::stream}}};

enum class SignalStatus { queued, processing, completed, partial, failed };
inline constexpr std::array<base::EnumName<SignalStatus>, 5> signal_status_names{
    {{"queued", SignalStatus::queued},
     {"processing", SignalStatus::processing},
     {"completed", SignalStatus::completed},
     {"partial", SignalStatus::partial},
     {"failed", SignalStatus::failed}}};

/// One thing that a leader did, for one pool: every active subscription of the pool gets one copy.
/// `leader_before` and `leader_after` are the leader's position in the symbol by our own count
/// (short ones negative); what a follower does is measured from them, not from the quantity.
struct Signal {
    SignalId id{};
    TenantId tenant{};  ///< the pool's
    PoolId pool{};
    std::int64_t sequence = 0;  ///< order within a pool and symbol
    SignalSource source = SignalSource::trade;
    std::string source_id;   ///< with pool and source: what makes redelivery harmless
    std::string leader_ref;  ///< trader id, or the tenant's external_trader_ref
    std::string symbol;
    Side side = Side::buy;
    base::Quantity quantity{};
    std::optional<base::Price> price;  ///< the leader's fill price, or the limit price
    OrderType order_type = OrderType::market;
    std::string venue;
    Market market = Market::spot;
    Environment environment = Environment::paper;
    bool reduce_only = false;
    // Futures.
    PositionSide position_side = PositionSide::both;  ///< the leader's
    std::optional<int> leverage;                      ///< 1 to 125; 1 where nobody said it
    std::optional<MarginMode> margin_mode;            ///< isolated where nobody said it
    std::optional<base::Decimal> stop_loss_pct;       ///< of the follower's entry price
    std::optional<base::Decimal> take_profit_pct;     ///< likewise
    Priority priority = Priority::normal;
    base::Quantity leader_before{};
    base::Quantity leader_after{};
    std::optional<base::Timestamp> expires_at;
    std::optional<base::Timestamp> leader_executed_at;
    std::optional<base::Timestamp> ingested_at;  ///< sentinel had the bytes
    base::Timestamp accepted_at{};               ///< committed

    /// Exits are never held up by caps, ages or limits of our own. On spot every sale reduces; on
    /// futures what brings the leader nearer to nothing, a flip through it included.
    [[nodiscard]] bool is_reducing() const {
        if (reduce_only) return true;
        if (market == Market::spot) return side == Side::sell;
        return leader_before.is_positive()
                   ? leader_after < leader_before
                   : leader_before.is_negative() && leader_after > leader_before;
    }
    /// Whether the leader ends in a position of the signal's side that is worth asking about. On
    /// spot sales never do.
    [[nodiscard]] bool may_open() const {
        if (reduce_only) return false;
        return !is_reducing() || signed_change(side, leader_after).is_positive();
    }
};

/// The body of `POST /v2/pools/{id}/signals`, checked field by field.
struct SignalRequest {
    std::string symbol;
    Side side = Side::buy;
    base::Quantity quantity{};
    OrderType order_type = OrderType::market;
    std::optional<base::Price> price;
    std::string venue = "binance";
    Market market = Market::spot;
    bool reduce_only = false;
    Priority priority = Priority::normal;
    std::optional<base::Timestamp> expires_at;
    std::optional<std::int64_t> max_age_ms;
    std::optional<std::string> external_trade_id;
    std::string external_trader_ref;  ///< "" = the pool's one leader
    base::Json body;                  ///< the whole body as it came, canonical order
    // Futures only.
    std::optional<int> leverage;
    std::optional<MarginMode> margin_mode;
    std::optional<base::Decimal> stop_loss_pct;
    std::optional<base::Decimal> take_profit_pct;
};

/// What a deployment can carry out. A signal that nobody carries out is refused at the door.
struct ServedMarkets {
    bool futures = false;
    bool protections = false;  ///< stops and targets of futures
};

/// Refuses unknown fields, markets that are not served and fields that belong to another market,
/// and a price where none belongs.
[[nodiscard]] base::Result<SignalRequest> signal_request_from_json(base::Json const& json,
                                                                   ServedMarkets served = {});

}  // namespace obscura::model
