#include "alchemist/routes.hpp"

#include "crypto/signed_header.hpp"
#include "ports/caller.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/sample_trade.hpp"

#include <gtest/gtest.h>

namespace obscura::alchemist {
namespace {

class FakeReader final : public ports::TradeReader {
public:
    std::vector<ports::TradeQuery> queries;
    base::Result<ports::TradePage> answer;
    [[nodiscard]] ports::Task<base::Result<ports::TradePage>> list(
        ports::TradeQuery query) override {
        queries.push_back(std::move(query));
        co_return answer;
    }
};

class AlchemistRoutesTest : public testing::Test {
protected:
    static constexpr char const* path =
        "/internal/traders/00000000-0000-0000-0000-0000000000ff/trades";

    AlchemistRoutesTest() {
        caller.tenant.value.bytes[15] = 9;
        caller.user.emplace().value.bytes[15] = 21;
    }
    net::Response call(std::string where, std::string query, std::string given_key,
                       std::string header) {
        net::Request request;
        request.path = where;
        request.query = std::move(query);
        request.target = where;
        if (!given_key.empty()) request.headers.add("X-Internal-API-Key", given_key);
        if (!header.empty()) request.headers.add("X-Obscura-Caller", header);
        return test::run(io, router.dispatch(request));
    }
    net::Response list(std::string query = "", std::string where = path) {
        return call(std::move(where), std::move(query), "gateway-key-123456",
                    header_of(caller, clock.now()));
    }
    std::string header_of(ports::Caller const& who, base::Timestamp at) {
        return crypto::sign_header(key, ports::to_json(who).dump(), at);
    }

    boost::asio::io_context io;
    base::Metrics metrics;
    base::ManualClock clock{test::sample_time};
    FakeReader reader;
    base::Secret key{std::string_view("gateway-key-123456")};
    ports::Caller caller;
    net::Router router = make_router(
        {.trades = reader, .probes = {}, .metrics = metrics, .clock = clock, .gateway_key = key});
};

TEST_F(AlchemistRoutesTest, HealthSaysThatThereAreNoProofsYet) {
    auto const response = call("/health", "", "", "");
    EXPECT_EQ(response.status, 200U);
    auto const body = base::parse_json(response.body).value();
    EXPECT_EQ(body["status"].as_string(), "ok");
    EXPECT_EQ(body["proofs"].as_string(), "not_available");
    EXPECT_EQ(call("/metrics", "", "", "").status, 200U);
    EXPECT_EQ(call("/livez", "", "", "").status, 200U);
}

TEST_F(AlchemistRoutesTest, NeedsTheKeyAndASignedCaller) {
    auto const header = header_of(caller, clock.now());
    EXPECT_EQ(call(path, "", "", header).status, 401U);
    EXPECT_EQ(call(path, "", "wrong-key-12345678", header).status, 401U);
    EXPECT_EQ(call(path, "", "gateway-key-123456", "").status, 401U);
    EXPECT_EQ(call(path, "", "gateway-key-123456", header + "0").status, 401U);
    auto const old = header_of(caller, clock.now() - std::chrono::minutes(2));
    EXPECT_EQ(call(path, "", "gateway-key-123456", old).status, 401U);
    EXPECT_TRUE(reader.queries.empty());
    EXPECT_EQ(call(path, "", "gateway-key-123456", header).status, 200U);
}

TEST_F(AlchemistRoutesTest, APersonSeesOnlyTradersOfTheirOwn) {
    reader.answer = ports::TradePage{.trades = {test::sample_trade(1)}};
    auto const response = list("limit=5");
    ASSERT_EQ(response.status, 200U) << response.body;
    auto const& query = reader.queries.at(0);
    EXPECT_EQ(query.tenant, caller.tenant);
    EXPECT_EQ(query.owner, caller.user);
    EXPECT_EQ(query.limit, 5);
    auto const body = base::parse_json(response.body).value();
    EXPECT_EQ(body["data"].as_array().size(), 1U);
    EXPECT_TRUE(body["next_cursor"].is_null());
}

TEST_F(AlchemistRoutesTest, KeysAndAdministratorsSeeTheirTenants) {
    caller.is_admin = true;
    (void)list();
    EXPECT_FALSE(reader.queries.at(0).owner);
    caller.is_admin = false;
    caller.user.reset();
    caller.api_key.emplace();
    (void)list();
    EXPECT_FALSE(reader.queries.at(1).owner);
    EXPECT_EQ(reader.queries.at(1).tenant, caller.tenant);
}

TEST_F(AlchemistRoutesTest, BadParametersAndUnknownTraders) {
    EXPECT_EQ(list("from=never").status, 400U);
    EXPECT_EQ(list("", "/internal/traders/abc/trades").status, 400U);
    reader.answer =
        base::fail(base::Errc::not_found, "trader_not_found", "There is no such trader.");
    EXPECT_EQ(list().status, 404U);
}

}  // namespace
}  // namespace obscura::alchemist
