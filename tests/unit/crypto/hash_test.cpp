#include "crypto/hash.hpp"

#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"

#include <gtest/gtest.h>

namespace obscura::crypto {
namespace {

// FIPS 180-4 examples.
constexpr auto abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

TEST(Sha256Test, KnownAnswers) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), abc);
    EXPECT_EQ(sha256_hex(two_blocks),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PiecesAreTheWhole) {
    Sha256 hash;
    for (char const* c = two_blocks; *c != '\0'; ++c) hash.update(std::string_view(c, 1));
    EXPECT_EQ(hash.finish(), sha256(std::string_view(two_blocks)));
}

TEST(Sha256Test, FinishStartsAnew) {
    Sha256 hash;
    EXPECT_EQ(hex_encode(hash.update("something else").finish()), sha256_hex("something else"));
    EXPECT_EQ(hex_encode(hash.update("a").update("bc").finish()), abc);
    EXPECT_EQ(hash.finish(), sha256(std::string_view("")));
}

TEST(Sha512Test, KnownAnswers) {
    EXPECT_EQ(sha512_hex("abc"),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    EXPECT_EQ(sha512_hex(""),
              "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
              "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
}

struct HmacCase {
    std::string key;
    std::string message;
    std::string mac;
};

// RFC 4231 §4; case 5 truncates and is left out.
TEST(HmacTest, Rfc4231) {
    std::string counted;
    for (char c = 1; c <= 25; ++c) counted += c;
    HmacCase const cases[] = {
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counted, std::string(50, '\xcd'),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"}};
    for (auto const& c : cases) EXPECT_EQ(hmac_sha256_hex(c.key, c.message), c.mac) << c.message;
}

TEST(HmacTest, Rfc4231WithSha512) {
    EXPECT_EQ(hmac_sha512_hex(std::string(20, '\x0b'), "Hi There"),
              "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
              "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
    EXPECT_EQ(hmac_sha512_hex("Jefe", "what do ya want for nothing?"),
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

// The context is used again and again: no key may leak into the next call.
TEST(HmacTest, CallsAreIndependent) {
    auto const empty = hmac_sha256_hex("", "");
    EXPECT_EQ(empty, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    auto const first = hmac_sha256_hex("a key", "message");
    (void)hmac_sha256_hex(std::string(200, 'k'), "another");
    EXPECT_EQ(hmac_sha256_hex("a key", "message"), first);
    EXPECT_EQ(hmac_sha256_hex("", ""), empty);
}

// developers.binance.com, "SIGNED request example (HMAC)".
TEST(HmacTest, BinanceDocumentedExample) {
    EXPECT_EQ(
        hmac_sha256_hex("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
                        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&"
                        "recvWindow=5000&timestamp=1499827319559"),
        "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
}

}  // namespace
}  // namespace obscura::crypto
