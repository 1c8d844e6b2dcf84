#include "conductor/market_book.hpp"

#include "support/coroutine.hpp"
#include "support/fakes/fake_venue.hpp"

#include <gtest/gtest.h>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::Environment;

struct MarketBookTest : ::testing::Test {
    boost::asio::io_context io;
    base::ManualClock clock{base::Timestamp(1'800'000'000s)};
    test::FakeVenue venue{io.get_executor(), clock};
    MarketBook book{{{{"binance", model::Market::spot}, &venue}}, clock};

    Quote quote(std::string symbol, std::optional<base::Price> known = std::nullopt,
                std::string name = "binance") {
        return test::run(
            io, book.quote({name, model::Market::spot}, Environment::paper, symbol, known));
    }
};

TEST_F(MarketBookTest, TheSignalsPriceComesFirst) {
    auto const q = quote("BTCUSDT", base::Price(49'000));
    ASSERT_TRUE(q.instrument);
    EXPECT_EQ(q.instrument->base_asset, "BTC");
    EXPECT_EQ(q.price, base::Price(49'000));
    EXPECT_TRUE(q.is_listed);
    EXPECT_EQ(venue.price_calls, 0);
}

TEST_F(MarketBookTest, TheLastPriceIsKeptForAMoment) {
    EXPECT_EQ(quote("BTCUSDT").price, base::Price(50'000));
    venue.last_prices["BTCUSDT"] = base::Price(51'000);
    EXPECT_EQ(quote("BTCUSDT").price, base::Price(50'000));
    clock.advance(500ms);
    EXPECT_EQ(quote("BTCUSDT").price, base::Price(51'000));
    EXPECT_EQ(venue.price_calls, 2);
    EXPECT_FALSE(quote("ETHUSDT").price);  // the venue knows none
}

TEST_F(MarketBookTest, InstrumentsAreLoadedOnceAndAgainLater) {
    (void)quote("BTCUSDT");
    (void)quote("ETHUSDT");
    EXPECT_EQ(venue.instrument_calls, 1);
    clock.advance(10min);
    (void)quote("BTCUSDT");
    EXPECT_EQ(venue.instrument_calls, 2);
}

TEST_F(MarketBookTest, AnUnknownSymbolIsLookedForNowAndThen) {
    EXPECT_FALSE(quote("NEWUSDT").instrument);
    EXPECT_FALSE(quote("NEWUSDT").instrument);
    EXPECT_EQ(venue.instrument_calls, 1);
    auto listed = venue.listing.front();
    listed.symbol = "NEWUSDT";
    venue.listing.push_back(listed);
    clock.advance(5s);
    EXPECT_TRUE(quote("NEWUSDT").instrument);
}

TEST_F(MarketBookTest, AVenueThatDoesNotAnswer) {
    venue.is_silent = true;
    auto q = quote("BTCUSDT", base::Price(1));
    EXPECT_FALSE(q.instrument);
    EXPECT_FALSE(q.is_listed);
    venue.is_silent = false;
    EXPECT_TRUE(quote("BTCUSDT").instrument);
    venue.is_silent = true;
    clock.advance(1h);
    q = quote("BTCUSDT", base::Price(1));
    EXPECT_TRUE(q.instrument);  // what was told once is better than nothing
    EXPECT_TRUE(q.is_listed);
}

TEST_F(MarketBookTest, AVenueThatIsNotThere) {
    auto const q = quote("BTCUSDT", std::nullopt, "kraken");
    EXPECT_FALSE(q.instrument || q.price || q.is_listed);
    EXPECT_EQ(book.find({"kraken"}, Environment::paper, "BTCUSDT"), nullptr);
    (void)quote("BTCUSDT");
    EXPECT_NE(book.find({"binance"}, Environment::paper, "BTCUSDT"), nullptr);
    EXPECT_EQ(book.find({"binance"}, Environment::paper, "XUSDT"), nullptr);
}

}  // namespace
}  // namespace obscura::conductor
