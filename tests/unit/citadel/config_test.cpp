#include "citadel/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obscura::citadel {
namespace {

std::string const hex_key(64, 'a');

struct Loaded {
    Config config;
    std::vector<std::string> errors;
};

Loaded load(std::string_view toml, base::Environment const& environment) {
    Loaded out;
    base::ConfigTable table;
    bind(table, out.config);
    out.errors = table.load(toml, "citadel.toml", environment);
    return out;
}

bool mentions(std::vector<std::string> const& errors, std::string_view text) {
    return std::ranges::any_of(errors, [&](auto const& e) { return e.find(text) != e.npos; });
}

TEST(CitadelConfigTest, ConventionalVariables) {
    auto const loaded = load("", {{"CITADEL_MASTER_KEY", hex_key},
                                  {"CITADEL_MASTER_KEY_V9", std::string(64, 'b')},
                                  {"CITADEL_INTERNAL_API_KEY", "internal-key"},
                                  {"OBSCURA_CITADEL_AUDIT_FOLDER", "/audit"}});
    EXPECT_TRUE(loaded.errors.empty());
    EXPECT_TRUE(complaints(loaded.config).empty());
    auto const keys = master_keys(loaded.config);
    EXPECT_EQ(keys[0].reveal(), std::string(32, '\xaa'));
    EXPECT_TRUE(keys[1].empty());
    EXPECT_EQ(keys[8].reveal(), std::string(32, '\xbb'));
    EXPECT_EQ(loaded.config.caller_keys[4].reveal(), "internal-key");
}

TEST(CitadelConfigTest, VersionsMustFitTheKeysGiven) {
    auto complaints_of = [](std::string const& citadel) {
        return complaints(
            load("[citadel]\naudit_folder = \"/audit\"\n" + citadel,
                 {{"CITADEL_MASTER_KEY_V2", hex_key}, {"CITADEL_INTERNAL_API_KEY", "internal-key"}})
                .config);
    };
    EXPECT_TRUE(complaints_of("min_decrypt_version = 2\nmin_encrypt_version = 2\n").empty());
    EXPECT_TRUE(mentions(complaints_of("min_encrypt_version = 3\n"), "min_encrypt_version is 3"));
    EXPECT_TRUE(mentions(complaints_of("min_decrypt_version = 3\n"), "nothing would open"));
}

// What hardware vouches for would be worth nothing.
TEST(CitadelConfigTest, HardwareDoesNotVouchForKeysThatOthersHave) {
    auto const complaints_of = [](std::string const& toml, base::Environment environment) {
        environment.emplace("CITADEL_INTERNAL_API_KEY", "internal-key");
        return complaints(load("[attestation]\nsource = \"nilcc\"\n[citadel]\n"
                               "audit_folder = \"/audit\"\n" +
                                   toml,
                               environment)
                              .config);
    };
    EXPECT_TRUE(
        mentions(complaints_of("", {{"CITADEL_MASTER_KEY", hex_key}}), "key_source: environment"));
    EXPECT_FALSE(
        mentions(complaints_of("key_source = \"release\"\n", {}), "key_source: environment"));
    EXPECT_FALSE(mentions(complaints_of("key_source = \"release\"\n", {}), "decrypt_callers"));
    EXPECT_TRUE(
        mentions(complaints_of("key_source = \"release\"\ndecrypt_callers = [\"gateway\"]\n", {}),
                 "decrypt_callers"));
}

TEST(CitadelConfigTest, ASealingKeyLivesAnHourAtMost) {
    auto const errors_of = [](std::string const& lifetime) {
        return load("[citadel]\nsealing_key_lifetime = \"" + lifetime + "\"\n", {}).errors;
    };
    EXPECT_FALSE(mentions(errors_of("1h"), "sealing_key_lifetime"));
    EXPECT_TRUE(mentions(errors_of("61m"), "sealing_key_lifetime"));
}

TEST(CitadelConfigTest, VenuesThatMustRelayCannotBeTakenOut) {
    auto const loaded = load("[citadel]\nrelay_only = [\"okx\", \"binance\", \"kraken\"]\n", {});
    EXPECT_TRUE(mentions(loaded.errors, "citadel.relay_only"));
    auto const without = load("[citadel]\nrelay_only = [\"okx\", \"binance\"]\n", {});
    EXPECT_TRUE(without.errors.empty());
    EXPECT_TRUE(mentions(complaints(without.config), "must have bitget in it"));
    EXPECT_FALSE(mentions(complaints(without.config), "must have okx"));
    EXPECT_FALSE(mentions(complaints(load("", {}).config), "relay_only"));
}

TEST(CitadelConfigTest, BadValuesAreNamedAndHidden) {
    auto const loaded = load(R"(
[citadel]
master_key = "c0ffee"
decrypt_callers = ["admin", "rotation", "everybody"]
default_validity = "2m"
[callers]
gateway = "short"
conductor = "has a blank in it"
[venues.binance.live]
rest = "http://api.binance.com"
ws = "https://api.binance.com"
futures = ""
[venues.binance.testnet]
futures = "http://demo-fapi.binance.com"
[venues.binance.paper]
rest = "http://paper:8010/api"
)",
                             {{"CITADEL_MASTER_KEY_V2", std::string(64, 'g')}});
    for (std::string_view const key :
         {"citadel.master_key =", "CITADEL_MASTER_KEY_V2", "citadel.decrypt_callers",
          "citadel.default_validity", "callers.gateway", "callers.conductor",
          "venues.binance.live.rest", "venues.binance.live.ws", "venues.binance.live.futures",
          "venues.binance.testnet.futures", "venues.binance.paper.rest"}) {
        EXPECT_TRUE(mentions(loaded.errors, key)) << key;
    }
    EXPECT_EQ(loaded.errors.size(), 11U);
    EXPECT_FALSE(mentions(loaded.errors, "c0ffee"));
    EXPECT_FALSE(mentions(loaded.errors, "blank in"));
}

