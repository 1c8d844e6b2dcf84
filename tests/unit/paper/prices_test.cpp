#include "paper/prices/live.hpp"
#include "paper/prices/replay.hpp"
#include "paper/prices/synthetic.hpp"
#include "unit/paper/market.hpp"

namespace obscura::paper::test {
namespace {

using namespace std::chrono_literals;

std::string walk(std::uint64_t seed, int steps) {
    Catalogue const catalogue;
    State state(catalogue, 1000);
    SyntheticFeed feed(state, {.seed = seed});
    std::string prices;
    for (int i = 0; i < steps; ++i) {
        for (auto const& [symbol, at] : feed.advance(start_time + i * 250ms)) {
            auto const& instrument = catalogue.instrument(symbol);
            EXPECT_EQ(to_step(at, instrument.tick, base::Rounding::floor), at);
            state.move_price(symbol, at);
            if (symbol.value == 0) prices += at.to_string() + " ";
        }
    }
    return prices;
}

TEST(PaperPrices, SyntheticWalkIsSeededAndMoves) {
    EXPECT_EQ(walk(1, 50), walk(1, 50));
    EXPECT_NE(walk(1, 50), walk(2, 50));
    EXPECT_TRUE(walk(1, 60).starts_with(walk(1, 50)));
}

TEST(PaperPrices, SyntheticStaysNearItsStart) {
    Catalogue const catalogue;
    State state(catalogue, 1000);
    SyntheticFeed feed(state, {.seed = 3});
    SymbolId const btc(0);
    for (int i = 0; i < 20'000; ++i) {
        for (auto const& [symbol, at] : feed.advance(start_time + i * 250ms))
            state.move_price(symbol, at);
    }
    EXPECT_GT(state.symbol(btc).price, price("45000"));
    EXPECT_LT(state.symbol(btc).price, price("55000"));
}

TEST(PaperPrices, SyntheticTakesOneStepPerInterval) {
    Catalogue const catalogue;
    State const state(catalogue, 1000);
    SyntheticFeed feed(state, {});
    EXPECT_EQ(feed.advance(start_time).size(), catalogue.instruments().size());
    EXPECT_TRUE(feed.advance(start_time + 249ms).empty());
    EXPECT_FALSE(feed.advance(start_time + 250ms).empty());
}

TEST(PaperPrices, ReplayKeepsTheRecordedPace) {
    Catalogue const catalogue;
    auto feed = ReplayFeed::parse(
        "1000,BTCUSDT,50000\n1000,ETHUSDT,3000\r\n\n1500,BTCUSDT,50100.004\n1600,BTCUSDT,50200\n",
        catalogue);
    ASSERT_TRUE(feed);
    EXPECT_EQ(feed->advance(start_time).size(), 2U);
    EXPECT_TRUE(feed->advance(start_time + 499ms).empty());
    auto const later = feed->advance(start_time + 500ms);
    ASSERT_EQ(later.size(), 1U);
    EXPECT_EQ(later[0].second, price("50100"));
    EXPECT_EQ(feed->advance(start_time + 5s).at(0).second, price("50200"));
    EXPECT_TRUE(feed->finished());
    EXPECT_TRUE(feed->advance(start_time + 6s).empty());
}

TEST(PaperPrices, ReplayNamesTheBadLine) {
    Catalogue const catalogue;
    for (std::string const bad :
         {"x,BTCUSDT,1", "1,NOPE,1", "1,BTCUSDT,-1", "1,BTCUSDT", "1,BTCUSDT,1e9"}) {
        auto const feed = ReplayFeed::parse("1,BTCUSDT,50000\n" + bad + "\n", catalogue);
        ASSERT_FALSE(feed) << bad;
        EXPECT_NE(feed.error().detail.find("Line 2"), std::string::npos);
    }
    EXPECT_FALSE(ReplayFeed::parse("2,BTCUSDT,1\n1,BTCUSDT,1\n", catalogue));
}

TEST(PaperPrices, LiveTakesMiniTickersAndIgnoresTheRest) {
    Catalogue const catalogue;
    LiveFeed feed(catalogue, "wss://stream.binance.com:9443");
    feed.take(
        R"({"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","s":"BTCUSDT","c":"61234.567"}})");
    feed.take(R"({"data":{"s":"NOPE","c":"1"}})");
    feed.take(R"({"data":{"s":"ETHUSDT","c":"-1"}})");
    feed.take("not json");
    auto const points = feed.advance(start_time);
    ASSERT_EQ(points.size(), 1U);
    EXPECT_EQ(points[0].second, price("61234.57"));
    EXPECT_TRUE(feed.advance(start_time).empty());
}

}  // namespace
}  // namespace obscura::paper::test
