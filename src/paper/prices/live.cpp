#include "paper/prices/live.hpp"

#include "base/json.hpp"
#include "base/log.hpp"
#include "net/runtime.hpp"
#include "net/websocket.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace obscura::paper {

std::string LiveFeed::url() const {
    std::string streams;
    for (auto const& instrument : catalogue_.instruments()) {
        if (!streams.empty()) streams += '/';
        for (char const c : instrument.symbol) {
            streams += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        streams += "@miniTicker";
    }
    return origin_ + "/stream?streams=" + streams;
}

net::Task<void> LiveFeed::run(LiveFeed& feed) {
    constexpr std::chrono::seconds connect_timeout(10);
    constexpr std::chrono::seconds silence(30);  // miniTicker speaks every second
    constexpr std::chrono::milliseconds first_pause(500);
    constexpr std::chrono::milliseconds longest_pause(30'000);
    net::ClientConfig config;
    config.allowed_origins = {feed.origin_};
    auto pause = first_pause;
    auto const cancelled = co_await boost::asio::this_coro::cancellation_state;
    while (cancelled.cancelled() == boost::asio::cancellation_type::none) {
        auto const address = feed.url();
        auto connected = co_await net::connect_websocket(address, config, connect_timeout);
        while (connected) {
            auto const message = co_await (*connected)->receive(silence);
            if (!message) break;
            feed.take(*message);
            pause = first_pause;
        }
        base::log::warn("paper.live_prices_lost",
                        {{"retry_ms", pause.count()},
                         {"error", connected ? std::string() : connected.error().detail}});
        co_await net::sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
    }
}

void LiveFeed::take(std::string_view message) {
    auto const json = base::parse_json(message);
    if (!json) return;
    auto const& data = (*json)["data"];
    auto const symbol = catalogue_.find_symbol(data["s"].to_text().value_or(""));
    auto const price = data["c"].to_decimal();
    if (!symbol || !price) return;
    auto const& instrument = catalogue_.instrument(*symbol);
    auto const on_tick = to_step(base::Price{*price}, instrument.tick, base::Rounding::half_even);
    if (on_tick >= instrument.min_price && on_tick <= instrument.max_price)
        news_[*symbol] = on_tick;
}

std::vector<PricePoint> LiveFeed::advance(base::Timestamp) {
    std::vector<PricePoint> points(news_.begin(), news_.end());
    news_.clear();
    return points;
}

}  // namespace obscura::paper
