#pragma once

#include "model/types.hpp"

#include <map>
#include <string>
#include <vector>

namespace obscura::venue {

/// Where one environment of one of Binance's markets is reached.
struct BinanceEndpoint {
    std::string rest;  ///< "https://api.binance.com"
    /// Of private streams: "wss://ws-api.binance.com:443/ws-api/v3", on futures
    /// "wss://fstream.binance.com/private/ws".
    std::string stream;
};
using BinanceEndpoints = std::map<model::Environment, BinanceEndpoint>;

/// Binance spot's own addresses for live and testnet, and the paper venue at `paper_rest`
/// ("http://127.0.0.1:8010"; the stream is on the same host and port). An empty `paper_rest` leaves
/// paper out.
[[nodiscard]] BinanceEndpoints binance_endpoints(std::string const& paper_rest);
/// The same of USD-M futures, whose testnet is Binance's demo trading.
[[nodiscard]] BinanceEndpoints binance_futures_endpoints(std::string const& paper_rest);

/// Normalised origins of REST and streams, for the clients' allow-lists. Throws
/// std::invalid_argument for an address that is none.
[[nodiscard]] std::vector<std::string> origins_of(BinanceEndpoints const& endpoints);
/// Those of REST alone.
[[nodiscard]] std::vector<std::string> rest_origins_of(BinanceEndpoints const& endpoints);

}  // namespace obscura::venue
