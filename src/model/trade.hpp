#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/json.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"

#include <optional>
#include <string>

namespace obscura::model {

/// A leader's fill, in the same form whichever venue it came from. (connection, market, symbol,
/// venue_trade_id) is its identity: what has been seen is dropped by it.
struct Trade {
    TradeId id{};
    TenantId tenant{};
    ConnectionId connection{};
    std::string venue;
    Environment environment = Environment::paper;
    Market market = Market::spot;
    std::string symbol;
    std::string venue_trade_id;
    std::string venue_order_id;
    Side side = Side::buy;
    base::Price price{};
    base::Quantity quantity{};
    base::Decimal fee{};
    std::string fee_asset;
    bool is_maker = false;
    base::Timestamp executed_at{};  ///< the venue's clock
    base::Timestamp received_at{};  ///< ours, when the bytes arrived
    bool via_backfill = false;      ///< REST rather than the stream
    /// Futures only: which of the symbol's positions, and what closing a part of it won or lost,
    /// without fees. Not 0 exactly when the fill closed something at another price.
    PositionSide position_side = PositionSide::both;
    std::optional<base::Money> realised_pnl{};

    friend bool operator==(Trade const&, Trade const&) = default;
};

/// "connection:market:symbol:venue_trade_id": what is seen again under it is the same fill.
[[nodiscard]] std::string venue_identity(Trade const& trade);

/// The form on the outbox and on the streams: trade_id, tenant_id, connection_id, venue,
/// environment, market, symbol, venue_trade_id, venue_order_id, side, price, quantity, fee,
/// fee_asset, is_maker, on futures position_side and realised_pnl, executed_at and received_at
/// (unix microseconds, numbers), via ("stream" or "backfill").
[[nodiscard]] base::Json to_json(Trade const& trade);
/// Strict reader of that form; unknown members are refused.
[[nodiscard]] base::Result<Trade> trade_from_json(base::Json const& json);
/// The form of the HTTP lists: RFC 3339 times, and without the tenant.
[[nodiscard]] base::Json trade_document(Trade const& trade);

}  // namespace obscura::model
