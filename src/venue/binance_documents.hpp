#pragma once

#include "base/json.hpp"
#include "model/instrument.hpp"
#include "model/trade.hpp"
#include "ports/venue.hpp"
#include "venue/fields.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What documents of Binance's markets have in common. Pure; errors are bad_gateway
/// "venue_answer_unreadable" and name the field. What a document does not say (ids, owner, time of
/// receipt of a trade) is left empty.
namespace obscura::venue {

/// Parses with limits that the largest document (exchangeInfo of all symbols) fits into.
[[nodiscard]] base::Result<base::Json> parse_binance(std::string_view body);

/// The rows of an array that is no longer than any answer of Binance's.
[[nodiscard]] base::Result<base::Json::Array const*> rows_of(base::Json const& json,
                                                             std::string_view what);

/// `ticker/price`, one object or an array.
[[nodiscard]] base::Result<std::vector<std::pair<std::string, base::Price>>> decode_prices(
    base::Json const& json);
/// `time`.
[[nodiscard]] base::Result<base::Timestamp> decode_time(base::Json const& json);

/// "BUY" or "SELL".
[[nodiscard]] model::Side read_side(Fields& in, std::string_view key);
/// An order but for what it cost and its fills. An ACK carries neither state nor quantities: the
/// order is open as far as it tells.
[[nodiscard]] ports::OrderState read_order(Fields& in);
/// A row of an account's fills but for side, maker and what one market alone says.
[[nodiscard]] model::Trade read_trade_row(Fields& in);
/// A fill pushed on a private stream but for its fee.
[[nodiscard]] model::Trade read_execution(Fields& in);

/// An account's fills, by ascending trade id.
[[nodiscard]] base::Result<std::vector<model::Trade>> decode_trade_rows(
    base::Json const& json, std::string_view what,
    base::Result<model::Trade> (*decode_row)(base::Json const&));

}  // namespace obscura::venue
