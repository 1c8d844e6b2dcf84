// Hyperliquid at POST /sign: what citadel holds to whatever the venue.
#include "citadel/credential_limits.hpp"
#include "service_fixture.hpp"
#include "venue_fixture.hpp"

namespace obscura::citadel {
namespace {

using base::Json;

class HyperliquidRouteTest : public test::ServiceTest {
protected:
    [[nodiscard]] static Json order(std::string_view symbol = "4") {
        return Json::object({{"kind", "place_order"},
                             {"symbol", symbol},
                             {"side", "buy"},
                             {"order_type", "limit"},
                             {"quantity", "0.5"},
                             {"limit_price", "1600"},
                             {"client_order_id", "0x0123456789abcdef0123456789abcdef"}});
    }
    /// Of a credential that is limited to that, where it is.
    [[nodiscard]] Json asked(std::string_view id, Json operation, std::string const& limits = "") {
        auto made = item(id, std::move(operation));
        std::string const plain(test::context);
        auto const inner = limits.empty() ? plain : limited_context(plain, limits);
        auto credentials = Json::object({{"api_key", sealed(test::agent_account, inner)},
                                         {"private_key", sealed(test::agent_key, inner)}});
        if (!limits.empty()) credentials.set("limits", sealed(limits, plain));
        made.set("venue", "hyperliquid");
        made.set("environment", "live");
        made.set("market", "futures");
        made.set("credentials", std::move(credentials));
        return made;
    }
    [[nodiscard]] Json answer(Json one) {
        auto const seen = sign("conductor", {std::move(one)});
        return seen.body["items"].as_array().at(0);
    }
    [[nodiscard]] static std::int64_t nonce_of(Json const& made) {
        auto const body = base::parse_json(made["body"].as_string());
        return body.value()["nonce"].to_int64().value_or(0);
    }
};

// It gives no secret away: it is handed out live.
TEST_F(HyperliquidRouteTest, AnOrder) {
    auto const made = answer(asked("a", order()));
    EXPECT_EQ(made["url"].to_text(), "https://api.hyperliquid.xyz:443/exchange") << made.dump();
    EXPECT_EQ(made["expires_at"].as_string(), "2025-11-24T16:00:05.000Z");
    EXPECT_EQ(nonce_of(made), 1'764'000'000'000);
    EXPECT_EQ(made.dump().find(test::agent_key.substr(2)), std::string::npos);
}

// The clock stands still here.
TEST_F(HyperliquidRouteTest, NoncesRiseAcrossABatchAndTheNext) {
    std::int64_t last = 0;
    for (int batch = 0; batch < 2; ++batch) {
        Json::Array items;
        for (int i = 0; i < 100; ++i) items.push_back(asked("i" + std::to_string(i), order()));
        auto const seen = sign("conductor", std::move(items));
        for (auto const& made : seen.body["items"].as_array()) {
            EXPECT_GT(nonce_of(made), last);
            last = nonce_of(made);
        }
    }
    EXPECT_EQ(last, 1'764'000'000'199);
}

TEST_F(HyperliquidRouteTest, NoncesAreOfOurClock) {
    auto one = asked("a", order());
    one.set("venue_now_ms", base::to_unix_ms(clock_.now()) + 240'000);
    one.set("not_after_ms", base::to_unix_ms(clock_.now()) + 245'000);
    EXPECT_EQ(nonce_of(answer(one)), 1'764'000'000'000);
}

// citadel watches no prices of the venue: what is held to a notional opens nothing.
TEST_F(HyperliquidRouteTest, LimitsOfTheOwner) {
    auto const reason = [&](Json operation, std::string const& limits) {
        auto const made = answer(asked("a", std::move(operation), limits));
        return made["error"].is_object() ? made["error"]["code"].as_string() : std::string();
    };
    EXPECT_EQ(reason(order("4"), R"({"symbols":["4"]})"), "");
    EXPECT_EQ(reason(order("5"), R"({"symbols":["4"]})"), "limit_symbol");
    for (std::string const limits :
         {R"({"max_order_notional":"1000000"})", R"({"max_daily_notional":"1000000"})"}) {
        EXPECT_EQ(reason(order("4"), limits), "limit_price_unknown");
        auto reduces = order("4");
        reduces.set("side", "sell");
        reduces.set("reduce_only", true);
        EXPECT_EQ(reason(reduces, limits), "");
    }
}

TEST_F(HyperliquidRouteTest, EveryCallerHasItsRightsHere) {
    auto const signed_for = [&](std::string_view caller, Json operation) {
        auto const seen = sign(caller, {asked("a", std::move(operation))});
        return seen.body["items"].as_array().at(0)["url"].is_string();
    };
    auto const look = Json::object({{"kind", "read_account"}});
    auto const rights = Json::object({{"kind", "read_key_rights"}});
    for (auto const* caller : {"gateway", "conductor", "sentinel"}) {
        EXPECT_EQ(signed_for(caller, order()), caller == std::string_view("conductor"));
        EXPECT_EQ(signed_for(caller, rights), caller == std::string_view("gateway"));
        EXPECT_TRUE(signed_for(caller, look));
    }
}

TEST_F(HyperliquidRouteTest, NobodyGetsWhatMovesMoney) {
    for (auto const* kind : {"withdraw", "usd_send", "spot_send", "vault_transfer", "approve_agent",
                             "withdraw3", "usdSend"}) {
        auto const made = answer(asked("a", Json::object({{"kind", kind}})));
        EXPECT_EQ(made["error"]["errors"].as_array().at(0)["pointer"].as_string(),
                  "/operation/kind");
    }
}

}  // namespace
}  // namespace obscura::citadel
