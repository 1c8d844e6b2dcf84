#include "store/trade_publisher.hpp"

#include "net/runtime.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/sample_trade.hpp"
#include "support/private_redis.hpp"

#include <gtest/gtest.h>

namespace obscura::store {
namespace {

using test::sample_trade;

TEST(RedisTradePublisherTest, TellsStreamsChannelsAndConductor) {
    boost::asio::io_context io;
    auto const config = [] {
        return RedisConfig{.url = base::Secret(test::PrivateRedis::shared().url())};
    };
    model::TraderId trader;
    trader.value.bytes[15] = 5;
    auto const id = trader.to_string();
    std::vector<std::pair<std::string, std::string>> heard;
    bool subscribed = false;
    RedisSubscriber ear(
        io.get_executor(), config(), {"obscura:wake:conductor", "trades." + id}, {},
        [&](std::string_view channel, std::string_view text) { heard.emplace_back(channel, text); },
        [&] { subscribed = true; });
    Redis redis(io.get_executor(), config());
    RedisTradePublisher publisher(redis);
    auto const story = [&]() -> net::Task<void> {
        while (!subscribed) co_await net::sleep_for(std::chrono::milliseconds(1));
        (void)co_await redis.ping(std::chrono::milliseconds(5'000));  // connected from here on
        publisher.publish({{sample_trade(1), {trader}}});
        while (heard.size() < 2) co_await net::sleep_for(std::chrono::milliseconds(1));
        RedisCommand read{"XRANGE", "stream:trades:" + id, "-", "+"};
        auto const entries = co_await redis.command(std::move(read));
        auto const payload = model::to_json(sample_trade(1)).dump();
        EXPECT_EQ(heard[0].first, "obscura:wake:conductor");
        EXPECT_EQ(heard[1], (std::pair{"trades." + id, payload}));
        if (!entries || entries->items.size() != 1) {
            ADD_FAILURE() << "no entry on the stream";
        } else {
            EXPECT_EQ(entries->items[0].items[1].items[0].text, "payload");
            EXPECT_EQ(entries->items[0].items[1].items[1].text, payload);
        }
        ear.close();
        redis.close();
    };
    test::run(io, story());
    io.restart();
    io.run();
}

}  // namespace
}  // namespace obscura::store
