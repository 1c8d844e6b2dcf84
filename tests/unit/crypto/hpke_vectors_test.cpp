#include "crypto/hpke.hpp"

#include "unit/crypto/vectors.hpp"

#include <algorithm>

namespace obscura::crypto {
namespace {

/// Hands out what it was given, once: the randomness that a vector names.
class GivenRandom final : public base::Random {
public:
    explicit GivenRandom(Bytes bytes) : bytes_(bytes.begin(), bytes.end()) {}
    void fill(std::span<std::byte> out) override {
        ASSERT_EQ(out.size(), bytes_.size());
        std::ranges::copy(std::as_bytes(std::span(bytes_)), out.begin());
        bytes_.clear();
    }

private:
    std::vector<std::uint8_t> bytes_;
};

AeadAlgorithm algorithm_of(base::Json const& test) {
    EXPECT_EQ(test["mode"].digits(), "0");
    EXPECT_EQ(test["kem_id"].digits(), "32");
    EXPECT_EQ(test["kdf_id"].digits(), "1");
    return test["aead_id"].digits() == "2" ? AeadAlgorithm::aes_256_gcm
                                           : AeadAlgorithm::aes_128_gcm;
}

/// The key pair of `ikm<whose>`, which must be that of `sk<whose>m` and `pk<whose>m`.
X25519PrivateKey derived_key(base::Json const& test, std::string const& whose) {
    auto key = dhkem_derive_key(bytes_of(test, "ikm" + whose));
    EXPECT_TRUE(key);
    EXPECT_EQ(hex_encode(key->bytes().bytes()), test["sk" + whose + "m"].as_string());
    EXPECT_EQ(hex_encode(key->public_key()), test["pk" + whose + "m"].as_string());
    return std::move(*key);
}

void check_keys(base::Json const& test) {
    auto const receiver = derived_key(test, "R");
    (void)derived_key(test, "E");
    GivenRandom random(bytes_of(test, "ikmE"));
    auto const encapsulated = dhkem_encapsulate(receiver.public_key(), random);
    ASSERT_TRUE(encapsulated);
    EXPECT_EQ(hex_encode(encapsulated->enc), test["enc"].as_string());
    EXPECT_EQ(hex_encode(encapsulated->shared_secret.bytes()), test["shared_secret"].as_string());
    auto const decapsulated = dhkem_decapsulate(encapsulated->enc, receiver);
    ASSERT_TRUE(decapsulated);
    EXPECT_EQ(hex_encode(decapsulated->bytes()), test["shared_secret"].as_string());

    auto const keys = hpke_key_schedule(algorithm_of(test), *decapsulated, bytes_of(test, "info"));
    EXPECT_EQ(hex_encode(keys.key.bytes()), test["key"].as_string());
    EXPECT_EQ(hex_encode(keys.base_nonce), test["base_nonce"].as_string());
    EXPECT_EQ(hex_encode(keys.exporter_secret.bytes()), test["exporter_secret"].as_string());
}

struct Ends {
    HpkeSender sender;
    HpkeReceiver receiver;
};
Ends ends_of(base::Json const& test) {
    auto const key = X25519PrivateKey::from_bytes(bytes_of(test, "skRm"));
    GivenRandom random(bytes_of(test, "ikmE"));
    auto const info = bytes_of(test, "info");
    auto sender = HpkeSender::to(key->public_key(), info, random, algorithm_of(test));
    auto receiver = HpkeReceiver::from(bytes_of(test, "enc"), *key, info, algorithm_of(test));
    EXPECT_EQ(hex_encode(sender->enc()), test["enc"].as_string());
    return {std::move(*sender), std::move(*receiver)};
}

/// The n-th message listed is the n-th of the context, unless it names its place.
std::size_t check_messages(base::Json const& test) {
    auto [sender, receiver] = ends_of(test);
    std::int64_t next = 0;
    std::size_t run = 0;
    for (auto const& message : test["encryptions"].as_array()) {
        auto const place = message["sequence"].to_int64().value_or(next);
        for (; next < place; ++next) EXPECT_TRUE(receiver.open({}, sender.seal({}, {})));
        auto const aad = bytes_of(message, "aad");
        auto const sealed = sender.seal(aad, bytes_of(message, "plaintext"));
        EXPECT_EQ(hex_encode(sealed), message["ciphertext"].as_string()) << place;
        auto const opened = receiver.open(aad, bytes_of(message, "ciphertext"));
        EXPECT_TRUE(opened) << place;
        if (opened) {
            EXPECT_EQ(hex_encode(opened->bytes()), message["plaintext"].as_string()) << place;
        }
        ++next;
        ++run;
    }
    return run;
}

std::size_t check_exports(base::Json const& test) {
    auto const [sender, receiver] = ends_of(test);
    std::size_t run = 0;
    for (auto const& one : test["exports"].as_array()) {
        auto const context = bytes_of(one, "exporter_context");
        auto const length = static_cast<std::size_t>(*one["L"].to_int64());
        for (auto const& value :
             {sender.export_secret(context, length), receiver.export_secret(context, length)}) {
            EXPECT_EQ(hex_encode(value.bytes()), one["exported_value"].as_string());
        }
        ++run;
    }
    return run;
}

TEST(HpkeVectorsTest, Rfc9180Aes128Gcm) {
    auto const vectors = read_vectors("hpke/rfc9180_a1_base.json");
    ASSERT_EQ(vectors.as_array().size(), 1U);
    auto const& test = vectors.as_array()[0];
    check_keys(test);
    EXPECT_EQ(check_messages(test), 6U);
    EXPECT_EQ(check_exports(test), 3U);
}

TEST(HpkeVectorsTest, CfrgAes256Gcm) {
    auto const vectors = read_vectors("hpke/x25519_sha256_aes256gcm_base.json");
    ASSERT_EQ(vectors.as_array().size(), 1U);
    auto const& test = vectors.as_array()[0];
    check_keys(test);
    EXPECT_EQ(check_messages(test), 257U);
    EXPECT_EQ(check_exports(test), 3U);
}

}  // namespace
}  // namespace obscura::crypto
