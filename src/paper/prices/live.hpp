#pragma once

#include "net/task.hpp"
#include "paper/engine/instruments.hpp"
#include "paper/prices/feed.hpp"

#include <map>
#include <string>
#include <string_view>

namespace obscura::paper {

/// Binance's public miniTicker streams. `run` connects and reconnects until its scope stops; a
/// symbol without news keeps its price. Event-loop thread only.
class LiveFeed final : public PriceFeed {
public:
    LiveFeed(Catalogue const& catalogue, std::string origin)
        : catalogue_(catalogue), origin_(std::move(origin)) {}

    [[nodiscard]] static net::Task<void> run(LiveFeed& feed);
    [[nodiscard]] std::vector<PricePoint> advance(base::Timestamp now) override;
    /// Takes {"stream": ..., "data": {"e": "24hrMiniTicker", "s": ..., "c": ...}}; ignores all
    /// else.
    void take(std::string_view message);

private:
    [[nodiscard]] std::string url() const;

    Catalogue const& catalogue_;
    std::string origin_;  ///< wss://host:port
    std::map<SymbolId, base::Price> news_;
};

}  // namespace obscura::paper
