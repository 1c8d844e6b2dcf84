// Signals, records, the account's own routes.
#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

using base::Json;

class Signals : public GatewayFixture {
protected:
    Signals() {
        pool = add_pool(ports::PoolKind::partner, acme);
        path = "/v2/pools/" + pool.to_string() + "/signals";
    }
    Answer submit(std::string const& text, net::Headers headers = {}) {
        return post(path, acme_key, text, std::move(headers));
    }
    model::PoolId pool;
    std::string path;
    std::string body = R"({"symbol":"BTCUSDT","side":"buy","quantity":"0.5"})";
};

TEST_F(Signals, AreRelayedWithTheCallerAsTheGatewayKnowsIt) {
    auto const trace = std::string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    auto const answer =
        submit(R"({"symbol":"BTCUSDT","side":"buy","quantity":0.5,"priority":"high",)"
               R"("external_trade_id":"t1"})",
               {{"traceparent", trace}});
    ASSERT_EQ(answer.status, 202U) << last_raw_body;
    EXPECT_TRUE(answer.text("signal_id").starts_with("sig_"));
    EXPECT_EQ(answer.text("status"), "queued");
    EXPECT_EQ(answer.text("priority"), "high");
    EXPECT_EQ(answer.text("queued_at"), "2026-09-21T14:13:20.000Z");
    EXPECT_EQ(answer.body["estimated_subscribers"].to_int64(), 50);
    EXPECT_EQ(answer.text("external_trade_id"), "t1");
    EXPECT_TRUE(answer.body["idempotency_key"].is_null());
    ASSERT_EQ(intake.calls.size(), 1U);
    auto const& call = intake.calls[0];
    EXPECT_EQ(call.caller.tenant, acme);
    EXPECT_EQ(call.caller.api_key, last_key);
    EXPECT_TRUE(call.caller.is_test_key) << "it reaches only paper";
    EXPECT_EQ(call.caller.traceparent, trace);
    EXPECT_EQ(call.request.quantity.to_string(), "0.5");
    EXPECT_EQ(call.request_id, "req-" + std::to_string(requests));
}

TEST_F(Signals, ATraceContextThatIsNoneStaysHere) {
    for (auto const* bad : {"", "x", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\n"}) {
        (void)submit(body, {{"traceparent", bad}});
        EXPECT_EQ(intake.calls.back().caller.traceparent, "") << bad;
    }
}

TEST_F(Signals, AKnownSignalIsAnsweredWith200) {
    auto const text = R"({"symbol":"BTCUSDT","side":"buy","quantity":1,"external_trade_id":"t1"})";
    auto const first = submit(text);
    auto const second = submit(text);
    EXPECT_EQ(first.status, 202U);
    EXPECT_EQ(second.status, 200U);
    EXPECT_EQ(second.text("signal_id"), first.text("signal_id"));
}

TEST_F(Signals, TheIdempotencyKeyNamesASignalThatHasNoIdOfItsOwn) {
    net::Headers const key{{"Idempotency-Key", "k-1"}};
    auto const first = submit(body, key);
    ASSERT_EQ(first.status, 202U) << last_raw_body;
    EXPECT_EQ(first.text("idempotency_key"), "k-1");
    EXPECT_TRUE(first.body["external_trade_id"].is_null()) << "ours, not theirs";
    auto const again = submit(body, key);
    EXPECT_EQ(again.status, 202U);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.text("signal_id"), first.text("signal_id"));
    EXPECT_EQ(intake.calls.size(), 1U);
}

TEST_F(Signals, ARetryAfterALostAnswerIsTheSameSignal) {
    intake.fail_after_commit = true;
    net::Headers const key{{"Idempotency-Key", "k-1"}};
    EXPECT_EQ(submit(body, key).status, 504U);
    auto const retry = submit(body, key);
    EXPECT_EQ(retry.status, 200U) << last_raw_body;
    EXPECT_EQ(intake.calls.size(), 2U);
    EXPECT_EQ(intake.signals.size(), 1U) << "one signal for everybody";
    EXPECT_EQ(intake.calls[0].request.body["external_trade_id"],
              intake.calls[1].request.body["external_trade_id"]);
}

