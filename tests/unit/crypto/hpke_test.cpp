#include "crypto/hpke.hpp"

#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace obscura::crypto {
namespace {

/// A message from one sender to one receiver, and whether it opens.
struct HpkeTest : testing::Test {
    base::SeededRandom random{1};
    X25519PrivateKey receiver = dhkem_generate_key(random);
    Bytes const info = as_bytes("tenant|user|venue|environment|id");
    Bytes const aad = as_bytes("aad");
    HpkeMessage message = sealed("secret");

    HpkeMessage sealed(std::string_view plaintext) {
        auto out = hpke_seal(receiver.public_key(), info, aad, as_bytes(plaintext), random);
        EXPECT_TRUE(out);
        return std::move(*out);
    }
    bool opens(Bytes enc, Bytes sealed_bytes) {
        return hpke_open(enc, receiver, info, aad, sealed_bytes).has_value();
    }
};

TEST_F(HpkeTest, OpensWhatWasSealed) {
    auto const opened = hpke_open(message.enc, receiver, info, aad, message.sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), "secret");
    auto const nothing = sealed("");
    EXPECT_TRUE(hpke_open(nothing.enc, receiver, info, aad, nothing.sealed).value().empty());
}

TEST_F(HpkeTest, EveryBitOfTheMessageCounts) {
    for (std::size_t bit = 0; bit < message.sealed.size() * 8; ++bit) {
        auto altered = message.sealed;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(opens(message.enc, altered)) << bit;
    }
}

// X25519 does not look at the topmost bit, but the shared secret is made of all of them.
TEST_F(HpkeTest, EveryBitOfTheEncapsulatedKeyCounts) {
    for (std::size_t bit = 0; bit < message.enc.size() * 8; ++bit) {
        auto altered = message.enc;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(opens(altered, message.sealed)) << bit;
    }
    EXPECT_TRUE(opens(message.enc, message.sealed));
}

TEST_F(HpkeTest, InfoAndAadCount) {
    auto const fails = [&](Bytes other_info, Bytes other_aad) {
        auto const opened = hpke_open(message.enc, receiver, other_info, other_aad, message.sealed);
        if (opened) return false;
        EXPECT_EQ(opened.error().code, base::Errc::invalid_argument);
        EXPECT_EQ(opened.error().reason, "decryption_failed");
        return true;
    };
    EXPECT_TRUE(fails(as_bytes("tenant|user|venue|environment|ie"), aad));
    EXPECT_TRUE(fails(as_bytes("tenant|user|venue|environment|id "), aad));
    EXPECT_TRUE(fails({}, aad));
    EXPECT_TRUE(fails(info, as_bytes("aae")));
    EXPECT_TRUE(fails(info, {}));
    EXPECT_TRUE(fails(aad, info));
    EXPECT_FALSE(fails(info, aad));
}

TEST_F(HpkeTest, OnlyTheReceiverOpens) {
    auto const other = dhkem_generate_key(random);
    EXPECT_FALSE(hpke_open(message.enc, other, info, aad, message.sealed));
}

TEST_F(HpkeTest, PartsOfTwoMessagesDoNotFit) {
    auto const other = sealed("secret");
    EXPECT_NE(other.enc, message.enc);
    EXPECT_NE(other.sealed, message.sealed);
    EXPECT_FALSE(opens(other.enc, message.sealed));
    EXPECT_FALSE(opens(message.enc, other.sealed));
}

TEST_F(HpkeTest, WrongLengthsAreRefused) {
    std::vector<std::uint8_t> enc(message.enc.begin(), message.enc.end());
    enc.resize(64);
    for (std::size_t const size : {0U, 31U, 33U, 64U}) {
        auto const opened = hpke_open(Bytes(enc).first(size), receiver, info, aad, message.sealed);
        ASSERT_FALSE(opened) << size;
        EXPECT_EQ(opened.error().reason, "invalid_key");
    }
    for (std::size_t size = 0; size < message.sealed.size(); ++size) {
        EXPECT_FALSE(opens(message.enc, Bytes(message.sealed).first(size))) << size;
    }
    auto longer = message.sealed;
    longer.push_back(0);
    EXPECT_FALSE(opens(message.enc, longer));
    EXPECT_FALSE(dhkem_derive_key(Bytes(enc).first(31)));
    EXPECT_TRUE(dhkem_derive_key(Bytes(enc).first(32)));
}

TEST_F(HpkeTest, RefusesPointsOfSmallOrder) {
    X25519PublicKey const zero{};
    auto const to_nobody = hpke_seal(zero, info, aad, as_bytes("secret"), random);
    ASSERT_FALSE(to_nobody);
    EXPECT_EQ(to_nobody.error().reason, "invalid_key");
    auto const from_nobody = hpke_open(zero, receiver, info, aad, message.sealed);
    ASSERT_FALSE(from_nobody);
    EXPECT_EQ(from_nobody.error().reason, "invalid_key");
}

TEST_F(HpkeTest, MessagesOpenInOrder) {
    auto sender = HpkeSender::to(receiver.public_key(), info, random);
    ASSERT_TRUE(sender);
    auto const first = sender->seal(aad, as_bytes("one"));
    auto const second = sender->seal(aad, as_bytes("two"));
    EXPECT_NE(sender->seal(aad, as_bytes("one")), first);
    auto end = HpkeReceiver::from(sender->enc(), receiver, info);
    ASSERT_TRUE(end);
    EXPECT_FALSE(end->open(aad, second));
    EXPECT_EQ(end->open(aad, first).value().reveal(), "one");  // what failed took no place
    EXPECT_FALSE(end->open(aad, first));
    EXPECT_EQ(end->open(aad, second).value().reveal(), "two");
}

TEST_F(HpkeTest, ExportsAreTheSameOnBothSidesAndApart) {
    auto const sender = HpkeSender::to(receiver.public_key(), info, random);
    auto const end = HpkeReceiver::from(sender->enc(), receiver, info);
    ASSERT_TRUE(end);
    auto const value = sender->export_secret(as_bytes("a"), 32);
    EXPECT_EQ(end->export_secret(as_bytes("a"), 32).reveal(), value.reveal());
    EXPECT_NE(end->export_secret(as_bytes("b"), 32).reveal(), value.reveal());
    // The length counts as well: a shorter one is no prefix.
    EXPECT_NE(end->export_secret(as_bytes("a"), 16).reveal(), value.reveal().substr(0, 16));
    EXPECT_THROW((void)end->export_secret({}, 0), std::invalid_argument);
    EXPECT_THROW((void)end->export_secret({}, 8161), std::invalid_argument);
}

// The AEAD's number is part of what keys are made of.
TEST_F(HpkeTest, SuitesDoNotMix) {
    auto sender = HpkeSender::to(receiver.public_key(), info, random, AeadAlgorithm::aes_128_gcm);
    auto const sealed_128 = sender->seal(aad, as_bytes("secret"));
    EXPECT_FALSE(opens(sender->enc(), sealed_128));
    auto end = HpkeReceiver::from(sender->enc(), receiver, info, AeadAlgorithm::aes_128_gcm);
    EXPECT_TRUE(end->open(aad, sealed_128));
}

TEST_F(HpkeTest, RandomnessComesFromTheSource) {
    base::SeededRandom one(5);
    base::SeededRandom same(5);
    EXPECT_EQ(HpkeSender::to(receiver.public_key(), info, one)->enc(),
              HpkeSender::to(receiver.public_key(), info, same)->enc());
    EXPECT_NE(HpkeSender::to(receiver.public_key(), info, one)->enc(), message.enc);
}

}  // namespace
}  // namespace obscura::crypto
