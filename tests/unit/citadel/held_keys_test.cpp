#include "citadel/held_keys.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "service_fixture.hpp"
#include "statement_fixture.hpp"

namespace obscura::citadel {
namespace {

using base::Json;
using ports::held_key_context;
using ports::KeyPurpose;

using HeldKeysTest = test::StatementTest;

TEST_F(HeldKeysTest, AKeyIsMadeForItsPurpose) {
    for (auto const& [caller, purpose, algorithm, digits] :
         {std::tuple("conductor", "receipt", "ed25519", 64U),
          std::tuple("gateway", "access_token", "ed25519", 64U),
          std::tuple("sentinel", "notary", "secp256k1", 130U),
          std::tuple("alchemist", "chain_transaction", "secp256k1", 130U)}) {
        auto const made = post(caller, "/keys", Json::object({{"purpose", purpose}}));
        ASSERT_EQ(made.status, 201U) << made.body.dump();
        EXPECT_TRUE(made.body["key_id"].as_string().starts_with("key_"));
        EXPECT_EQ(made.body["purpose"].as_string(), purpose);
        EXPECT_EQ(made.body["algorithm"].as_string(), algorithm);
        EXPECT_EQ(made.body["public_key"].as_string().size(), digits);
        EXPECT_EQ(made.body["address"].is_null(), std::string_view(algorithm) == "ed25519");
        EXPECT_TRUE(made.body["sealed_key"].as_string().starts_with("nil:v2:"));
        auto const another = post(caller, "/keys", Json::object({{"purpose", purpose}}));
        EXPECT_NE(another.body["public_key"], made.body["public_key"]);
        EXPECT_NE(another.body["key_id"], made.body["key_id"]);
    }
}

TEST_F(HeldKeysTest, EachCallerHasItsPurposeAndNoOther) {
    std::map<std::string_view, std::string_view> const own{{"conductor", "receipt"},
                                                           {"sentinel", "notary"},
                                                           {"alchemist", "chain_transaction"},
                                                           {"gateway", "access_token"}};
    for (auto const& [caller, value] : caller_names) {
        for (auto const& [purpose, of] : ports::key_purpose_names) {
            auto const found = own.find(caller);
            bool const may = found != own.end() && found->second == purpose;
            auto const made = post(caller, "/keys", Json::object({{"purpose", purpose}}));
            EXPECT_EQ(made.status, may ? 201U : 403U) << caller << " " << purpose;
            auto const seen = sign_one(caller, purpose, key_of(purpose), statement_of(purpose));
            auto const shown = std::string(caller) + " " + std::string(purpose) + seen.dump();
            EXPECT_EQ(seen["signature"].is_string(), may) << shown;
            if (!may) EXPECT_EQ(seen["status"].to_int64(), 403) << shown;
        }
    }
    EXPECT_EQ(post("", "/keys", std::string("{}")).status, 401U);
    EXPECT_EQ(post("nobody", "/sign-statement", std::string("{}")).status, 401U);
}

TEST_F(HeldKeysTest, AnAlgorithmThatIsNotThePurposesIsRefused) {
    auto const ask = [&](std::string_view caller, Json body) {
        return post(caller, "/keys", body).status;
    };
    EXPECT_EQ(ask("conductor", Json::object({{"purpose", "receipt"}, {"algorithm", "ed25519"}})),
              201U);
    EXPECT_EQ(ask("conductor", Json::object({{"purpose", "receipt"}, {"algorithm", "secp256k1"}})),
              400U);
    EXPECT_EQ(ask("sentinel", Json::object({{"purpose", "notary"}, {"algorithm", "ed25519"}})),
              400U);
    EXPECT_EQ(ask("sentinel", Json::object({{"purpose", "audit"}})), 400U);
    EXPECT_EQ(ask("sentinel", Json::object({{"purpose", "notary"}, {"seed", "00"}})), 400U);
}

// Of every pair of purposes: what is sealed for one signs nothing of the other.
TEST_F(HeldKeysTest, AKeyOpensForNoOtherPurpose) {
    for (auto const& [sealed_for, a] : ports::key_purpose_names) {
        for (auto const& [used_for, b] : ports::key_purpose_names) {
            auto const seen =
                sign_one(holder_of(used_for), used_for, key_of(sealed_for), statement_of(used_for));
            EXPECT_EQ(seen["signature"].is_string(), a == b) << sealed_for << " " << used_for;
            if (a != b) EXPECT_EQ(seen["code"].as_string(), "decryption_failed");
        }
    }
}

TEST_F(HeldKeysTest, AStatementOfAnotherPurposeIsRefused) {
    for (auto const& [used_for, a] : ports::key_purpose_names) {
        for (auto const& [written_for, b] : ports::key_purpose_names) {
            if (a == b) continue;
            auto const seen = sign_one(holder_of(used_for), used_for, key_of(used_for),
                                       statement_of(written_for));
            EXPECT_EQ(seen["status"].to_int64(), 400) << used_for << " " << written_for;
        }
        for (auto const& raw : {Json::object({{"digest", std::string(64, 'a')}}),
                                Json::object({{"text", "a"}}), Json::object()}) {
            auto const seen = sign_one(holder_of(used_for), used_for, key_of(used_for), raw);
            EXPECT_EQ(seen["status"].to_int64(), 400) << used_for << raw.dump();
        }
    }
}

TEST_F(HeldKeysTest, CredentialsOfATenantAreNoKeys) {
    for (auto const& [purpose, value] : ports::key_purpose_names) {
        for (auto const& text :
             {sealed(std::string(32, 'k')), sealed(std::string(32, 'k'), "t|u|v|paper|follow|c")}) {
            auto const seen = sign_one(holder_of(purpose), purpose, text, statement_of(purpose));
            EXPECT_EQ(seen["code"].as_string(), "decryption_failed");
        }
    }
}

TEST_F(HeldKeysTest, AnAlteredKeyIsNone) {
    auto const good = key_of("receipt");
    for (std::size_t i = 0; i < good.size(); i += 7) {
        auto altered = good;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        auto const seen = sign_one("conductor", "receipt", altered, statement_of("receipt"));
        EXPECT_TRUE(seen["signature"].is_null()) << altered;
        EXPECT_EQ(seen["status"].to_int64(), 400) << altered;
    }
}

// admin may decrypt here: no route gives him a private key, under any context.
TEST_F(HeldKeysTest, NothingOpensAPrivateKey) {
    for (auto const& [purpose, value] : ports::key_purpose_names) {
        auto const key = key_of(purpose);
        for (auto const& context :
             {held_key_context(value), std::string(), std::string(test::context),
              "obscura/held-key/v1|" + std::string(purpose),
              std::string("obscura/citadel/audit-key/v1")}) {
            auto one = Json::object({{"encrypted_data", key}, {"context", context}});
            auto const seen = post("admin", "/decrypt", one);
            EXPECT_EQ(seen.status, 400U) << context;
            auto bulk = Json::object({{"data", Json::object({{"a", key}})}, {"context", context}});
            EXPECT_EQ(post("admin", "/decrypt-bulk", bulk).status, 400U) << context;
            // As a credential it would stand in a request's header, to be read.
            auto order = item("a", test::place_order());
            order.set("context", context);
            order.set("credentials", Json::object({{"api_key", key}, {"secret", key}}));
            auto const signed_order = sign("conductor", {order});
            EXPECT_TRUE(signed_order.body["items"].as_array().at(0)["url"].is_null()) << context;
        }
    }
}

// Without the check of contexts the seal itself holds: a record's key is another key.
TEST_F(HeldKeysTest, TheSealHoldsWithoutTheRoutes) {
    Keyring::Keys masters;
    masters[0] = base::Secret(std::string_view(std::string(32, 'k')));
    Keyring keyring(masters, random_);
    HeldKeys held(keyring, random_);
    auto const made = held.make(KeyPurpose::receipt);
    auto const context = held_key_context(KeyPurpose::receipt);
    EXPECT_FALSE(keyring.decrypt(made.sealed, context));
    EXPECT_FALSE(keyring.rewrap(made.sealed, context));
    auto const planted = keyring.encrypt(std::string(32, 's'), context);
    EXPECT_FALSE(held.open(planted, KeyPurpose::receipt));
    EXPECT_TRUE(held.open(made.sealed, KeyPurpose::receipt));
    // And not the older form, of the master key itself with the context as associated data.
    crypto::Aead master(masters[0]);
    auto const nonce = crypto::random_nonce(random_);
    auto blob = std::vector<std::uint8_t>(nonce.begin(), nonce.end());
    auto const text =
        master.seal(nonce, crypto::as_bytes(context), crypto::as_bytes(std::string(32, 's')));
    blob.insert(blob.end(), text.begin(), text.end());
    auto const older = "nil:v1:" + crypto::base64_encode(blob);
    EXPECT_TRUE(keyring.decrypt(older, context));
    EXPECT_FALSE(held.open(older, KeyPurpose::receipt));
}

// A key that a caller knows must not become one that citadel signs with.
TEST_F(HeldKeysTest, NobodySealsAKeyOfHisOwn) {
    for (auto const& context :
         {held_key_context(KeyPurpose::receipt), std::string("obscura/citadel/audit-key/v1")}) {
        auto one = Json::object({{"plaintext", std::string(32, 'k')}, {"context", context}});
        auto const seen = post("gateway", "/encrypt", one);
        EXPECT_EQ(seen.status, 400U);
        EXPECT_EQ(seen.body["errors"].as_array().at(0)["code"].as_string(), "reserved");
        auto bulk = Json::object(
            {{"data", Json::object({{"a", std::string(32, 'k')}})}, {"context", context}});
        EXPECT_EQ(post("gateway", "/encrypt-bulk", bulk).status, 400U);
    }
}

TEST_F(HeldKeysTest, RewrappingKeepsThePurpose) {
    auto older = test::config();
    older.master_keys_hex[1] = {};
    Service first(std::move(older), clock_, random_, metrics_);
    auto const newest = std::exchange(router_, first.router());
    auto const made = post("conductor", "/keys", Json::object({{"purpose", "receipt"}}));
    auto const key = made.body["sealed_key"].as_string();
    EXPECT_TRUE(key.starts_with("nil:v1:"));
    router_ = newest;
    auto const rewrap = [&](std::string const& text, KeyPurpose purpose) {
        return post(
            "rotation", "/rewrap",
            Json::object({{"encrypted_data", text}, {"context", held_key_context(purpose)}}));
    };
    auto const renewed = rewrap(key, KeyPurpose::receipt);
    ASSERT_EQ(renewed.status, 200U) << renewed.body.dump();
    auto const text = renewed.body["encrypted_data"].as_string();
    EXPECT_TRUE(text.starts_with("nil:v2:"));
    auto const seen = sign_one("conductor", "receipt", text, statement_of("receipt"));
    EXPECT_EQ(seen["key_id"], made.body["key_id"]);
    EXPECT_EQ(rewrap(text, KeyPurpose::receipt).body["encrypted_data"].as_string(), text);
    EXPECT_EQ(rewrap(key, KeyPurpose::notary).status, 400U) << "into another purpose";
    auto bulk = Json::object(
        {{"data", Json::object({{"a", key}})}, {"context", held_key_context(KeyPurpose::receipt)}});
    EXPECT_EQ(post("rotation", "/rewrap-bulk", bulk).status, 200U);
    auto own = Json::object({{"encrypted_data", key}, {"context", "obscura/citadel/audit-key/v1"}});
    EXPECT_EQ(post("rotation", "/rewrap", own).status, 400U);
}

}  // namespace
}  // namespace obscura::citadel
