#include "crypto/hash.hpp"
#include "crypto/hex.hpp"
#include "service_fixture.hpp"

namespace obscura::citadel {
namespace {

using base::Json;

using RightsTest = test::ServiceTest;

struct RouteRights {
    std::string_view caller;
    unsigned encrypt, decrypt, rewrap, sign;  ///< status; 400 is past the guard
};

// Bodies are empty objects: whoever is let in gets 400.
TEST_F(RightsTest, Routes) {
    constexpr RouteRights table[] = {
        {"gateway", 400, 403, 403, 400},    {"conductor", 403, 403, 403, 400},
        {"sentinel", 400, 403, 403, 400},   {"admin", 400, 400, 403, 403},
        {"internal", 400, 403, 403, 403},   {"rotation", 403, 403, 400, 403},
        {"key_holder", 403, 403, 403, 403}, {"", 401, 401, 401, 401},
        {"nobody", 401, 401, 401, 401}};
    for (auto const& row : table) {
        auto const status = [&](std::string path) {
            return post(row.caller, std::move(path), std::string("{}")).status;
        };
        EXPECT_EQ(status("/encrypt"), row.encrypt) << row.caller;
        EXPECT_EQ(status("/encrypt-bulk"), row.encrypt) << row.caller;
        EXPECT_EQ(status("/decrypt"), row.decrypt) << row.caller;
        EXPECT_EQ(status("/decrypt-bulk"), row.decrypt) << row.caller;
        EXPECT_EQ(status("/rewrap"), row.rewrap) << row.caller;
        EXPECT_EQ(status("/rewrap-bulk"), row.rewrap) << row.caller;
        EXPECT_EQ(status("/sign"), row.sign) << row.caller;
    }
}

TEST_F(RightsTest, AKeyComesWithItsHoldersCertificate) {
    auto const status = [&](std::string_view key, std::string peer) {
        net::Request request{.method = "POST", .target = "/encrypt", .body = "{}"};
        request.headers.add("X-Internal-API-Key", test::key_of(key));
        request.peer = std::move(peer);
        return send(std::move(request)).status;
    };
    EXPECT_EQ(status("gateway", "spiffe://obscura/gateway"), 400U);
    EXPECT_EQ(status("gateway", ""), 400U);  // without TLS: on this host
    EXPECT_EQ(status("admin", "spiffe://obscura/operator"), 400U);
    for (std::string const peer : {"spiffe://obscura/conductor", "spiffe://obscura/operator",
                                   "spiffe://obscura/gateway2", "gateway"})
        EXPECT_EQ(status("gateway", peer), 401U) << peer;
    EXPECT_EQ(status("admin", "spiffe://obscura/admin"), 401U);
    // Every route that asks who calls asks for this.
    for (std::string const path :
         {"/encrypt", "/sign", "/open-sealed", "/keys", "/sign-statement"}) {
        net::Request request{.method = "POST", .target = path, .body = "{}"};
        request.headers.add("X-Internal-API-Key", test::key_of("conductor"));
        request.peer = "spiffe://obscura/sentinel";
        EXPECT_EQ(send(std::move(request)).body["code"].as_string(), "key_of_another") << path;
    }
}

TEST_F(RightsTest, OfAKeyItsDigestIsEnough) {
    auto told = test::config();
    std::string const key = test::key_of("gateway");
    auto const digest = "sha256:" + crypto::hex_encode(crypto::sha256(key));
    told.caller_keys[0] = base::Secret(std::string_view(digest));
    Service service(std::move(told), clock_, random_, metrics_);
    router_ = service.router();
    EXPECT_EQ(post("gateway", "/encrypt", std::string("{}")).status, 400U);
    net::Request request{.method = "POST", .target = "/encrypt", .body = "{}"};
    request.headers.add("X-Internal-API-Key", digest);  // whoever reads it calls nobody
    EXPECT_EQ(send(std::move(request)).status, 401U);
}

TEST_F(RightsTest, DecryptionIsOffUnlessConfigured) {
    auto closed = test::config();
    closed.decrypt_callers.clear();
    Service service(std::move(closed), clock_, random_, metrics_);
    router_ = service.router();
    for (auto const& [name, value] : caller_names) {
        auto const answer = post(name, "/decrypt", std::string(R"({"encrypted_data":"nil:AAAA"})"));
        EXPECT_EQ(answer.status, 403U) << name;
        EXPECT_EQ(answer.body["code"].as_string(), "decrypt_disabled");
    }
}

struct OperationRights {
    Json operation;
    bool gateway, conductor, sentinel;
    std::string_view market = "futures";
};

TEST_F(RightsTest, Operations) {
    auto const named = [](std::string_view kind) {
        return Json::object({{"kind", kind}, {"symbol", "BTCUSDT"}, {"client_order_id", "leg-1"}});
    };
    auto trigger = named("place_trigger_order");
    trigger.set("side", "sell");
    trigger.set("trigger", "stop_loss");
    trigger.set("trigger_price", "1");
    OperationRights const table[] = {
        {test::place_order(), false, true, false},
        {named("query_order"), false, true, false},
        {named("cancel_order"), false, true, false},
        {Json::object({{"kind", "list_trades"}, {"symbol", "BTCUSDT"}}), false, true, true},
        {Json::object({{"kind", "read_account"}}), true, true, true},
        {Json::object({{"kind", "read_key_rights"}}), true, false, false, "spot"},
        {Json::object({{"kind", "stream_login"}, {"request_id", "1"}}), false, false, true, "spot"},
        // Futures only:
        {trigger, false, true, false},
        {named("query_trigger_order"), false, true, false},
        {named("cancel_trigger_order"), false, true, false},
        {Json::object({{"kind", "set_leverage"}, {"symbol", "BTCUSDT"}, {"leverage", 2}}), false,
         true, false},
        {Json::object(
             {{"kind", "set_margin_mode"}, {"symbol", "BTCUSDT"}, {"margin_mode", "isolated"}}),
         false, true, false},
        {Json::object({{"kind", "read_positions"}}), false, true, true},
        {Json::object({{"kind", "read_position_mode"}}), false, true, true},
        {Json::object({{"kind", "listen_key"}, {"action", "create"}}), false, false, true}};
    for (auto const& row : table) {
        for (auto const& [caller, allowed] :
             {std::pair("gateway", row.gateway), std::pair("conductor", row.conductor),
              std::pair("sentinel", row.sentinel)}) {
            auto asked = item("a", row.operation);
            asked.set("market", row.market);
            auto const answer = sign(caller, {asked});
            ASSERT_EQ(answer.status, 200U);
            auto const& made = answer.body["items"].as_array().at(0);
            auto const shown = std::string(caller) + " " + row.operation.dump() + made.dump();
            EXPECT_EQ(made["id"].as_string(), "a") << shown;
            EXPECT_EQ(made["url"].is_string(), allowed) << shown;
            if (allowed) continue;
            EXPECT_EQ(made["error"]["status"].to_int64(), 403) << shown;
            EXPECT_EQ(made["error"]["code"].as_string(), "operation_not_allowed") << shown;
        }
    }
}

TEST_F(RightsTest, OneCharacterOfAKeyCounts) {
    auto const send_key = [&](std::string key) {
        net::Request request{
            .method = "POST", .target = "/encrypt", .body = R"({"plaintext":"a"})"};
        request.headers.add("X-Internal-API-Key", std::move(key));
        return send(std::move(request)).status;
    };
    auto const good = test::key_of("gateway");
    EXPECT_EQ(send_key(good), 200U);
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto altered = good;
        altered[i] ^= 1;
        EXPECT_EQ(send_key(altered), 401U) << altered;
    }
    EXPECT_EQ(send_key(""), 401U);
    EXPECT_EQ(send_key(good + " "), 401U);
    EXPECT_EQ(send_key(good.substr(1)), 401U);
}

TEST(CallersTest, AMissingKeyAdmitsNobody) {
    Callers const callers(CallerKeys{}, {});
    EXPECT_EQ(callers.identify(""), nullptr);
    EXPECT_EQ(callers.identify("anything"), nullptr);
}

}  // namespace
}  // namespace obscura::citadel
