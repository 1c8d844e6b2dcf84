#pragma once

#include "paper/engine/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace obscura::paper {

/// A tradable pair with the venue's filters. Price and quantity places add up to at most 8, so that
/// every amount is exact in the 8 places of the wire.
struct PaperInstrument {
    std::string symbol;
    AssetId base_asset{};
    AssetId quote_asset{};
    base::Price start_price{};  ///< of the synthetic market
    base::Price tick{};
    base::Price min_price{};
    base::Price max_price{};
    base::Quantity step{};
    base::Quantity min_quantity{};
    base::Quantity max_quantity{};
    base::Quantity max_market_quantity{};
    base::Money min_notional{};
    base::Money max_notional{};  ///< limit orders only, as on the venue
};

/// The venue's pairs and assets. Immutable; ids are positions and are part of the journal, so the
/// built-in list only ever grows at its end.
class Catalogue {
public:
    /// The built-in list: BTCUSDT, ETHUSDT, SOLUSDT, ... Both markets have the same ids; futures
    /// are the perpetuals of the same names, with filters of their own.
    explicit Catalogue(Market market = Market::spot);

    [[nodiscard]] std::optional<SymbolId> find_symbol(std::string_view name) const;
    [[nodiscard]] std::optional<AssetId> find_asset(std::string_view name) const;
    [[nodiscard]] PaperInstrument const& instrument(SymbolId id) const {
        return instruments_[id.value];
    }
    [[nodiscard]] std::string const& asset(AssetId id) const { return assets_[id.value]; }
    [[nodiscard]] std::vector<PaperInstrument> const& instruments() const { return instruments_; }
    [[nodiscard]] std::vector<std::string> const& assets() const { return assets_; }

private:
    AssetId intern(std::string const& asset);

    std::vector<PaperInstrument> instruments_;
    std::vector<std::string> assets_;
    std::unordered_map<std::string, SymbolId> by_name_;
};

}  // namespace obscura::paper
