#include "gateway_fixture.hpp"

namespace obscura::test {
namespace {

class Exchanges : public GatewayFixture {
protected:
    static std::string body(std::string const& environment = "paper",
                            std::string const& secret = "the-secret-itself") {
        auto credentials = base::Json::object({{"api_key", "the-api-key"}, {"secret", secret}});
        return base::Json::object({{"exchange", "binance"},
                                   {"environment", environment},
                                   {"purpose", "follow"},
                                   {"label", "main"},
                                   {"credentials", std::move(credentials)}})
            .dump();
    }
};

TEST_F(Exchanges, TellsHonestlyWhatIsSupported) {
    auto const answer = get("/exchanges/supported");
    ASSERT_EQ(answer.status, 200U);
    auto const& binance = answer.body["data"].as_array()[0];
    EXPECT_EQ(binance["id"].as_string(), "binance");
    EXPECT_TRUE(binance["spot"].as_bool());
    EXPECT_FALSE(binance["futures"].as_bool());
    EXPECT_TRUE(binance["environments"]["paper"].as_bool());
    EXPECT_FALSE(binance["environments"]["live"].as_bool());
}

TEST_F(Exchanges, ConnectsAndKeepsOnlyWhatCitadelEncrypted) {
    auto const made = post("/exchanges/connections", token_of(ada), body());
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    EXPECT_EQ(made.text("exchange"), "binance");
    EXPECT_EQ(made.text("environment"), "paper");
    EXPECT_EQ(last_raw_body.find("secret"), std::string::npos);
    auto const& row = record.connections.begin()->second;
    EXPECT_EQ(row.id.to_string(), made.text("id"));
    EXPECT_EQ(row.credentials.at("api_key"), "nil:v1:fake11");
    EXPECT_EQ(row.credentials.at("secret"), "nil:v1:fake17");
    ASSERT_EQ(vault.contexts.size(), 1U);
    EXPECT_EQ(vault.contexts[0], platform.to_string() + "|" + ada.to_string() +
                                     "|binance|paper|follow|" + made.text("id"));
}

TEST_F(Exchanges, TakesAPemKeyAndVenueForExchange) {
    auto const pem = std::string("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n");
    auto json = *base::parse_json(body("testnet", pem));
    std::erase_if(json.as_object(), [](auto const& member) { return member.first == "exchange"; });
    json.set("venue", "binance");
    auto const made = post("/exchanges/connections", token_of(ada), json.dump());
    EXPECT_EQ(made.status, 201U) << last_raw_body;
    EXPECT_EQ(made.text("environment"), "testnet");
}

TEST_F(Exchanges, LiveCredentialsMustBeSealed) {
    auto const refused = post("/exchanges/connections", token_of(ada), body("live"));
    EXPECT_EQ(refused.status, 409U);
    EXPECT_EQ(refused.code(), "sealing_required");
    EXPECT_TRUE(vault.contexts.empty()) << "and go nowhere";
    EXPECT_TRUE(record.connections.empty());
}

// Sealed

class SealedExchanges : public Exchanges {
protected:
    /// Of ada, unless `user` is another.
    base::Json sealed_body(std::string const& environment = "paper",
                           std::optional<model::UserId> user = std::nullopt) {
        ports::SealedCredential const sealed{
            .binding = {.key_id = std::string(43, 'k'),
                        .tenant = platform,
                        .user = user.value_or(ada),
                        .venue = "binance",
                        .environment =
                            model::value_of(environment, model::environment_names).value(),
                        .purpose = ports::ConnectionPurpose::follow,
                        .one_time_id = base::make_uuid_v7(clock.now(), random)},
            .enc = std::string(43, 'e'),
            .ciphertext = "Y2lwaGVydGV4dA"};
        return base::Json::object({{"exchange", "binance"},
                                   {"environment", environment},
                                   {"purpose", "follow"},
                                   {"sealed", to_json(sealed)}});
    }
    Answer connect(base::Json const& body) {
        return post("/exchanges/connections", token_of(ada), body.dump());
    }
};

TEST_F(SealedExchanges, TheKeyToSealToIsCitadels) {
    EXPECT_EQ(get("/exchanges/sealing-key").status, 401U);
    auto const answer = get("/exchanges/sealing-key", token_of(ada));
    ASSERT_EQ(answer.status, 200U) << last_raw_body;
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_TRUE(ports::sealing_key_from_json(answer.body));
    EXPECT_FALSE(answer.body["evidence"]["attested"].as_bool());
}

TEST_F(SealedExchanges, LiveIsTakenOnceTheVenueHasSeenTheKey) {
    auto const made = connect(sealed_body("live"));
    ASSERT_EQ(made.status, 201U) << last_raw_body;
    EXPECT_EQ(made.text("environment"), "live");
    auto const& row = record.connections.begin()->second;
    EXPECT_EQ(row.credentials.at("secret"), "nil:v1:opened");
    ASSERT_EQ(venue.asked.size(), 1U);
    ASSERT_EQ(signer.items.size(), 1U);
    EXPECT_EQ(signer.items[0].environment, model::Environment::live);
    EXPECT_EQ(model::kind_of(signer.items[0].operation), "read_key_rights");
    EXPECT_EQ(signer.items[0].context, ports::context_of(row));
    EXPECT_TRUE(vault.contexts.empty()) << "nothing was there in plaintext";
}

TEST_F(SealedExchanges, AKeyThatMayTooMuchOrTooLittleIsRefused) {
    venue.rights.may_withdraw = true;
    for (auto const* environment : {"live", "paper"}) {
        auto const refused = connect(sealed_body(environment));
        EXPECT_EQ(refused.status, 409U);
        EXPECT_EQ(refused.code(), "key_may_withdraw");
    }
    EXPECT_EQ(connect(sealed_body("testnet")).status, 201U);
    EXPECT_EQ(model::kind_of(signer.items.back().operation), "read_account");  // all it has
    record.connections.clear();
    limiter.used_by.clear();  // five looks a minute
    venue.rights = {.may_trade = true, .may_transfer = true};
    EXPECT_EQ(connect(sealed_body("live")).code(), "key_may_transfer");
    venue.rights = {.may_trade = false};
    auto const refused = connect(sealed_body("live"));
    EXPECT_EQ(refused.status, 409U);
    EXPECT_EQ(refused.code(), "key_may_not_trade");
    venue.error = base::Error{.code = base::Errc::bad_gateway, .reason = "key_rejected"};
    EXPECT_EQ(connect(sealed_body("live")).status, 409U);
    venue.error = base::Error{.code = base::Errc::unavailable, .reason = "venue_unreachable"};
    EXPECT_EQ(connect(sealed_body("live")).status, 503U);
    EXPECT_TRUE(record.connections.empty());
}

TEST_F(SealedExchanges, AnothersSealIsRefused) {
    auto const refused = connect(sealed_body("paper", admin));
    EXPECT_EQ(refused.status, 400U);
    EXPECT_EQ(refused.code(), "seal_for_another_owner");
    EXPECT_TRUE(record.connections.empty());
}

TEST_F(SealedExchanges, ASealMakesOneConnectionAndARetryFindsIt) {
    auto const body = sealed_body().dump();
    auto const token = token_of(ada);
    net::Headers const key{{"Idempotency-Key", "once"}};
    venue.error = base::Error{.code = base::Errc::unavailable, .reason = "venue_unreachable"};
    EXPECT_EQ(send("POST", "/exchanges/connections", token, body, key).status, 503U);
    venue.error.reset();
    EXPECT_EQ(send("POST", "/exchanges/connections", token, body, key).status, 201U)
        << last_raw_body;
    auto const again = send("POST", "/exchanges/connections", token, body);
    EXPECT_EQ(again.status, 400U);
    EXPECT_EQ(again.code(), "seal_used");
    EXPECT_EQ(record.connections.size(), 1U);
}

TEST_F(SealedExchanges, EitherSealedOrPlain) {
    auto both = sealed_body();
    both.set("credentials", base::Json::object({{"api_key", "k"}, {"secret", "s"}}));
    auto neither = sealed_body();
    neither.set("sealed", nullptr);
    auto broken = sealed_body();
    broken.set("sealed", base::Json::object({{"v", 1}}));
    for (auto const& [body, pointer] :
         {std::pair(both, "/credentials"), {neither, "/sealed"}, {broken, "/sealed/key_id"}}) {
        auto const refused = connect(body);
        EXPECT_EQ(refused.status, 400U);
        EXPECT_EQ(refused.body["errors"].as_array().at(0)["pointer"].as_string(), pointer);
    }
    EXPECT_TRUE(vault.opened.empty());
}

TEST_F(Exchanges, StoresNothingWhenCitadelIsAway) {
    vault.error = base::Error{.code = base::Errc::unavailable,
                              .reason = "citadel_unavailable",
                              .detail = "Later.",
                              .internal = "the address of citadel"};
    auto const refused = post("/exchanges/connections", token_of(ada), body());
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(last_raw_body.find("address of citadel"), std::string::npos);
    EXPECT_TRUE(record.connections.empty());
}

TEST_F(Exchanges, WipesTheRequestAndNamesNoSecretInErrors) {
    auto const token = token_of(ada);
    for (auto const& text : {body(), body("nowhere"), body("paper", "bad\x01secret")}) {
        net::Request request{.method = "POST", .target = "/exchanges/connections"};
        request.headers.add("Authorization", "Bearer " + token);
        request.body = text;
        auto const response = run(io, router->dispatch(request));
        EXPECT_EQ(request.body.find("secret"), std::string::npos);
        EXPECT_EQ(response.body.find("itself"), std::string::npos);
        EXPECT_EQ(response.body.find("bad"), std::string::npos);
    }
}

TEST_F(Exchanges, ListsShowsAndRemovesOnesOwn) {
    auto const mine = add_connection(ada);
    auto const others = add_connection(admin);
    auto const token = token_of(ada);
    auto const list = get("/exchanges/connections", token);
    ASSERT_EQ(list.body["data"].as_array().size(), 1U);
    EXPECT_TRUE(list.body["next_cursor"].is_null());
    EXPECT_EQ(get("/exchanges/connections/" + mine.to_string(), token).status, 200U);
    for (auto const& id : {others.to_string(), std::string("nonsense"), acme.to_string()}) {
        EXPECT_EQ(get("/exchanges/connections/" + id, token).status, 404U);
        EXPECT_EQ(send("DELETE", "/exchanges/connections/" + id, token).status, 404U);
    }
    EXPECT_EQ(send("DELETE", "/exchanges/connections/" + mine.to_string(), token).status, 204U);
    EXPECT_EQ(get("/exchanges/connections/" + mine.to_string(), token).status, 404U);
}

TEST_F(Exchanges, AConnectionInUseStays) {
    auto const pool = add_pool(ports::PoolKind::curated, platform);
    auto const subscription = add_subscription(ada, pool);
    auto const id = record.subscriptions[subscription].connection.to_string();
    auto const refused = send("DELETE", "/exchanges/connections/" + id, token_of(ada));
    EXPECT_EQ(refused.status, 409U);
    EXPECT_EQ(refused.code(), "connection_in_use");
}

}  // namespace
}  // namespace obscura::test
