#include "citadel/price_watch.hpp"

#include "support/coroutine.hpp"
#include "support/fakes/fake_venue.hpp"

#include <gtest/gtest.h>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using model::Environment;
using model::Market;

struct PriceWatchTest : ::testing::Test {
    boost::asio::io_context io;
    base::SystemClock clock;
    obscura::test::FakeVenue venue{io.get_executor(), clock};
    PriceWatch watch{io.get_executor(), {{{"binance", Market::spot}, &venue}}, clock};
    ports::MarketPlace const place{"binance", Market::spot, Environment::paper};

    void SetUp() override { watch.start(); }
    void TearDown() override { obscura::test::run(io, watch.stop()); }
    /// Asks until the answer is there, or for a while.
    std::optional<base::Price> ask(std::string const& symbol, std::chrono::milliseconds limit) {
        for (auto const end = clock.steady() + limit; clock.steady() < end;) {
            if (auto const price = watch.price(place, symbol)) return price;
            io.restart();
            io.run_for(5ms);
        }
        return std::nullopt;
    }
};

TEST_F(PriceWatchTest, TellsWhatTheVenueTells) {
    EXPECT_FALSE(watch.price(place, "BTCUSDT"));  // it never waits
    EXPECT_EQ(ask("BTCUSDT", 10s), base::Price(50'000));
    auto const calls = venue.price_calls;
    EXPECT_EQ(watch.price(place, "BTCUSDT"), base::Price(50'000));
    io.restart();
    io.run_for(100ms);
    EXPECT_EQ(venue.price_calls, calls);  // a good price is not asked for at once
}

TEST_F(PriceWatchTest, KnowsNothingOfWhatNobodyServes) {
    EXPECT_FALSE(watch.price({"bybit", Market::spot, Environment::paper}, "BTCUSDT"));
    EXPECT_FALSE(watch.price({"binance", Market::futures, Environment::paper}, "BTCUSDT"));
    EXPECT_FALSE(ask("NOSUCHUSDT", 200ms));
}

TEST_F(PriceWatchTest, AVenueThatIsSilentIsAskedAgain) {
    venue.is_silent = true;
    EXPECT_FALSE(ask("BTCUSDT", 300ms));
    EXPECT_GT(venue.price_calls, 1);
    venue.is_silent = false;
    EXPECT_EQ(ask("BTCUSDT", 10s), base::Price(50'000));
}

}  // namespace
}  // namespace obscura::citadel
