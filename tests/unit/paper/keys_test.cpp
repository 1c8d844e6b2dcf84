#include "paper/protocol/keys.hpp"
#include "base/random.hpp"
#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"

#include <gtest/gtest.h>

namespace obscura::paper {
namespace {

Key hmac_key(std::string secret) { return {.account = AccountId(1), .secret = std::move(secret)}; }

TEST(PaperKeys, BinancesDocumentedVectorVerifies) {
    // developers.binance.com, "SIGNED endpoint examples for POST /api/v3/order", HMAC keys.
    auto const key = hmac_key("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j");
    std::string const bytes =
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
        "&timestamp=1499827319559";
    std::string const signature =
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
    EXPECT_TRUE(verify_signature(key, bytes, signature));
    EXPECT_TRUE(verify_signature(
        key, bytes, "C8DB56825AE71D6D79447849E617115F4A920FA2ACDCAB2B053C4B2838BD6B71"));
    EXPECT_EQ(verify_signature(key, bytes + "&", signature).error().code, -1022);
    EXPECT_EQ(verify_signature(key, bytes, signature.substr(1)).error().code, -1022);
    EXPECT_EQ(verify_signature(key, bytes, "").error().code, -1022);
}

TEST(PaperKeys, Ed25519SignaturesAreBase64OverTheBytes) {
    base::SeededRandom random(7);
    auto const credential = make_credential(KeyType::ed25519, random);
    KeyRing ring;
    ring.add(AccountId(3), credential);
    auto const found = ring.find(credential.api_key);
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->account, AccountId(3));
    auto const key = crypto::Ed25519PrivateKey::from_pem(credential.private_key);
    ASSERT_TRUE(key);
    auto const signature = crypto::base64_encode(key->sign(std::string_view("a=1&b=2")));
    EXPECT_TRUE(verify_signature(**found, "a=1&b=2", signature));
    EXPECT_FALSE(verify_signature(**found, "a=1&b=3", signature));
    EXPECT_FALSE(verify_signature(**found, "a=1&b=2", "not base64!"));
}

TEST(PaperKeys, UnknownAndMalformedKeysAreTold) {
    KeyRing const ring;
    EXPECT_EQ(ring.find(std::nullopt).error().code, -2014);
    EXPECT_EQ(ring.find("short").error().code, -2014);
    EXPECT_EQ(ring.find(std::string(63, 'a') + "-").error().code, -2014);
    auto const unknown = ring.find(std::string(64, 'a'));
    EXPECT_EQ(unknown.error().code, -2015);
    EXPECT_EQ(unknown.error().http_status, 401U);
}

struct TimeCase {
    std::string form;
    int code;  ///< 0: fine
};

TEST(PaperKeys, TimestampAndWindowAreJudgedAtTheGivenMoment) {
    auto const now = base::from_unix_ms(1'700'000'060'000);
    for (auto const& [form, code] :
         {TimeCase{"timestamp=1700000060000", 0}, TimeCase{"timestamp=1700000055000", 0},
          TimeCase{"timestamp=1700000054999", -1021}, TimeCase{"timestamp=1700000060999", 0},
          TimeCase{"timestamp=1700000061000", -1021},
          TimeCase{"timestamp=1700000000000&recvWindow=60000", 0},
          TimeCase{"timestamp=1699999999999&recvWindow=60000", -1021},
          TimeCase{"timestamp=1700000060000&recvWindow=60001", -1131},
          TimeCase{"timestamp=1700000059999&recvWindow=0", -1021},
          TimeCase{"timestamp=1700000060000000", 0}, TimeCase{"recvWindow=5", -1102},
          TimeCase{"timestamp=soon", -1100}}) {
        auto const params = Params::from_http(form, "");
        auto const checked = check_timestamp(*params, now, Market::spot);
        EXPECT_EQ(checked ? 0 : checked.error().code, code) << form;
    }
    // What was signed for spot in microseconds is no request of futures'.
    auto const in_us = Params::from_http("timestamp=1700000060000000", "");
    EXPECT_EQ(check_timestamp(*in_us, now, Market::futures).error().code, -1021);
}

}  // namespace
}  // namespace obscura::paper
