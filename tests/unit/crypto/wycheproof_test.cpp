#include "crypto/aead.hpp"
#include "unit/crypto/vectors.hpp"

#include <stdexcept>

namespace obscura::crypto {
namespace {

/// Seals and opens one case of 256-bit keys and 96-bit nonces.
void run_case(base::Json const& test) {
    auto const id = test["tcId"].digits() + " " + test["comment"].as_string();
    Aead aead(base::Secret(bytes_of(test, "key")));
    Aead::Nonce nonce{};
    ASSERT_TRUE(hex_decode_into(test["iv"].as_string(), nonce)) << id;
    auto const aad = bytes_of(test, "aad");
    auto const message = bytes_of(test, "msg");
    auto sealed = bytes_of(test, "ct");
    auto const tag = bytes_of(test, "tag");
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    bool const valid = test["result"].as_string() == "valid";
    auto const opened = aead.open(nonce, aad, sealed);
    EXPECT_EQ(opened.has_value(), valid) << id;
    EXPECT_EQ(aead.seal(nonce, aad, message) == sealed, valid) << id;
    if (valid && opened) {
        EXPECT_EQ(hex_encode(opened->bytes()), hex_encode(message)) << id;
    }
}

TEST(WycheproofTest, AesGcm) {
    auto const vectors = read_vectors("wycheproof/aes_gcm_test.json");
    std::size_t run = 0;
    std::size_t refused = 0;
    for (auto const& group : vectors["testGroups"].as_array()) {
        bool const ours = group["keySize"].digits() == "256" && group["ivSize"].digits() == "96";
        ASSERT_EQ(group["tagSize"].digits(), "128");
        for (auto const& test : group["tests"].as_array()) {
            if (ours) {
                run_case(test);
                ++run;
                continue;
            }
            // The others ask for what our types do not take: short keys, or nonces of other sizes.
            if (group["keySize"].digits() != "256") {
                EXPECT_THROW(Aead{base::Secret(bytes_of(test, "key"))}, std::invalid_argument);
            } else {
                Aead::Nonce nonce{};
                EXPECT_FALSE(hex_decode_into(test["iv"].as_string(), nonce));
            }
            ++refused;
        }
    }
    EXPECT_EQ(run, 66U);
    EXPECT_EQ(run + refused, 316U);
}

}  // namespace
}  // namespace obscura::crypto
