#include "crypto/eip712.hpp"

#include "crypto/hex.hpp"
#include "crypto/keccak.hpp"
#include "crypto/secp256k1.hpp"

#include <gtest/gtest.h>

namespace obscura::crypto {
namespace {

// The example of EIP-712 ("Ether Mail"; its assets, eip-712/Example.js).
Digest person(std::string_view name, std::string_view wallet) {
    return Eip712Struct("Person(string name,address wallet)")
        .text(name)
        .address(*EthereumAddress::parse(wallet))
        .hash();
}

Digest mail() {
    return Eip712Struct(
               "Mail(Person from,Person to,string contents)Person(string name,address wallet)")
        .word(person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"))
        .word(person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"))
        .text("Hello, Bob!")
        .hash();
}

Eip712Domain ether_mail() {
    return {.name = "Ether Mail",
            .version = "1",
            .chain_id = 1,
            .verifying_contract =
                *EthereumAddress::parse("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")};
}

TEST(Eip712Test, EtherMail) {
    EXPECT_EQ(hex_encode(mail()),
              "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    EXPECT_EQ(hex_encode(ether_mail().separator()),
              "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    auto const digest = eip712_digest(ether_mail(), mail());
    EXPECT_EQ(hex_encode(digest),
              "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");

    base::SeededRandom random(1);
    auto const key = Secp256k1PrivateKey::from_bytes(keccak256("cow"), random);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->public_key().address().to_string(),
              "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826");
    auto const signature = key->sign(digest);
    EXPECT_EQ(hex_encode(signature.r),
              "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d");
    EXPECT_EQ(hex_encode(signature.s),
              "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562");
    EXPECT_EQ(signature.v, 28);
}

TEST(Eip712Test, EveryPartCounts) {
    auto const digest = eip712_digest(ether_mail(), mail());
    auto other = ether_mail();
    other.chain_id = 5;
    EXPECT_NE(eip712_digest(other, mail()), digest);
    other = ether_mail();
    other.version = "2";
    EXPECT_NE(eip712_digest(other, mail()), digest);
    other = ether_mail();
    other.verifying_contract.bytes.back() ^= 1U;
    EXPECT_NE(eip712_digest(other, mail()), digest);
    EXPECT_NE(eip712_digest(ether_mail(), person("Cow", "0x" + std::string(40, '0'))), digest);
}

TEST(Eip712Test, NumbersAreRightAligned) {
    auto const of = [](std::uint64_t value) {
        return Eip712Struct("T(uint64 a)").number(value).hash();
    };
    auto const word = [](std::string_view hex) {
        Digest out{};
        EXPECT_TRUE(hex_decode_into(hex, out));
        return Eip712Struct("T(uint64 a)").word(out).hash();
    };
    EXPECT_EQ(of(1), word("0000000000000000000000000000000000000000000000000000000000000001"));
    EXPECT_EQ(of(0x0102030405060708),
              word("0000000000000000000000000000000000000000000000000102030405060708"));
    EXPECT_EQ(of(~std::uint64_t{0}),
              word("000000000000000000000000000000000000000000000000ffffffffffffffff"));
}

}  // namespace
}  // namespace obscura::crypto
