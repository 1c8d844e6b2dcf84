#include "crypto/aead.hpp"
#include "crypto/secp256k1.hpp"
#include "unit/crypto/vectors.hpp"

#include <secp256k1.h>

#include <algorithm>
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

/// The vectors' signatures are DER, which nothing of ours reads: libsecp256k1 does it here.
std::optional<Secp256k1Signature> from_der(Bytes der) {
    if (der.empty()) return std::nullopt;  // the library aborts for a null pointer
    secp256k1_ecdsa_signature parsed;
    if (secp256k1_ecdsa_signature_parse_der(secp256k1_context_static, &parsed, der.data(),
                                            der.size()) != 1)
        return std::nullopt;
    std::array<std::uint8_t, 64> compact{};
    secp256k1_ecdsa_signature_serialize_compact(secp256k1_context_static, compact.data(), &parsed);
    Secp256k1Signature out;
    std::ranges::copy(Bytes(compact).first(32), out.r.begin());
    std::ranges::copy(Bytes(compact).last(32), out.s.begin());
    return out;
}

/// In the upper half of the group, where Ethereum has no signatures.
bool has_high_s(Secp256k1Signature const& signature) {
    auto const half =
        *hex_decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
    return std::ranges::lexicographical_compare(half, signature.s);
}

TEST(WycheproofTest, EcdsaSecp256k1Sha256) {
    auto const vectors = read_vectors("wycheproof/ecdsa_secp256k1_sha256_test.json");
    std::size_t run = 0;
    std::size_t valid_with_high_s = 0;
    for (auto const& group : vectors["testGroups"].as_array()) {
        auto const key =
            Secp256k1PublicKey::from_bytes(bytes_of(group["publicKey"], "uncompressed"));
        ASSERT_TRUE(key);
        for (auto const& test : group["tests"].as_array()) {
            auto const id = test["tcId"].digits() + " " + test["comment"].as_string();
            auto const signature = from_der(bytes_of(test, "sig"));
            auto const digest = sha256(bytes_of(test, "msg"));
            bool const is_valid = test["result"].as_string() == "valid";
            bool const is_high = signature && has_high_s(*signature);
            bool const is_good = signature && key->verify(digest, *signature);
            EXPECT_EQ(is_good, is_valid && !is_high) << id;
            if (is_valid && is_high) ++valid_with_high_s;
            ++run;
        }
    }
    EXPECT_EQ(run, 476U);
    EXPECT_EQ(valid_with_high_s, 72U);
}

}  // namespace
}  // namespace obscura::crypto
