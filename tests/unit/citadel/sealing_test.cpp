#include "seal_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;

using SealingTest = test::SealTest;

TEST_F(SealingTest, OpensIntoCiphertextsOfTheConnection) {
    auto const answer = open(request(good_seal()));
    ASSERT_EQ(answer.status, 200U) << answer.body.dump();
    auto const& data = answer.body["encrypted_data"];
    ASSERT_EQ(data.as_object().size(), 2U);
    EXPECT_EQ(answer.body.dump().find(test::api_key), std::string::npos);
    auto const opened = post("admin", "/decrypt-bulk",
                             Json::object({{"data", data}, {"context", context_of_connection()}}));
    ASSERT_EQ(opened.status, 200U);
    EXPECT_EQ(opened.body["plaintext"]["api_key"].as_string(), test::api_key);
    EXPECT_EQ(opened.body["plaintext"]["secret"].as_string(), test::api_secret);
}

// An API key is sent in the open: whoever has something signed could read the secret in its place.
TEST_F(SealingTest, AFieldIsNotTakenForAnother) {
    auto const credentials = open(request(good_seal())).body["encrypted_data"];
    auto asked = item("a", test::place_order());
    asked.set("context", context_of_connection());
    auto const answer = [&](std::string_view api_key, std::string_view secret) {
        asked.set("credentials", Json::object({{"api_key", credentials[api_key].as_string()},
                                               {"secret", credentials[secret].as_string()}}));
        auto const told = sign("conductor", {asked}).body;
        EXPECT_EQ(told.dump().find(test::api_secret.substr(0, 8)), std::string::npos);
        auto const& made = told["items"].as_array().at(0);
        return made["url"].is_string() ? "" : made["error"]["code"].as_string();
    };
    EXPECT_EQ(answer("api_key", "secret"), "");
    EXPECT_EQ(answer("secret", "api_key"), "decryption_failed");
    EXPECT_EQ(answer("secret", "secret"), "decryption_failed");
}

TEST_F(SealingTest, OnlyTheGatewayMay) {
    auto const body = request(good_seal());
    for (auto const& [name, value] : caller_names) {
        net::Request key{.target = "/sealing-key"};
        key.headers.add("X-Internal-API-Key", test::key_of(name));
        bool const is_gateway = value == CallerName::gateway;
        EXPECT_EQ(send(std::move(key)).status, is_gateway ? 200U : 403U) << name;
        EXPECT_EQ(post(name, "/open-sealed", body).status, is_gateway ? 200U : 403U) << name;
    }
    EXPECT_EQ(post("", "/open-sealed", body).status, 401U);
}

// Whoever is on the way may write beside the seal what he likes.
TEST_F(SealingTest, EveryFieldBesideTheSealIsBound) {
    struct Change {
        std::string_view field;
        Json value;
        std::string_view reason;      ///< with the request as it was
        std::string_view also_asked;  ///< and with the request changed alike
    };
    auto const other = *base::parse_uuid("01234567-89ab-7def-8123-456789abcdef");
    Change const table[] = {
        {"tenant_id", other.to_string(), "seal_for_another_owner", "seal_broken"},
        {"user_id", other.to_string(), "seal_for_another_owner", "seal_broken"},
        {"venue", "bybit", "seal_for_another_venue", "seal_broken"},
        {"environment", "live", "seal_for_another_environment", "seal_broken"},
        {"purpose", "lead", "seal_for_another_purpose", "seal_broken"},
        {"one_time_id", other.to_string(), "seal_broken", ""},
        {"key_id", std::string(43, 'A'), "sealing_key_unknown", ""},
        {"v", 2, "/sealed/v", ""},
        {"extra", 1, "/sealed/extra", ""}};
    for (auto const& [field, value, reason, also_asked] : table) {
        auto sealed = good_seal();
        sealed.set(field, value);
        auto body = request(sealed);
        EXPECT_EQ(refusal(body), reason) << field;
        if (also_asked.empty()) continue;
        body.set(field, value);
        EXPECT_EQ(refusal(body), also_asked) << field;
    }
}

