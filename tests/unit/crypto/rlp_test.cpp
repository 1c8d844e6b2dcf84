#include "crypto/rlp.hpp"

#include "crypto/hex.hpp"
#include "crypto/keccak.hpp"
#include "crypto/secp256k1.hpp"

#include <gtest/gtest.h>

#include <string>

namespace obscura::crypto {
namespace {

std::string hex_of(RlpList const& list) { return hex_encode(list.encode()); }

// The examples of Ethereum's page on RLP.
TEST(RlpTest, PublishedExamples) {
    EXPECT_EQ(hex_of(RlpList()), "c0");
    EXPECT_EQ(hex_of(RlpList().add(as_bytes("cat")).add(as_bytes("dog"))), "c88363617483646f67");
    EXPECT_EQ(
        hex_of(RlpList().add(std::uint64_t{0}).add(std::uint64_t{15}).add(std::uint64_t{1024})),
        "c5800f820400");
    std::string_view const lorem = "Lorem ipsum dolor sit amet, consectetur adipisicing elit";
    EXPECT_EQ(hex_of(RlpList().add(as_bytes(lorem))).substr(0, 8), "f83ab838");
    // The set theoretical representation of three.
    RlpList const one;
    auto const two = RlpList().add(one);
    auto const three = RlpList().add(one).add(two).add(RlpList().add(one).add(two));
    EXPECT_EQ(hex_of(three), "c7c0c1c0c3c0c1c0");
}

TEST(RlpTest, LengthsAtTheirEdges) {
    EXPECT_EQ(hex_of(RlpList().add(as_bytes("\x7f"))), "c17f");
    EXPECT_EQ(hex_of(RlpList().add(as_bytes("\x80"))), "c28180");
    std::string const text(256, 'a');
    EXPECT_EQ(hex_of(RlpList().add(as_bytes(text.substr(0, 55)))).substr(0, 6), "f838b7");
    EXPECT_EQ(hex_of(RlpList().add(as_bytes(text.substr(0, 56)))).substr(0, 8), "f83ab838");
    EXPECT_EQ(hex_of(RlpList().add(as_bytes(text))).substr(0, 12), "f90103b90100");
}

// The example of EIP-155.
TEST(RlpTest, TheTransactionOfEip155) {
    auto const to = *hex_decode("3535353535353535353535353535353535353535");
    auto const unsigned_fields = [&] {
        return RlpList()
            .add(std::uint64_t{9})
            .add(std::uint64_t{20'000'000'000})
            .add(std::uint64_t{21'000})
            .add(Bytes(to))
            .add(std::uint64_t{1'000'000'000'000'000'000})
            .add(Bytes());
    };
    auto const signing_data = unsigned_fields()
                                  .add(std::uint64_t{1})
                                  .add(std::uint64_t{0})
                                  .add(std::uint64_t{0})
                                  .encode();
    EXPECT_EQ(hex_encode(signing_data),
              "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080"
              "018080");
    auto const digest = keccak256(signing_data);
    EXPECT_EQ(hex_encode(digest),
              "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    base::SeededRandom random(1);
    auto const key = Secp256k1PrivateKey::from_bytes(std::vector<std::uint8_t>(32, 0x46), random);
    ASSERT_TRUE(key);
    auto const signature = key->sign(digest);
    auto const raw = unsigned_fields()
                         .add(std::uint64_t{signature.v} - 27 + 37)
                         .add_number(signature.r)
                         .add_number(signature.s)
                         .encode();
    EXPECT_EQ(hex_encode(raw),
              "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
              "8025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f"
              "761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
}

}  // namespace
}  // namespace obscura::crypto
