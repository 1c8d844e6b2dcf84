#include "crypto/ethereum_address.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obscura::crypto {
namespace {

// EIP-55, test cases.
constexpr std::string_view checksummed[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"};

TEST(EthereumAddressTest, Eip55) {
    for (auto const text : checksummed) {
        auto const address = EthereumAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->to_string(), text);
    }
}

TEST(EthereumAddressTest, OneCaseNeedsNoChecksum) {
    EXPECT_EQ(EthereumAddress::parse("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
              EthereumAddress::parse(checksummed[4]));
    EXPECT_EQ(EthereumAddress::parse("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"),
              EthereumAddress::parse(checksummed[4]));
}

TEST(EthereumAddressTest, RefusesWhatIsNone) {
    for (std::string_view const bad :
         {"", "0x", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
          "0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
          "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd",
          "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"}) {
        EXPECT_FALSE(EthereumAddress::parse(bad)) << bad;
    }
    // One letter in the other case, or one digit changed.
    EXPECT_FALSE(EthereumAddress::parse("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    EXPECT_FALSE(EthereumAddress::parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee"));
}

}  // namespace
}  // namespace obscura::crypto
