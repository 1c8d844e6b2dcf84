#include "sentinel/routes.hpp"

#include "fakes.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/fake_trade_store.hpp"
#include "support/fakes/sample_trade.hpp"

#include <gtest/gtest.h>

namespace obscura::sentinel {
namespace {

using namespace std::chrono_literals;

class FakeProbe final : public ports::HealthProbe {
public:
    bool is_up = true;
    [[nodiscard]] std::string name() const override { return "postgresql"; }
    [[nodiscard]] ports::Task<ports::ProbeResult> check(std::chrono::milliseconds) override {
        co_return ports::ProbeResult{.is_up = is_up, .internal = "secret detail"};
    }
};

class SentinelRoutesTest : public testing::Test {
protected:
    net::Response call(std::string method, std::string path, std::string query = "",
                       std::string given_key = "") {
        net::Request request;
        request.method = std::move(method);
        request.path = path;
        request.query = query;
        request.target = query.empty() ? path : path + "?" + query;
        request.id = "req-1";
        if (!given_key.empty()) request.headers.add("X-Internal-API-Key", given_key);
        return test::run(io, router.dispatch(request));
    }
    net::Response trades(std::string query) {
        return call("GET", "/internal/trades", std::move(query), "gateway-key-123456");
    }
    static base::Json body(net::Response const& response) {
        return base::parse_json(response.body).value();
    }

    boost::asio::io_context io;
    base::Metrics metrics;
    base::ManualClock clock{test::sample_time};
    test::FakeDirectory directory;
    test::FakeTradeStore store;
    test::FakePublisher publisher;
    test::FakeTradeReader reader;
    FakeProbe probe;
    base::Secret key{std::string_view("gateway-key-123456")};
    Ingest ingest{io.get_executor(),
                  {},
                  store,
                  publisher,
                  [](auto) { return std::vector<model::TraderId>{}; },
                  metrics,
                  clock};
    Roster roster{io.get_executor(), 1s, directory, store, {}, ingest, metrics};
    net::Router router = make_router({.roster = roster,
                                      .ingest = ingest,
                                      .trades = reader,
                                      .probes = {&probe},
                                      .metrics = metrics,
                                      .clock = clock,
                                      .gateway_key = key});
};

TEST_F(SentinelRoutesTest, HealthTellsOfTheRecordWithoutItsDetails) {
    auto response = call("GET", "/health");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(body(response)["status"].as_string(), "ok");
    EXPECT_EQ(body(response)["service"].as_string(), "sentinel");
    probe.is_up = false;
    response = call("GET", "/health");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(body(response)["dependencies"]["postgresql"]["status"].as_string(), "down");
    EXPECT_EQ(response.body.find("secret detail"), std::string::npos);
}

TEST_F(SentinelRoutesTest, ReadyOnlyAfterTheFirstLook) {
    EXPECT_EQ(call("GET", "/readyz").status, 503U);
    EXPECT_EQ(call("GET", "/livez").status, 200U);
}

TEST_F(SentinelRoutesTest, MetricsAreExposed) {
    EXPECT_NE(call("GET", "/metrics").body.find("obscura_stage_seconds"), std::string::npos);
}

TEST_F(SentinelRoutesTest, InternalRoutesNeedTheKey) {
    for (auto const* wrong : {"", "gateway-key-12345", "gateway-key-1234567"}) {
        EXPECT_EQ(call("GET", "/internal/trades", "", wrong).status, 401U) << wrong;
        EXPECT_EQ(call("POST", "/internal/refresh", "", wrong).status, 401U) << wrong;
    }
    EXPECT_TRUE(reader.queries.empty());
    EXPECT_EQ(call("POST", "/internal/refresh", "", "gateway-key-123456").status, 202U);
    EXPECT_EQ(call("GET", "/internal/refresh", "", "gateway-key-123456").status, 405U);
}

TEST_F(SentinelRoutesTest, ListsTradesOfALeader) {
    auto const trader = std::string("00000000-0000-0000-0000-0000000000ff");
    ports::TradePage page{.trades = {test::sample_trade(1)}};
    page.next = ports::TradePosition{page.trades[0].executed_at, page.trades[0].id};
    reader.answer = page;
    auto const first = trades("trader_id=" + trader +
                              "&from=2024-11-01T00:00:00Z&to=2024-12-01T00:00:00Z&limit=1");
    ASSERT_EQ(first.status, 200U) << first.body;
    EXPECT_EQ(body(first)["data"].as_array().at(0)["venue_trade_id"].as_string(), "1");
    auto const cursor = body(first)["next_cursor"].as_string();
    ASSERT_EQ(reader.queries.size(), 1U);
    EXPECT_EQ(reader.queries[0].trader.to_string(), trader);
    EXPECT_EQ(reader.queries[0].limit, 1);
    EXPECT_EQ(base::to_rfc3339(reader.queries[0].from), "2024-11-01T00:00:00.000Z");
    EXPECT_FALSE(reader.queries[0].tenant);

    (void)trades("trader_id=" + trader + "&cursor=" + cursor);
    EXPECT_EQ(reader.queries[1].after, page.next);
    EXPECT_EQ(reader.queries[1].to, clock.now());
    EXPECT_EQ(reader.queries[1].from, clock.now() - std::chrono::days(30));
}

TEST_F(SentinelRoutesTest, NamesEveryBadParameter) {
    auto const response = trades("trader_id=x&from=yesterday&to=1&limit=1001&cursor=abc");
    EXPECT_EQ(response.status, 400U);
    std::vector<std::string> pointers;
    for (auto const& error : body(response)["errors"].as_array())
        pointers.push_back(error["pointer"].as_string());
    EXPECT_EQ(pointers,
              (std::vector<std::string>{"/trader_id", "/to", "/from", "/limit", "/cursor"}));
    EXPECT_EQ(trades("").status, 400U);
    EXPECT_TRUE(reader.queries.empty());
    auto const id = std::string("trader_id=00000000-0000-0000-0000-0000000000ff&");
    for (auto const* bad :
         {"limit=0", "limit=1x", "limit=", "from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z",
          "cursor=1.", "cursor=.00000000-0000-0000-0000-0000000000ff",
          "cursor=-1.00000000-0000-0000-0000-0000000000ff"})
        EXPECT_EQ(trades(id + bad).status, 400U) << bad;
}

TEST_F(SentinelRoutesTest, AnUnknownTraderIs404) {
    reader.answer =
        base::fail(base::Errc::not_found, "trader_not_found", "There is no such trader.");
    EXPECT_EQ(trades("trader_id=00000000-0000-0000-0000-0000000000ff").status, 404U);
}

}  // namespace
}  // namespace obscura::sentinel
