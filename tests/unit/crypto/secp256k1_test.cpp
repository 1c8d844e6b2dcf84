#include "crypto/secp256k1.hpp"

#include "crypto/hex.hpp"
#include "crypto/keccak.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>

namespace obscura::crypto {
namespace {

struct Secp256k1Test : testing::Test {
    base::SeededRandom random{1};

    Secp256k1PrivateKey key_of(std::string_view hex) {
        auto key = Secp256k1PrivateKey::from_bytes(*hex_decode(hex), random);
        EXPECT_TRUE(key) << hex;
        return std::move(*key);
    }
};

constexpr std::string_view one = "0000000000000000000000000000000000000000000000000000000000000001";
constexpr std::string_view group_order =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr std::string_view group_order_less_one =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";

struct SignatureCase {
    std::string_view key, message, r, s;
};

// Deterministic signatures over SHA-256 that Bitcoin's libraries share as RFC 6979's vectors for
// this curve.
constexpr SignatureCase rfc6979[] = {
    {one, "Satoshi Nakamoto", "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
     "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"},
    {one, "All those moments will be lost in time, like tears in rain. Time to die...",
     "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b",
     "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"},
    {group_order_less_one, "Satoshi Nakamoto",
     "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0",
     "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"}};

TEST_F(Secp256k1Test, KnownSignatures) {
    for (auto const& c : rfc6979) {
        auto const key = key_of(c.key);
        auto const digest = sha256(c.message);
        auto const signature = key.sign(digest);
        EXPECT_EQ(hex_encode(signature.r), c.r);
        EXPECT_EQ(hex_encode(signature.s), c.s);
        EXPECT_TRUE(key.public_key().verify(digest, signature));
        auto const recovered = Secp256k1PublicKey::recover(digest, signature);
        ASSERT_TRUE(recovered);
        EXPECT_EQ(*recovered, key.public_key());
    }
}

// The example of web3.js for personal messages (EIP-191, version 0x45).
TEST_F(Secp256k1Test, Eip191) {
    auto const key = key_of("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318");
    EXPECT_EQ(key.public_key().address().to_string(), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");
    auto const digest = keccak256(
        "\x19"
        "Ethereum Signed Message:\n9Some data");
    EXPECT_EQ(hex_encode(digest),
              "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655");
    auto const signature = key.sign(digest);
    EXPECT_EQ(hex_encode(signature.r),
              "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd");
    EXPECT_EQ(hex_encode(signature.s),
              "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a029");
    EXPECT_EQ(signature.v, 28);
}

// SEC 2's generator is the public key of 1.
TEST_F(Secp256k1Test, PublicKeys) {
    auto const key = key_of(one).public_key();
    EXPECT_EQ(hex_encode(key.bytes()),
              "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
              "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
    EXPECT_EQ(key.address().to_string(), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
    auto const compressed = Secp256k1PublicKey::from_bytes(
        *hex_decode("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"));
    ASSERT_TRUE(compressed);
    EXPECT_EQ(*compressed, key);
    EXPECT_EQ(Secp256k1PublicKey::from_bytes(key.bytes()), key);
}

TEST_F(Secp256k1Test, RefusesWhatIsNoPublicKey) {
    auto const good = key_of(one).public_key().bytes();
    auto const fails = [](Bytes raw) {
        auto const key = Secp256k1PublicKey::from_bytes(raw);
        return !key && key.error().reason == "invalid_key";
    };
    auto off_curve = good;
    off_curve.back() ^= 1U;
    EXPECT_TRUE(fails(off_curve));
    // SEC 1's hybrid form of the same point: 6 for an even y, 7 for an odd one.
    auto hybrid = good;
    hybrid.front() = 6;
    EXPECT_TRUE(fails(hybrid));
    for (std::size_t const size : {0U, 1U, 32U, 33U, 64U})
        EXPECT_TRUE(fails(Bytes(good).first(size))) << size;
    EXPECT_FALSE(fails(good));
}

TEST_F(Secp256k1Test, PrivateKeysAreOfTheGroup) {
    auto const fails = [&](std::vector<std::uint8_t> const& raw) {
        auto const key = Secp256k1PrivateKey::from_bytes(raw, random);
        return !key && key.error().reason == "invalid_key";
    };
    EXPECT_TRUE(fails(std::vector<std::uint8_t>(32)));
    EXPECT_TRUE(fails(*hex_decode(group_order)));
    EXPECT_TRUE(fails(std::vector<std::uint8_t>(32, 0xff)));
    for (std::size_t const size : {0U, 31U, 33U, 64U})
        EXPECT_TRUE(fails(std::vector<std::uint8_t>(size, 1))) << size;
    EXPECT_FALSE(fails(*hex_decode(group_order_less_one)));
}

TEST_F(Secp256k1Test, EveryBitCounts) {
    auto const key = Secp256k1PrivateKey::generate(random);
    auto const signer = key.public_key();
    auto const digest = keccak256("message");
    auto const signature = key.sign(digest);
    ASSERT_TRUE(signer.verify(digest, signature));
    for (std::size_t bit = 0; bit < 256; ++bit) {
        auto const flip = static_cast<std::uint8_t>(1U << bit % 8);
        auto altered = signature;
        altered.r[bit / 8] ^= flip;
        EXPECT_FALSE(signer.verify(digest, altered)) << bit;
        EXPECT_NE(Secp256k1PublicKey::recover(digest, altered), signer) << bit;
        altered = signature;
        altered.s[bit / 8] ^= flip;
        EXPECT_FALSE(signer.verify(digest, altered)) << bit;
        EXPECT_NE(Secp256k1PublicKey::recover(digest, altered), signer) << bit;
        auto other = digest;
        other[bit / 8] ^= flip;
        EXPECT_FALSE(signer.verify(other, signature)) << bit;
        EXPECT_NE(Secp256k1PublicKey::recover(other, signature), signer) << bit;
    }
    EXPECT_FALSE(Secp256k1PrivateKey::generate(random).public_key().verify(digest, signature));
}

/// The other signature of the same key over the same digest: n - s, and the other v.
Secp256k1Signature mirrored(Secp256k1Signature signature) {
    auto const order = *hex_decode(group_order);
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        int const difference = order[i] - signature.s[i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        signature.s[i] = static_cast<std::uint8_t>(difference);
    }
    signature.v = static_cast<std::uint8_t>(55 - signature.v);
    return signature;
}

TEST_F(Secp256k1Test, RefusesTheUpperHalf) {
    auto const key = Secp256k1PrivateKey::generate(random);
    auto const digest = keccak256("message");
    auto const signature = key.sign(digest);
    ASSERT_EQ(mirrored(mirrored(signature)), signature);
    EXPECT_FALSE(key.public_key().verify(digest, mirrored(signature)));
    auto const recovered = Secp256k1PublicKey::recover(digest, mirrored(signature));
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().reason, "invalid_signature");
}

TEST_F(Secp256k1Test, RecoveryRefusesWhatIsNoSignature) {
    auto const digest = keccak256("message");
    auto const good = Secp256k1PrivateKey::generate(random).sign(digest);
    for (int const v : {0, 1, 26, 29, 30, 255}) {
        auto altered = good;
        altered.v = static_cast<std::uint8_t>(v);
        EXPECT_FALSE(Secp256k1PublicKey::recover(digest, altered)) << v;
    }
    auto altered = good;
    altered.r = {};
    EXPECT_FALSE(Secp256k1PublicKey::recover(digest, altered));
    altered = good;
    altered.s = {};
    EXPECT_FALSE(Secp256k1PublicKey::recover(digest, altered));
    altered = good;
    altered.r.fill(0xff);
    EXPECT_FALSE(Secp256k1PublicKey::recover(digest, altered));
    EXPECT_TRUE(Secp256k1PublicKey::recover(digest, good));
    // With 29 the library would take the points whose x is r plus the group's order.
    for (int r = 1; r < 20; ++r) {
        altered = {.s = good.s, .v = 29};
        altered.r.back() = static_cast<std::uint8_t>(r);
        EXPECT_FALSE(Secp256k1PublicKey::recover(digest, altered)) << r;
    }
}

TEST_F(Secp256k1Test, SignaturesHaveALowS) {
    // Half of the group's order.
    auto const half =
        *hex_decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
    auto const key = Secp256k1PrivateKey::generate(random);
    for (int i = 0; i < 100; ++i) {
        auto const signature = key.sign(sha256(std::to_string(i)));
        EXPECT_TRUE(std::ranges::lexicographical_compare(signature.s, half)) << i;
    }
}

TEST_F(Secp256k1Test, GenerationFollowsTheSourceAndBlindingDoesNotShow) {
    base::SeededRandom source(3);
    base::SeededRandom same(3);
    auto const key = Secp256k1PrivateKey::generate(source);
    EXPECT_EQ(Secp256k1PrivateKey::generate(same).bytes().reveal(), key.bytes().reveal());
    EXPECT_NE(Secp256k1PrivateKey::generate(source).bytes().reveal(), key.bytes().reveal());
    auto const again = Secp256k1PrivateKey::from_bytes(key.bytes().bytes(), random);
    EXPECT_EQ(again->sign(sha256("x")), key.sign(sha256("x")));
    struct Zeros final : base::Random {
        void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{0}); }
    } zeros;
    EXPECT_THROW((void)Secp256k1PrivateKey::generate(zeros), std::runtime_error);
}

static_assert(!std::is_copy_constructible_v<Secp256k1PrivateKey>);

}  // namespace
}  // namespace obscura::crypto