// The gateway asks for whoever is logged in and for what he wants to connect.
TEST_F(SealingTest, WhatIsAskedMustBeWhatWasSealed) {
    auto const other = *base::parse_uuid("01234567-89ab-7def-8123-456789abcdef");
    std::pair<std::string_view, std::string> const table[] = {{"tenant_id", other.to_string()},
                                                              {"user_id", other.to_string()},
                                                              {"venue", "bybit"},
                                                              {"environment", "testnet"},
                                                              {"purpose", "lead"}};
    auto const body = request(good_seal());
    for (auto const& [field, value] : table) {
        auto changed = body;
        changed.set(field, value);
        EXPECT_TRUE(refusal(changed).starts_with("seal_for_another_")) << field;
    }
    EXPECT_EQ(refusal(body), "") << "a refusal does not use a seal up";
}

TEST_F(SealingTest, EveryBitOfTheCiphertextCounts) {
    auto const sealed = good_seal();
    for (std::string_view const field : {"enc", "ciphertext"}) {
        auto const bytes = crypto::base64url_decode(sealed[field].as_string()).value();
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            auto altered = bytes;
            altered[i] ^= 1;
            auto changed = sealed;
            changed.set(field, crypto::base64url_encode(altered));
            EXPECT_EQ(refusal(request(changed)), "seal_broken") << field << " " << i;
        }
        auto text = sealed;
        text.set(field, std::string(43, '='));
        EXPECT_EQ(refusal(request(text)), "/sealed/" + std::string(field));
    }
    EXPECT_EQ(refusal(request(sealed)), "");
}

// A client, or who has written it, puts one owner beside the seal and another one inside.
TEST_F(SealingTest, InsideMustStandWhatStandsBeside) {
    auto const key = sealing_key();
    using Change = void (*)(ports::SealBinding&);
    Change const changes[] = {
        [](ports::SealBinding& b) { b.tenant.value.bytes[0] ^= 1; },
        [](ports::SealBinding& b) { b.user.value.bytes[0] ^= 1; },
        [](ports::SealBinding& b) { b.venue = "bybit"; },
        [](ports::SealBinding& b) { b.environment = model::Environment::live; },
        [](ports::SealBinding& b) { b.purpose = ports::ConnectionPurpose::lead; },
        [](ports::SealBinding& b) { b.one_time_id.bytes[0] ^= 1; }};
    for (auto const& change : changes) {
        auto const beside = binding(key.id);
        auto inside = beside;
        change(inside);
        auto const sealed = seal(key, beside, content(inside).dump());
        EXPECT_EQ(refusal(request(sealed)), "seal_contradicts_itself");
    }
}

TEST_F(SealingTest, ASealMakesOneConnection) {
    auto const body = request(good_seal());
    auto const first = open(body);
    ASSERT_EQ(first.status, 200U);
    auto other = body;
    other.set("connection_id", "01234567-89ab-7def-8123-456789abcdff");
    EXPECT_EQ(refusal(other), "seal_used");
    // A request whose answer got lost is made again, for the same connection.
    EXPECT_EQ(refusal(body), "");
}

TEST_F(SealingTest, TheSameIdInAnotherSealIsUsedToo) {
    auto const key = sealing_key();
    auto const b = binding(key.id);
    ASSERT_EQ(refusal(request(seal(key, b, content(b).dump()))), "");
    auto again = request(seal(key, b, content(b).dump()));
    again.set("connection_id", "01234567-89ab-7def-8123-456789abcdff");
    EXPECT_EQ(refusal(again), "seal_used");
}

TEST_F(SealingTest, KeysTakeTurnsAndEnd) {
    auto const first = sealing_key();
    EXPECT_EQ(first.expires_at - first.created_at, 1h);
    auto const sealed = good_seal();
    auto const late = good_seal();
    clock_.advance(29min);
    EXPECT_EQ(sealing_key().id, first.id);
    clock_.advance(1min);
    auto const second = sealing_key();
    EXPECT_NE(second.id, first.id) << "whoever asks has half its life before him";
    clock_.advance(29min);
    EXPECT_EQ(refusal(request(sealed)), "") << "what was sealed to the one before opens still";
    clock_.advance(1min);
    EXPECT_EQ(refusal(request(late)), "sealing_key_expired");
    EXPECT_EQ(refusal(request(good_seal())), "");
}

