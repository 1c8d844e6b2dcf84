#pragma once

#include "base/json.hpp"
#include "model/instrument.hpp"
#include "model/trade.hpp"
#include "ports/venue.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Binance spot documents, read into our own types. Pure; errors are bad_gateway
/// "venue_answer_unreadable" and name the field.
namespace obscura::venue {

/// Parses with limits that the largest document (exchangeInfo of all symbols) fits into.
[[nodiscard]] base::Result<base::Json> parse_binance(std::string_view body);

/// `GET /api/v3/exchangeInfo`. Symbols without usable lot and price filters are left out: no order
/// could be sized for them.
[[nodiscard]] base::Result<std::vector<model::Instrument>> decode_instruments(
    base::Json const& json);

/// `POST /api/v3/order` (ACK, RESULT or FULL), `GET` and `DELETE /api/v3/order`.
[[nodiscard]] base::Result<ports::OrderState> decode_order(base::Json const& json);

/// `GET /api/v3/myTrades`, ordered by trade id. What the venue does not say (ids, owner, time of
/// receipt) is left empty.
[[nodiscard]] base::Result<std::vector<model::Trade>> decode_trades(base::Json const& json);

/// An `executionReport` event whose execution type is TRADE; as above.
[[nodiscard]] base::Result<model::Trade> decode_execution(base::Json const& event);

/// `GET /api/v3/ticker/price`, one object or an array.
[[nodiscard]] base::Result<std::vector<std::pair<std::string, base::Price>>> decode_prices(
    base::Json const& json);

}  // namespace obscura::venue
