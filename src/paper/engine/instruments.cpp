#include "paper/engine/instruments.hpp"

#include <array>
#include <stdexcept>

namespace obscura::paper {
namespace {

struct Row {
    char const* base;
    char const* start_price;
    char const* tick;
    char const* max_price;
    char const* step;
    char const* max_quantity;
    char const* max_market_quantity;
    std::int64_t min_notional = 5;
};

// Filters as api.binance.com shows them; start prices are round numbers of the right size.
constexpr std::array spot_rows{
    Row{"BTC", "50000", "0.01", "1000000", "0.00001", "9000", "120"},
    Row{"ETH", "3000", "0.01", "1000000", "0.0001", "9000", "2000"},
    Row{"SOL", "150", "0.01", "10000", "0.001", "90000", "20000"},
    Row{"BNB", "600", "0.01", "100000", "0.001", "900000", "4000"},
    Row{"XRP", "0.5", "0.0001", "10000", "0.1", "9222449", "3000000"},
    Row{"ADA", "0.4", "0.0001", "1000", "0.1", "900000", "900000"},
    Row{"DOGE", "0.12", "0.00001", "1000", "1", "9000000", "9000000"},
    Row{"LTC", "80", "0.01", "100000", "0.001", "90000", "20000"},
    Row{"AVAX", "30", "0.01", "10000", "0.01", "90000", "50000"},
    Row{"LINK", "15", "0.01", "10000", "0.01", "90000", "80000"},
    Row{"DOT", "6", "0.001", "10000", "0.01", "90000", "90000"},
    Row{"TRX", "0.15", "0.0001", "1000", "0.1", "9000000", "9000000"},
};

// As fapi.binance.com shows them; the same pairs in the same order.
constexpr std::array futures_rows{
    Row{"BTC", "50000", "0.1", "1000000", "0.001", "1000", "120", 100},
    Row{"ETH", "3000", "0.01", "306177", "0.001", "10000", "2000", 20},
    Row{"SOL", "150", "0.01", "6857", "0.01", "1000000", "5000"},
    Row{"BNB", "600", "0.01", "100000", "0.01", "100000", "2000"},
    Row{"XRP", "0.5", "0.0001", "100000", "0.1", "10000000", "2000000"},
    Row{"ADA", "0.4", "0.0001", "10000", "1", "2000000", "300000"},
    Row{"DOGE", "0.12", "0.00001", "30000", "1", "50000000", "30000000"},
    Row{"LTC", "80", "0.01", "100000", "0.001", "10000", "5000"},
    Row{"AVAX", "30", "0.001", "10000", "1", "100000", "5000"},
    Row{"LINK", "15", "0.001", "10000", "0.01", "200000", "20000"},
    Row{"DOT", "6", "0.001", "10000", "0.1", "500000", "50000"},
    Row{"TRX", "0.15", "0.00001", "1000", "1", "10000000", "5000000"},
};
static_assert(futures_rows.size() == spot_rows.size());

template <class Amount>
Amount amount(char const* text) {
    auto const parsed = Amount::parse(text);
    if (!parsed) throw std::logic_error("the built-in catalogue has a broken number");
    return *parsed;
}

}  // namespace

Catalogue::Catalogue(Market market) {
    auto const usdt = intern("USDT");
    for (auto const& row : market == Market::spot ? spot_rows : futures_rows) {
        std::string name = std::string(row.base) + "USDT";
        by_name_.emplace(name, SymbolId(static_cast<std::uint16_t>(instruments_.size())));
        auto const tick = amount<base::Price>(row.tick);
        auto const step = amount<base::Quantity>(row.step);
        instruments_.push_back(
            {.symbol = std::move(name),
             .base_asset = intern(row.base),
             .quote_asset = usdt,
             .start_price = amount<base::Price>(row.start_price),
             .tick = tick,
             .min_price = tick,
             .max_price = amount<base::Price>(row.max_price),
             .step = step,
             .min_quantity = step,
             .max_quantity = amount<base::Quantity>(row.max_quantity),
             .max_market_quantity = amount<base::Quantity>(row.max_market_quantity),
             .min_notional = base::Money(row.min_notional),
             .max_notional = base::Money(9'000'000)});
    }
}

AssetId Catalogue::intern(std::string const& asset) {
    if (auto const known = find_asset(asset)) return *known;
    assets_.push_back(asset);
    return AssetId(static_cast<std::uint16_t>(assets_.size() - 1));
}

std::optional<SymbolId> Catalogue::find_symbol(std::string_view name) const {
    auto const found = by_name_.find(std::string(name));  // names fit the small-string buffer
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
}

std::optional<AssetId> Catalogue::find_asset(std::string_view name) const {
    for (std::size_t i = 0; i < assets_.size(); ++i) {
        if (assets_[i] == name) return AssetId(static_cast<std::uint16_t>(i));
    }
    return std::nullopt;
}

}  // namespace obscura::paper
