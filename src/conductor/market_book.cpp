#include "conductor/market_book.hpp"

#include "base/log.hpp"

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
constexpr auto listing_lifetime = 10min;
constexpr auto unknown_symbol_pause = 5s;  // a new listing is found soon, a wrong name costs little
constexpr auto price_lifetime = 500ms;

}  // namespace

model::Instrument const* MarketBook::find(VenueMarket const& venue, model::Environment environment,
                                          std::string const& symbol) const {
    auto const listing = listings_.find({venue, environment});
    if (listing == listings_.end()) return nullptr;
    auto const it = listing->second.instruments.find(symbol);
    return it == listing->second.instruments.end() ? nullptr : &it->second;
}

base::Task<void> MarketBook::load(Place place, std::string const& symbol) {
    auto const known = listings_.find(place);
    auto const now = clock_.steady();
    if (known != listings_.end()) {
        bool const has_symbol = known->second.instruments.contains(symbol);
        auto const lifetime = has_symbol ? std::chrono::nanoseconds(listing_lifetime)
                                         : std::chrono::nanoseconds(unknown_symbol_pause);
        if (now - known->second.loaded < lifetime) co_return;
    }
    auto const venue = venues_.find(place.first);
    if (venue == venues_.end()) co_return;
    auto const listed = co_await venue->second->instruments(place.second);
    if (!listed) {
        base::log::warn("market.instruments_unavailable",
                        {{"venue", place.first.venue},
                         {"market", to_string(place.first.market)},
                         {"detail", listed.error().detail}});
        co_return;
    }
    Listing fresh{.instruments = {}, .loaded = clock_.steady()};
    for (auto const& instrument : *listed) fresh.instruments.emplace(instrument.symbol, instrument);
    listings_[place] = std::move(fresh);
}

base::Task<Quote> MarketBook::quote(VenueMarket venue, model::Environment environment,
                                    std::string symbol, std::optional<base::Price> known_price) {
    Place const place{venue, environment};
    co_await load(place, symbol);
    Quote quote{
        .instrument = std::nullopt, .price = known_price, .is_listed = listings_.contains(place)};
    if (auto const* instrument = find(venue, environment, symbol)) quote.instrument = *instrument;
    if (quote.price || !quote.instrument) co_return quote;

    auto const last = prices_[{place, symbol}];
    if (last.price.is_positive() && clock_.steady() - last.at < price_lifetime) {
        quote.price = last.price;
        co_return quote;
    }
    std::vector<std::string> symbols{symbol};
    auto const asked = co_await venues_.at(venue)->prices(environment, std::move(symbols));
    if (asked && !asked->empty()) {
        prices_[{place, symbol}] = {.price = asked->front().second, .at = clock_.steady()};
        quote.price = asked->front().second;
    }
    co_return quote;
}

}  // namespace obscura::conductor
