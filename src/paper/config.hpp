#pragma once

#include "base/config.hpp"
#include "paper/admin.hpp"
#include "paper/exchange.hpp"
#include "paper/prices/synthetic.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::paper {

/// The section [paper] of the service's settings.
struct Config {
    std::string state_directory = ".obscura/paper";
    std::string prices = "synthetic";  ///< synthetic, replay or binance
    std::string price_file;            ///< of replay
    std::string live_origin = "wss://stream.binance.com:9443";
    std::int64_t seed = 1;
    std::chrono::milliseconds tick{250};
    std::int64_t volatility_ppm = 100;
    std::string maker_fee = "0.001";
    std::string taker_fee = "0.001";
    std::vector<std::string> default_balances{"USDT=100000"};
    std::string futures_maker_fee = "0.0002";
    std::string futures_taker_fee = "0.0005";
    std::string default_futures_balance = "100000";
    std::string funding_rate = "0.0001";
    std::chrono::milliseconds funding_interval{std::chrono::hours(8)};
    std::chrono::milliseconds listen_key_life{std::chrono::hours(1)};
    std::int64_t level_notional = 20'000;
    std::size_t max_open_orders = 200;
    std::size_t max_accounts = 10'000;
    std::size_t max_closed_orders = 500'000;
    std::size_t compact_above_bytes = 64 << 20;
    std::size_t weight_per_minute = 6000;
    std::size_t orders_per_10s = 100;
    std::size_t orders_per_day = 200'000;
    std::size_t futures_weight_per_minute = 2400;
    std::size_t futures_orders_per_10s = 300;
    std::size_t futures_orders_per_minute = 1200;
    std::size_t refusals_before_ban = 20;
    std::chrono::milliseconds first_ban{120'000};
    std::chrono::milliseconds ping_every{20'000};

    void bind_to(base::ConfigTable& table);

    [[nodiscard]] ExchangeSettings exchange() const;
    [[nodiscard]] SyntheticSettings synthetic() const;
    /// Throws std::invalid_argument for an asset that is not traded here.
    [[nodiscard]] AdminSettings admin(Catalogue const& catalogue) const;
};

}  // namespace obscura::paper
