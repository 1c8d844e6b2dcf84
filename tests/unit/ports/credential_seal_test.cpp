#include "ports/credential_seal.hpp"

#include <gtest/gtest.h>

#include <set>

namespace obscura::ports {
namespace {

using namespace std::string_literals;
using base::Json;

SealBinding binding() {
    return {.key_id = std::string(43, 'K'),
            .tenant = *model::TenantId::parse("01234567-89ab-7def-8123-456789abcde1"),
            .user = *model::UserId::parse("01234567-89ab-7def-8123-456789abcde2"),
            .venue = "binance",
            .environment = model::Environment::live,
            .purpose = ConnectionPurpose::follow,
            .one_time_id = *base::parse_uuid("01234567-89ab-4def-8123-456789abcde3")};
}
SealedCredential sealed() {
    return {.binding = binding(), .enc = std::string(43, 'E'), .ciphertext = "Y2lwaGVy"};
}

// Written out by hand: other people's clients have to make the very same bytes.
TEST(SealInfo, IsALabelAndPartsWithTheirLengths) {
    EXPECT_EQ(seal_info(binding()),
              "obscura/sealed-credential/v1"
              "\0\0\0\x2b"s +
                  std::string(43, 'K') +
                  "\0\0\0\x24"
                  "01234567-89ab-7def-8123-456789abcde1"
                  "\0\0\0\x24"
                  "01234567-89ab-7def-8123-456789abcde2"
                  "\0\0\0\x07"
                  "binance"
                  "\0\0\0\x04live"
                  "\0\0\0\x06"
                  "follow"
                  "\0\0\0\x24"
                  "01234567-89ab-4def-8123-456789abcde3"s);
}

TEST(SealInfo, NoTwoBindingsHaveTheSame) {
    std::set<std::string> seen;
    auto const add = [&](auto change) {
        auto other = binding();
        change(other);
        EXPECT_TRUE(seen.insert(seal_info(other)).second) << seal_info(other);
    };
    add([](SealBinding&) {});
    add([](SealBinding& b) { b.key_id[0] = 'k'; });
    add([](SealBinding& b) { b.tenant.value.bytes[0] ^= 1; });
    add([](SealBinding& b) { b.user.value.bytes[15] ^= 1; });
    add([](SealBinding& b) { b.venue = "bybit"; });
    add([](SealBinding& b) { b.environment = model::Environment::paper; });
    add([](SealBinding& b) { b.purpose = ConnectionPurpose::lead; });
    add([](SealBinding& b) { b.one_time_id.bytes[3] ^= 1; });
    // What moves over the border between two parts stays different.
    add([](SealBinding& b) { b.key_id += "0"; });
    add([](SealBinding& b) { std::swap(b.tenant.value, b.user.value); });
}

TEST(SealedCredentialJson, ReadsWhatItWrites) {
    auto const json = to_json(sealed());
    auto const read = sealed_credential_from_json(json, "/sealed");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->binding, binding());
    EXPECT_EQ(to_json(*read), json);
}

struct BadField {
    std::string_view name;
    Json value;
    std::string_view code;
};

TEST(SealedCredentialJson, IsStrictAndBounded) {
    BadField const table[] = {{"v", 2, "not_supported"},
                              {"v", "1", ""},
                              {"v", nullptr, "required"},
                              {"key_id", std::string(42, 'K'), "too_short"},
                              {"key_id", std::string(44, 'K'), "too_long"},
                              {"tenant_id", "nobody", "not_a_uuid"},
                              {"user_id", 7, "wrong_type"},
                              {"venue", "", "too_short"},
                              {"venue", std::string(33, 'v'), "too_long"},
                              {"environment", "moon", ""},
                              {"purpose", "steal", ""},
                              {"one_time_id", "again", "not_a_uuid"},
                              {"enc", std::string(44, 'E'), "too_long"},
                              {"ciphertext", "", "too_short"},
                              {"ciphertext", std::string(32'800, 'A'), "too_long"},
                              {"extra", 1, "unknown_field"}};
    for (auto const& [name, value, code] : table) {
        auto json = to_json(sealed());
        json.set(name, value);
        auto const read = sealed_credential_from_json(json, "/sealed");
        if (name == "v" && value == Json("1")) {  // digits in a text are a number elsewhere too
            EXPECT_EQ(read.has_value(), false);
            continue;
        }
        ASSERT_FALSE(read) << name;
        ASSERT_EQ(read.error().fields.size(), 1U) << name;
        EXPECT_EQ(read.error().fields[0].pointer, "/sealed/" + std::string(name));
        if (!code.empty()) {
            EXPECT_EQ(read.error().fields[0].code, code) << name;
        }
    }
    for (auto const& json : {Json(), Json("text"), Json(Json::Array{})})
        EXPECT_FALSE(sealed_credential_from_json(json, "/sealed"));
}

TEST(LimitsJson, ReadsWhatItWrites) {
    CredentialLimits const limits{.symbols = {"BTCUSDT", "ETH-USDT"},
                                  .max_order_notional = base::Decimal::parse("1000.5"),
                                  .max_daily_notional = base::Decimal(20'000)};
    auto const json = to_json(limits);
    EXPECT_EQ(json.dump(), R"({"symbols":["BTCUSDT","ETH-USDT"],"max_order_notional":"1000.5",)"
                           R"("max_daily_notional":"20000"})");
    auto const read = limits_from_json(json, "");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, limits);
    EXPECT_FALSE(limits.is_empty());
    auto const none = limits_from_json(Json::object(), "");
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->is_empty());
}

TEST(LimitsJson, RefusesWhatLimitsNothing) {
    auto many = Json::array();
    for (int i = 0; i < 201; ++i) many.push_back("S" + std::to_string(i));
    Json const bad[] = {Json::object({{"symbols", Json::array()}}),
                        Json::object({{"symbols", many}}),
                        Json::object({{"symbols", Json::array({"BTC USDT"})}}),
                        Json::object({{"symbols", Json::array({"A", "A"})}}),
                        Json::object({{"symbols", Json::array({7})}}),
                        Json::object({{"max_order_notional", "0"}}),
                        Json::object({{"max_order_notional", "-1"}}),
                        Json::object({{"max_daily_notional", "much"}}),
                        Json::object({{"max_weekly_notional", "1"}})};
    for (auto const& json : bad) EXPECT_FALSE(limits_from_json(json, "")) << json.dump();
}

TEST(SealingKeyJson, ReadsWhatItWritesAndNoOtherSuite) {
    SealingKey const key{.id = std::string(43, 'i'),
                         .public_key = std::string(43, 'p'),
                         .created_at = base::from_unix_ms(1'764'000'000'000),
                         .expires_at = base::from_unix_ms(1'764'003'600'000),
                         .evidence = {.binding = "00ff"}};
    auto json = to_json(key);
    auto const read = sealing_key_from_json(json);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(to_json(*read), json);
    EXPECT_FALSE(read->evidence.attested);
    json.set("suite", "DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM");
    EXPECT_FALSE(sealing_key_from_json(json));
}

}  // namespace
}  // namespace obscura::ports
