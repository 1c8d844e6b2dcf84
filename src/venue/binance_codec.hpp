#pragma once

#include "venue/binance_documents.hpp"

/// Binance spot documents, read into our own types; as `binance_documents.hpp` says.
namespace obscura::venue {

/// `GET /api/v3/exchangeInfo`. Symbols without usable lot and price filters are left out: no order
/// could be sized for them.
[[nodiscard]] base::Result<std::vector<model::Instrument>> decode_instruments(
    base::Json const& json);

/// `POST /api/v3/order` (ACK, RESULT or FULL), `GET` and `DELETE /api/v3/order`.
[[nodiscard]] base::Result<ports::OrderState> decode_order(base::Json const& json);

/// `GET /api/v3/account`: of one asset what is free and what orders have locked; 0 of one that is
/// not listed.
[[nodiscard]] base::Result<base::Quantity> decode_balance(base::Json const& json,
                                                          std::string_view asset);

/// `GET /api/v3/myTrades`, ordered by trade id.
[[nodiscard]] base::Result<std::vector<model::Trade>> decode_trades(base::Json const& json);

/// An `executionReport` event whose execution type is TRADE.
[[nodiscard]] base::Result<model::Trade> decode_execution(base::Json const& event);

}  // namespace obscura::venue