TEST(CitadelConfigTest, PlainHttpIsForPaperAndThisHost) {
    auto const loaded = load(R"(
[venues.binance.live]
rest = "http://127.0.0.1:9"
ws = "ws://localhost:9/ws-api/v3"
[venues.binance.paper]
rest = "http://paper.internal:8010"
ws = "ws://paper.internal:8010/ws-api/v3"
futures = ""
)",
                             {});
    EXPECT_TRUE(loaded.errors.empty());
}

// A venue has keys for the addresses that it has; the rules are the same for all.
TEST(CitadelConfigTest, EveryVenueHasItsOwnAddresses) {
    auto const good = load(R"(
[venues.bybit.live]
rest = "https://api.bytick.com"
ws = "wss://stream.bytick.com/v5/private"
[venues.kucoin.live]
futures = "https://futures.test"
[venues.mexc.live]
futures_ws = "wss://edge.test/edge"
)",
                           {});
    EXPECT_TRUE(good.errors.empty());
    EXPECT_EQ(good.config.venues.at("bybit")[0].rest, "https://api.bytick.com");
    EXPECT_EQ(good.config.venues.at("kucoin")[0].futures, "https://futures.test");
    EXPECT_EQ(good.config.venues.at("mexc")[0].futures_websocket, "wss://edge.test/edge");
    auto const bad = load(R"(
[venues.bybit.live]
rest = "http://api.bytick.com"
[venues.okx.testnet]
rest = ""
[venues.kucoin.testnet]
rest = "https://sandbox.test"
[venues.bybit.paper]
rest = "http://127.0.0.1:1"
[venues.gate.live]
ws = "ws://api.gateio.ws/ws/v4/"
)",
                          {});
    for (std::string_view const key :
         {"venues.bybit.live.rest", "venues.okx.testnet.rest", "venues.kucoin.testnet.rest",
          "venues.bybit.paper.rest", "venues.gate.live.ws"}) {
        EXPECT_TRUE(mentions(bad.errors, key)) << key;
    }
    EXPECT_EQ(bad.errors.size(), 5U);
}

TEST(CitadelConfigTest, ComplaintsAcrossKeys) {
    EXPECT_EQ(complaints(load("", {}).config).size(), 2U);
    auto const loaded = load("", {{"CITADEL_MASTER_KEY", hex_key},
                                  {"CITADEL_MASTER_KEY_V3", std::string(64, 'A')},
                                  {"OBSCURA_CALLERS_GATEWAY", "the-same-key"},
                                  {"OBSCURA_CALLERS_SENTINEL", "the-same-key"}});
    EXPECT_TRUE(loaded.errors.empty());
    auto const found = complaints(loaded.config);
    EXPECT_EQ(found.size(), 2U);
    EXPECT_TRUE(mentions(found, "citadel.master_key and citadel.master_key_v3"));
    EXPECT_TRUE(mentions(found, "callers.gateway and callers.sentinel"));
    EXPECT_FALSE(mentions(found, "the-same-key"));
}

}  // namespace
}  // namespace obscura::citadel
