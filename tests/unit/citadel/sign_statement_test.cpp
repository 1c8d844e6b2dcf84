#include "citadel/checkpoint.hpp"
#include "crypto/hex.hpp"
#include "crypto/jws.hpp"
#include "crypto/keccak.hpp"
#include "crypto/rlp.hpp"
#include "crypto/secp256k1.hpp"
#include "model/access_token.hpp"
#include "model/receipt.hpp"
#include "statement_fixture.hpp"

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;
using crypto::Digest;

/// "0x", r, s, v.
crypto::Secp256k1Signature signature_of(std::string_view text) {
    auto const bytes = crypto::hex_decode(text.substr(2));
    EXPECT_TRUE(bytes && bytes->size() == 65);
    crypto::Secp256k1Signature out{.v = bytes->back()};
    std::copy_n(bytes->begin(), 32, out.r.begin());
    std::copy_n(bytes->begin() + 32, 32, out.s.begin());
    return out;
}

class SignStatementTest : public test::StatementTest {
protected:
    /// Who signed: recovered, so that the recovery id is right as well.
    std::string signer_of(Digest const& digest, Json const& answer) {
        auto const by = crypto::Secp256k1PublicKey::recover(
            digest, signature_of(answer["signature"].as_string()));
        EXPECT_TRUE(by);
        return by ? crypto::hex_encode(by->bytes()) : "";
    }
    std::string code_of(std::string_view purpose, Json statement) {
        auto const seen = sign_own(purpose, std::move(statement));
        return seen["code"].is_string() ? seen["code"].as_string() : "signed";
    }
};

TEST_F(SignStatementTest, AReceiptVerifiesWithThePublicKeyAlone) {
    auto const seen = sign_own("receipt", model::test::receipt());
    ASSERT_TRUE(seen["signature"].is_string()) << seen.dump();
    auto const raw = crypto::hex_decode(public_keys_["receipt"]);
    auto const key = crypto::Ed25519PublicKey::from_bytes(*raw);
    auto const signature = *crypto::hex_decode(seen["signature"].as_string());
    auto const text = *model::receipt_text(model::test::receipt());
    EXPECT_TRUE(key->verify(text, signature));
    EXPECT_FALSE(key->verify(text.substr(text.find('\n') + 1), signature)) << "without its label";
    EXPECT_EQ(sign_own("receipt", model::test::receipt()), seen) << "Ed25519 is deterministic";
}

TEST_F(SignStatementTest, AnAccessTokenIsAJwtOfTheFieldsThatWereGiven) {
    auto const seen = sign_own("access_token", access_token());
    ASSERT_TRUE(seen["signature"].is_string()) << seen.dump();
    auto const key =
        crypto::Ed25519PublicKey::from_bytes(*crypto::hex_decode(public_keys_["access_token"]));
    auto const token = model::access_token_from_json(access_token()).value();
    auto const input =
        crypto::jwt_signing_input(crypto::jwk_thumbprint(*key), model::payload_of(token));
    EXPECT_TRUE(key->verify(input, *crypto::hex_decode(seen["signature"].as_string())));
    EXPECT_TRUE(input.starts_with("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6I"));
}

