#include "venue/binance_spot.hpp"

#include "venue/binance_codec.hpp"

namespace obscura::venue {
namespace {

/// `?symbols=["BTCUSDT","ETHUSDT"]`, percent-encoded.
std::string symbol_list(std::vector<std::string> const& symbols) {
    base::Json::Array list(symbols.begin(), symbols.end());
    return "?symbols=" + net::percent_encode(base::Json(std::move(list)).dump());
}

constexpr BinanceDialect spot_dialect{.market = model::Market::spot,
                                      .time_path = "/api/v3/time",
                                      .instruments_path = "/api/v3/exchangeInfo",
                                      .prices_path = "/api/v3/ticker/price",
                                      .prices_query = symbol_list,
                                      .decode_order = decode_order,
                                      .decode_trades = decode_trades,
                                      .decode_instruments = decode_instruments};

}  // namespace

BinanceSpot::BinanceSpot(net::HttpClient& client, BinanceSpotConfig config,
                         base::Clock const& clock)
    : BinanceVenue(spot_dialect, client, std::move(config), clock) {}

ports::Task<base::Result<base::Quantity>> BinanceSpot::holding(ports::VenueRequest request,
                                                               ports::HoldingOf of) {
    auto const json = co_await read(std::move(request));
    if (!json) co_return std::unexpected(json.error());
    co_return decode_balance(*json, of.base_asset);
}

}  // namespace obscura::venue
