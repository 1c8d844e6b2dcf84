#pragma once

#include "venue/binance_account_reader.hpp"
#include "venue/fill_tracker.hpp"

#include <vector>

namespace obscura::venue {

/// `GET /api/v3/myTrades`, on futures `GET /fapi/v1/userTrades`, ordered by trade id.
/// "unknown_symbol" when the venue does not have it; else as the reader fails.
[[nodiscard]] ports::Task<base::Result<std::vector<model::Trade>>> read_history(
    BinanceAccountReader& reader, ports::LeaderAccount const& account, PageAsk ask);

/// How the market tells it.
[[nodiscard]] FillHistory binance_history_of(model::Market market);

}  // namespace obscura::venue
