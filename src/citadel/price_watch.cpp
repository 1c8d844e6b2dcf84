#include "citadel/price_watch.hpp"

#include "base/log.hpp"

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;

constexpr auto good_for = 10s;              // an older price holds nobody to anything
constexpr auto read_every = 2s;             // while it is wanted
constexpr auto wanted_for = 5min;           // after the last question
constexpr auto read_spacing = 50ms;         // however many ask for new symbols
constexpr std::size_t max_symbols = 2'000;  // of a place; more are not known

}  // namespace

PriceWatch::PriceWatch(boost::asio::any_io_executor executor, Venues venues,
                       base::Clock const& clock)
    : venues_(std::move(venues)), clock_(clock), scope_(executor), wanted_(executor) {}

void PriceWatch::start() { scope_.spawn("citadel.prices", watch()); }
net::Task<void> PriceWatch::stop() { co_await scope_.stop(); }

std::optional<base::Price> PriceWatch::price(ports::MarketPlace const& place,
                                             std::string const& symbol) {
    if (!venues_.contains({place.venue, place.market})) return std::nullopt;
    auto& quotes = places_[place];
    if (!quotes.contains(symbol) && quotes.size() >= max_symbols) return std::nullopt;
    auto const now = clock_.steady();
    auto& quote = quotes[symbol];
    quote.wanted = now;
    bool const is_good = quote.price && now - quote.read < good_for;
    if (!is_good) wanted_.notify();
    return is_good ? quote.price : std::nullopt;
}

std::vector<std::string> PriceWatch::due(Quotes& quotes) const {
    auto const now = clock_.steady();
    std::erase_if(quotes,
                  [&](auto const& entry) { return now - entry.second.wanted > wanted_for; });
    std::vector<std::string> symbols;
    for (auto const& [symbol, quote] : quotes)
        if (!quote.price || now - quote.read >= read_every) symbols.push_back(symbol);
    return symbols;
}

net::Task<void> PriceWatch::read(ports::MarketPlace place) {
    auto symbols = due(places_[place]);
    if (symbols.empty()) co_return;
    auto const asked = clock_.steady();
    auto const told = co_await venues_.at({place.venue, place.market})
                          ->prices(place.environment, std::move(symbols));
    if (!told) {
        base::log::warn("citadel.prices_unread",
                        {{"venue", place.venue}, {"detail", told.error().detail}});
        co_return;
    }
    auto& quotes = places_[place];
    for (auto const& [symbol, price] : *told)
        if (auto const quote = quotes.find(symbol); quote != quotes.end() && price.is_positive()) {
            quote->second.price = price;
            quote->second.read = asked;
        }
}

net::Task<void> PriceWatch::watch() {
    while (!scope_.stopping()) {
        std::vector<ports::MarketPlace> places;
        for (auto const& [place, quotes] : places_) places.push_back(place);
        for (auto const& place : places) {
            try {
                co_await read(place);
            } catch (std::exception const& e) {
                base::log::warn("citadel.prices_unread",
                                {{"venue", place.venue}, {"detail", e.what()}});
            }
        }
        co_await net::sleep_for(read_spacing);
        (void)co_await wanted_.wait(read_every);
    }
}

}  // namespace obscura::citadel