TEST_F(Signals, NeedTheScope) {
    auto const weak = add_key(acme, {"pool:manage"});
    EXPECT_EQ(post(path, weak, body).code(), "scope_missing");
    EXPECT_EQ(post(path, token_of(bob), body).code(), "api_key_required");
    EXPECT_EQ(get(path, weak).status, 200U) << "reading needs none";
}

TEST_F(Signals, ConductorsProblemsReachTheCallerAsTheyWere) {
    intake.error = base::Error{.code = base::Errc::conflict,
                               .reason = "external_trade_id_reused",
                               .detail = "Another body used the id."};
    auto const refused = submit(body);
    EXPECT_EQ(refused.status, 409U);
    EXPECT_EQ(refused.code(), "external_trade_id_reused");
}

TEST_F(Signals, AreListedAndShown) {
    EXPECT_EQ(get(path + "?limit=7&cursor=abc", acme_key).status, 200U);
    EXPECT_EQ(intake.last_page.first, "abc");
    EXPECT_EQ(intake.last_page.second, 7);
    auto const id = new_id<model::SignalId>().to_string();
    EXPECT_EQ(get(path + "/" + id, acme_key).text("signal_id"), id);
    EXPECT_EQ(get(path + "/nonsense", acme_key).status, 404U);
}

TEST_F(Signals, RecordsAreAUsersOwnOrAllOfTheTenants) {
    auto const carol = add_user(acme, "carol@example.org");
    auto const bobs = add_subscription(bob, pool);
    auto const carols = add_subscription(carol, pool);
    for (auto const& [subscription, quantity] : {std::pair(bobs, 1), std::pair(carols, 2)}) {
        ports::Execution execution{.id = new_id<model::CopyId>(),
                                   .pool = pool,
                                   .subscription = subscription,
                                   .status = "filled",
                                   .receipt = new_id<model::ReceiptId>(),
                                   .created_at = clock.now()};
        execution.legs.push_back({.id = new_id<model::LegId>(), .symbol = "BTCUSDT"});
        record.executions.push_back(execution);
        record.positions.push_back({.subscription = subscription,
                                    .pool = pool,
                                    .symbol = "BTCUSDT",
                                    .quantity = base::Quantity(quantity)});
        record.receipts.push_back(
            {.id = *execution.receipt, .copy = execution.id, .subscription = subscription});
    }
    auto const token = token_of(bob);
    auto const own = get("/v2/executions", token);
    ASSERT_EQ(own.body["data"].as_array().size(), 1U) << last_raw_body;
    auto const& execution = own.body["data"].as_array()[0];
    EXPECT_TRUE(execution["execution_id"].as_string().starts_with("exe_"));
    EXPECT_EQ(execution["legs"].as_array()[0]["symbol"].as_string(), "BTCUSDT");
    EXPECT_EQ(get("/v2/executions", acme_key).body["data"].as_array().size(), 2U);
    EXPECT_EQ(get("/v2/executions", token_of(ada)).body["data"].as_array().size(), 0U);
    auto const positions = get("/v2/positions", token);
    ASSERT_EQ(positions.body["data"].as_array().size(), 1U);
    EXPECT_EQ(positions.body["data"].as_array()[0]["quantity"].as_string(), "1");
    auto const page = get("/v2/positions?limit=1", acme_key);
    ASSERT_EQ(page.body["data"].as_array().size(), 1U);
    auto const rest = get("/v2/positions?cursor=" + page.text("next_cursor"), acme_key);
    EXPECT_EQ(rest.body["data"].as_array().size(), 1U) << last_raw_body;
    auto const mine = record.receipts[0].id.to_string();
    auto const others = record.receipts[1].id.to_string();
    EXPECT_EQ(get("/v2/receipts/" + mine, token).status, 200U);
    EXPECT_EQ(get("/v2/receipts/" + others, token).status, 404U);
    EXPECT_EQ(get("/v2/receipts/" + others, acme_key).status, 200U);
}