TEST_F(SignStatementTest, AnAccessTokenIsOfNowAndOfADayAtMost) {
    auto const with = [&](std::string_view field, Json value) {
        auto token = access_token();
        token.set(field, std::move(value));
        return code_of("access_token", std::move(token));
    };
    auto const now = base::to_unix_ms(clock_.now()) / 1000;
    EXPECT_EQ(with("iat", now - 120), "signed");
    EXPECT_EQ(with("iat", now - 121), "invalid_request");
    EXPECT_EQ(with("iat", now + 121), "invalid_request");
    EXPECT_EQ(with("exp", now + 86'400), "signed");
    EXPECT_EQ(with("exp", now + 86'401), "invalid_request");
    EXPECT_EQ(with("exp", now), "invalid_request");
    EXPECT_EQ(with("sub", "root"), "invalid_request");
    EXPECT_EQ(with("tenant", "all"), "invalid_request");
    EXPECT_EQ(with("iss", std::string(129, 'x')), "invalid_request");
    EXPECT_EQ(with("admin", true), "invalid_request") << "nothing beside what a token says";
    EXPECT_EQ(code_of("access_token", Json::object({{"digest", std::string(64, 'a')}})),
              "invalid_request");
}

TEST_F(SignStatementTest, ABatchIsAnsweredItemByItem) {
    Json::Array items;
    for (int i = 0; i < 1'000; ++i) {
        auto receipt = i % 10 == 3 ? Json::object() : model::test::receipt();
        if (i % 10 != 3) receipt.set("execution_id", "exe_" + std::to_string(i));
        items.push_back(asked(std::to_string(i), "receipt", key_of("receipt"), receipt));
    }
    auto const seen = post("conductor", "/sign-statement", Json::object({{"items", items}}));
    ASSERT_EQ(seen.status, 200U);
    auto const& answers = seen.body["items"].as_array();
    ASSERT_EQ(answers.size(), 1'000U);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        EXPECT_EQ(answers[i]["id"].as_string(), std::to_string(i));
        EXPECT_EQ(answers[i]["signature"].is_string(), i % 10 != 3);
    }
    items.push_back(items[0]);
    EXPECT_EQ(post("conductor", "/sign-statement", Json::object({{"items", items}})).status, 400U);
    items.resize(2);
    items[1] = items[0];
    EXPECT_EQ(post("conductor", "/sign-statement", Json::object({{"items", items}})).status, 400U);
}

TEST_F(SignStatementTest, ACheckpointIsTypedDataInItsDomain) {
    auto const statement = checkpoint();
    auto const seen = sign_own("notary", statement);
    ASSERT_TRUE(seen["signature"].is_string()) << seen.dump();
    base::ObjectReader in(statement);
    auto const hash = read_checkpoint(in).hash();
    auto const here = *crypto::EthereumAddress::parse(test::registry);
    EXPECT_EQ(signer_of(crypto::eip712_digest(checkpoint_domain(26514, here), hash), seen),
              public_keys_["notary"]);
    auto const there = *crypto::EthereumAddress::parse(test::contract);
    EXPECT_NE(signer_of(crypto::eip712_digest(checkpoint_domain(1, here), hash), seen),
              public_keys_["notary"]);
    EXPECT_NE(signer_of(crypto::eip712_digest(checkpoint_domain(26514, there), hash), seen),
              public_keys_["notary"]);
}

// Every field is in the bytes: another value is another signer.
TEST_F(SignStatementTest, EveryFieldOfACheckpointCounts) {
    auto const statement = checkpoint();
    auto const seen = sign_own("notary", statement);
    auto const here = *crypto::EthereumAddress::parse(test::registry);
    for (auto const* field :
         {"log_id", "count", "log_commitment", "marks_commitment", "time", "previous"}) {
        auto other = statement;
        other.set(field,
                  statement[field].is_number() ? Json(1) : Json("0x" + std::string(64, 'f')));
        base::ObjectReader in(other);
        auto const digest =
            crypto::eip712_digest(checkpoint_domain(26514, here), read_checkpoint(in).hash());
        EXPECT_NE(signer_of(digest, seen), public_keys_["notary"]) << field;
    }
}

TEST_F(SignStatementTest, ACheckpointOfAnotherChainOrRegistryIsRefused) {
    auto statement = checkpoint();
    statement.set("chain_id", 1);
    EXPECT_EQ(code_of("notary", statement), "invalid_request");
    statement = checkpoint();
    statement.set("registry", test::contract);
    EXPECT_EQ(code_of("notary", statement), "invalid_request");
    Service service(test::config(), clock_, random_, metrics_);
    router_ = service.router();
    EXPECT_EQ(code_of("notary", checkpoint()), "chain_not_configured");
    EXPECT_EQ(code_of("chain_transaction", transaction()), "chain_not_configured");
}

TEST_F(SignStatementTest, TheNotaryKeepsItsCadence) {
    auto first = checkpoint();
    EXPECT_EQ(code_of("notary", first), "signed");
    EXPECT_EQ(code_of("notary", first), "signed") << "the same again is the same";
    auto other = first;
    other.set("log_commitment", "0x" + std::string(64, 'c'));
    EXPECT_EQ(code_of("notary", other), "checkpoint_conflict");
    other.set("count", 129);
    EXPECT_EQ(code_of("notary", other), "checkpoint_too_soon");
    EXPECT_EQ(code_of("notary", checkpoint()), "signed") << "another log";
    clock_.advance(1h);
    EXPECT_EQ(code_of("notary", other), "checkpoint_too_soon") << "its own time counts";
    auto const now = base::to_unix_ms(clock_.now()) / 1000;
    other.set("time", now);
    other.set("count", 127);
    EXPECT_EQ(code_of("notary", other), "checkpoint_backwards");
    other.set("count", 128);
    EXPECT_EQ(code_of("notary", other), "checkpoint_conflict") << "an hour later too";
    other.set("count", 129);
    EXPECT_EQ(code_of("notary", other), "signed");
    other.set("count", 130);
    other.set("time", now + 3'600);
    EXPECT_EQ(code_of("notary", other), "checkpoint_time");
    other.set("time", now - 3'700);
    EXPECT_EQ(code_of("notary", other), "checkpoint_time");
}

// A refusal leaves nothing behind: what was not signed contradicts nothing.
TEST_F(SignStatementTest, WhatIsRefusedIsNotRemembered) {
    auto const statement = checkpoint();
    auto const wrong = sign_one("sentinel", "notary", key_of("receipt"), statement);
    EXPECT_EQ(wrong["code"].as_string(), "decryption_failed");
    auto other = statement;
    other.set("log_commitment", "0x" + std::string(64, 'c'));
    EXPECT_EQ(code_of("notary", other), "signed");
    EXPECT_EQ(code_of("notary", statement), "checkpoint_conflict");
}

TEST(CheckpointCadenceTest, IsBounded) {
    CheckpointCadence cadence({.interval = 60s, .max_logs = 3});
    auto now = base::from_unix_ms(1'764'000'000'000);
    auto const admit = [&](std::uint8_t log) {
        Checkpoint c{.count = 1,
                     .time_s = static_cast<std::uint64_t>(base::to_unix_ms(now) / 1000)};
        c.log_id[0] = log;
        auto const good = cadence.admit(c, now);
        return good ? "signed" : good.error().reason;
    };
    for (std::uint8_t log : {1, 2, 3}) EXPECT_EQ(admit(log), "signed");
    EXPECT_EQ(admit(4), "notary_busy");
    EXPECT_EQ(admit(3), "signed");
    now += 120s;
    EXPECT_EQ(admit(4), "signed");
}

TEST_F(SignStatementTest, ATransactionIsWhatANodeTakes) {
    auto const seen = sign_own("chain_transaction", transaction());
    ASSERT_TRUE(seen["signature"].is_string()) << seen.dump();
    auto const to = *crypto::hex_decode(test::contract.substr(2));
    auto const data = *crypto::hex_decode("deadbeef00");
    auto fields = crypto::RlpList()
                      .add(std::uint64_t{26514})
                      .add(std::uint64_t{7})
                      .add(std::uint64_t{1'000'000'000})
                      .add(std::uint64_t{30'000'000'000})
                      .add(std::uint64_t{500'000})
                      .add(crypto::Bytes(to))
                      .add(crypto::Bytes())
                      .add(crypto::Bytes(data))
                      .add(crypto::RlpList());
    auto preimage = fields.encode();
    preimage.insert(preimage.begin(), 2);
    EXPECT_EQ(signer_of(crypto::keccak256(preimage), seen), public_keys_["chain_transaction"]);
    auto const by = signature_of(seen["signature"].as_string());
    auto raw = fields.add(std::uint64_t{by.v} - 27).add_number(by.r).add_number(by.s).encode();
    raw.insert(raw.begin(), 2);
    EXPECT_EQ(seen["raw_transaction"].as_string(), "0x" + crypto::hex_encode(raw));
    EXPECT_EQ(sign_own("chain_transaction", transaction()), seen) << "RFC 6979";
}

TEST_F(SignStatementTest, ATransactionIsHeldToTheRules) {
    std::pair<char const*, Json> const bad[] = {
        {"to", "0x3333333333333333333333333333333333333333"},
        {"to", Json()},
        {"to", "0x22"},
        {"value", 1},
        {"value", Json()},
        {"chain_id", 1},
        {"max_fee_per_gas", std::int64_t{501'000'000'000}},
        {"max_priority_fee_per_gas", std::int64_t{31'000'000'000}},
        {"gas_limit", 30'000'001},
        {"nonce", -1},
        {"data", "deadbeef"},
        {"data", "0xabc"},
        {"access_list", Json::array()}};
    for (auto const& [field, value] : bad) {
        auto statement = transaction();
        statement.set(field, value);
        EXPECT_EQ(code_of("chain_transaction", statement), "invalid_request")
            << field << value.dump();
    }
    EXPECT_EQ(code_of("chain_transaction", transaction()), "signed");
}

}  // namespace
}  // namespace obscura::citadel