TEST_F(SealingTest, AWallClockThatStepsBackLengthensNothing) {
    auto const sealed = good_seal();
    clock_.advance(1h);
    clock_.step_wall(-2h);
    EXPECT_EQ(refusal(request(sealed)), "sealing_key_expired");
}

TEST_F(SealingTest, ARestartEndsWhatWasSealedBefore) {
    auto const sealed = good_seal();
    ASSERT_EQ(refusal(request(sealed)), "");
    Service after(test::config(), clock_, random_, metrics_);
    router_ = after.router();
    EXPECT_EQ(refusal(request(sealed)), "sealing_key_unknown");
}

TEST_F(SealingTest, ContentIsStrictAndShowsNothing) {
    auto const key = sealing_key();
    auto const told = [&](auto change) {
        auto const b = binding(key.id);
        auto json = content(b);
        change(json);
        return refusal(request(seal(key, b, json.dump())));
    };
    auto const credentials = [&](Json given) {
        return told([&](Json& json) { json.set("credentials", std::move(given)); });
    };
    EXPECT_EQ(told([](Json& json) { json.set("credentials", nullptr); }),
              "/sealed/plaintext/credentials");
    EXPECT_EQ(told([](Json& json) { json.set("owner", "me"); }), "/sealed/plaintext/owner");
    EXPECT_EQ(told([](Json& json) { json.set("limits", Json::object({{"symbols", "all"}})); }),
              "/sealed/plaintext/limits/symbols");
    // A secret in the place of a name goes into no answer.
    EXPECT_EQ(told([](Json& json) { json.set(test::api_secret, 1); }), "/sealed/plaintext");
    EXPECT_EQ(credentials(Json::object({{std::string(test::api_secret), "x"}})),
              "/sealed/plaintext");
    EXPECT_EQ(credentials(Json::object(
                  {{"api_key", "a"}, {"secret", "bad\x01" + std::string(test::api_secret)}})),
              "/sealed/plaintext/credentials/secret");
    EXPECT_EQ(credentials(Json::object({{"api_key", "a"}, {"secret", std::string(4097, 's')}})),
              "/sealed/plaintext/credentials/secret");
    // And what the venue's signer could not use.
    EXPECT_EQ(credentials(Json::object({{"api_key", "a"}})), "invalid_credentials");
    EXPECT_EQ(credentials(Json::object({{"api_key", "a"}, {"secret", "s"}, {"passphrase", "p"}})),
              "invalid_credentials");
    auto const b = binding(key.id);
    for (std::string const text : {"", "[]", "{", "\xff"})
        EXPECT_EQ(refusal(request(seal(key, b, text))), "/sealed/plaintext") << text;
}

TEST_F(SealingTest, SizesAreBounded) {
    auto const key = sealing_key();
    auto const b = binding(key.id);
    auto const blanks = [&](std::size_t size) {
        auto const json = content(b).dump();
        return refusal(request(seal(key, b, json + std::string(size - json.size(), ' '))));
    };
    EXPECT_EQ(blanks(ports::SealedCredential::max_plaintext), "");
    EXPECT_EQ(blanks(ports::SealedCredential::max_plaintext + 4), "/sealed/ciphertext");
}

TEST_F(SealingTest, RequestsAreStrict) {
    auto const body = request(good_seal());
    for (auto const& [field, value] : body.as_object()) {
        auto missing = body;
        missing.set(field, nullptr);
        EXPECT_EQ(refusal(missing), "/" + field);
    }
    auto more = body;
    more.set("context", "mine");
    EXPECT_EQ(refusal(more), "/context");
}

}  // namespace
}  // namespace obscura::citadel