TEST_F(Signals, AReceiptShowsItsSignatureAndWhereTheKeyIs) {
    auto const subscription = add_subscription(bob, pool);
    record.receipts.push_back({.id = new_id<model::ReceiptId>(),
                               .tenant = acme,
                               .copy = new_id<model::CopyId>(),
                               .subscription = subscription,
                               .created_at = clock.now()});
    auto& receipt = record.receipts.back();
    auto const path = "/v2/receipts/" + receipt.id.to_string();
    auto const before = get(path, token_of(bob));
    EXPECT_TRUE(before.body["signature"].is_null());
    EXPECT_NE(before.body.find("signature"), nullptr) << "not yet, but it will be";
    receipt.signature = {.key_id = "key_1", .bytes = std::string(64, '\x1f')};
    auto after = get(path, token_of(bob)).body;
    auto const signature = after["signature"];
    EXPECT_EQ(signature["key_id"].as_string(), "key_1");
    EXPECT_EQ(signature["algorithm"].as_string(), "ed25519");
    EXPECT_EQ(signature["value"].as_string().substr(0, 4), "1f1f");
    EXPECT_EQ(signature["value"].as_string().size(), 128U);
    // What is downloaded is what was signed, and the signature.
    std::erase_if(after.as_object(), [](auto const& m) { return m.first == "signature"; });
    EXPECT_EQ(after, ports::receipt_document(receipt));

    record.receipt_keys = {{.id = "key_1", .public_key = "aa", .created_at = clock.now()}};
    auto const keys = get(signature["keys"].as_string());
    ASSERT_EQ(keys.status, 200U) << "anybody's";
    auto const& key = keys.body["keys"].as_array().at(0);
    EXPECT_EQ(key["key_id"].as_string(), "key_1");
    EXPECT_EQ(key["public_key"].as_string(), "aa");
    EXPECT_TRUE(key["retired_at"].is_null());
}

TEST_F(Signals, AnExportHoldsEverythingAndNoSecret) {
    auto const subscription = add_subscription(bob, pool);
    record.connections.begin()->second.credentials = {{"secret", "nil:v1:cipher"}};
    record.positions.push_back({.subscription = subscription, .pool = pool, .symbol = "BTCUSDT"});
    auto const all = get("/me/export", token_of(bob));
    ASSERT_EQ(all.status, 200U) << last_raw_body;
    EXPECT_EQ(all.body["user"]["email"].as_string(), "bob@example.org");
    EXPECT_EQ(all.body["connections"].as_array().size(), 1U);
    EXPECT_EQ(all.body["subscriptions"].as_array().size(), 1U);
    EXPECT_EQ(all.body["positions"].as_array().size(), 1U);
    EXPECT_FALSE(all.body["truncated"].as_bool());
    EXPECT_EQ(last_raw_body.find("cipher"), std::string::npos);
    EXPECT_EQ(last_raw_body.find("hash:"), std::string::npos);
}

TEST_F(Signals, ErasureEndsEverythingOnce) {
    auto const subscription = add_subscription(bob, pool);
    record.with_open_legs.insert(subscription);
    auto const token = token_of(bob);
    EXPECT_EQ(send("DELETE", "/me", token).code(), "open_positions");
    EXPECT_EQ(send("DELETE", "/me?positions=keep", token).status, 400U);
    EXPECT_EQ(send("DELETE", "/me?positions=abandon", token).status, 204U);
    EXPECT_FALSE(record.users.contains(bob));
    clock.advance(std::chrono::seconds(2));
    EXPECT_EQ(get("/me", token).status, 401U);
}

}  // namespace
}  // namespace obscura::test
