#pragma once

#include "venue/binance_documents.hpp"

/// Binance USD-M futures documents, read into our own types; as `binance_documents.hpp` says.
namespace obscura::venue {

/// `GET /fapi/v1/exchangeInfo`: perpetuals and contracts with a date that are settled in what they
/// are quoted in. What no order could be sized for is left out.
[[nodiscard]] base::Result<std::vector<model::Instrument>> decode_futures_instruments(
    base::Json const& json);

/// `POST`, `GET` and `DELETE` of `/fapi/v1/order` and of `/fapi/v1/algoOrder`, told apart by
/// "algoId". None carries fills, and not every answer says what was paid: then `executed_quote` is
/// 0. Of a trigger order whose order is done, `executed_quantity` is 0 where the answer does not
/// say it: ask for the fills of `venue_order_id`. The answer to its cancel names no symbol.
[[nodiscard]] base::Result<ports::OrderState> decode_futures_order(base::Json const& json);

/// `GET /fapi/v1/userTrades`, ordered by trade id.
[[nodiscard]] base::Result<std::vector<model::Trade>> decode_futures_trades(base::Json const& json);

/// The order of an `ORDER_TRADE_UPDATE` event whose execution type is TRADE.
[[nodiscard]] base::Result<model::Trade> decode_futures_execution(base::Json const& order);

/// `GET /fapi/v3/positionRisk`, which says neither leverage nor margin mode: a position with a
/// margin of its own is isolated.
[[nodiscard]] base::Result<std::vector<ports::VenuePosition>> decode_positions(
    base::Json const& json);

/// `GET /fapi/v1/accountConfig`, of which the rest is of no use to us.
[[nodiscard]] base::Result<model::PositionMode> decode_position_mode(base::Json const& json);

/// `POST /fapi/v1/listenKey`.
[[nodiscard]] base::Result<std::string> decode_listen_key(base::Json const& json);

}  // namespace obscura::venue
