#include "citadel/msgpack.hpp"

#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace obscura::citadel {
namespace {

using base::Json;

std::string packed(Json const& value) { return crypto::hex_encode(msgpack(value)); }

// The example on msgpack.org.
TEST(MsgpackTest, Example) {
    EXPECT_EQ(packed(Json::object({{"compact", true}, {"schema", 0}})),
              "82a7636f6d70616374c3a6736368656d6100");
}

// On both sides of every form of the specification.
TEST(MsgpackTest, NumbersInTheirShortestForm) {
    for (auto const& [digits, expected] :
         std::initializer_list<std::pair<char const*, char const*>>{
             {"0", "00"},
             {"127", "7f"},
             {"128", "cc80"},
             {"255", "ccff"},
             {"256", "cd0100"},
             {"65535", "cdffff"},
             {"65536", "ce00010000"},
             {"4294967295", "ceffffffff"},
             {"4294967296", "cf0000000100000000"},
             {"18446744073709551615", "cfffffffffffffffff"},
             {"-1", "ff"},
             {"-32", "e0"},
             {"-33", "d0df"},
             {"-128", "d080"},
             {"-129", "d1ff7f"},
             {"-32768", "d18000"},
             {"-32769", "d2ffff7fff"},
             {"-2147483648", "d280000000"},
             {"-2147483649", "d3ffffffff7fffffff"},
             {"-9223372036854775808", "d38000000000000000"}}) {
        EXPECT_EQ(packed(Json(Json::Number{digits})), expected) << digits;
    }
}

TEST(MsgpackTest, OnlyIntegersOf64Bits) {
    for (char const* digits : {"1.5", "1e3", "18446744073709551616", "-9223372036854775809"})
        EXPECT_THROW((void)msgpack(Json(Json::Number{digits})), std::invalid_argument) << digits;
}

TEST(MsgpackTest, SizesInTheirShortestForm) {
    auto const text = [](std::size_t size) { return packed(std::string(size, 'a')); };
    EXPECT_EQ(text(0), "a0");
    EXPECT_EQ(text(31).substr(0, 4), "bf61");
    EXPECT_EQ(text(32).substr(0, 6), "d92061");
    EXPECT_EQ(text(255).substr(0, 6), "d9ff61");
    EXPECT_EQ(text(256).substr(0, 8), "da010061");
    EXPECT_EQ(text(65535).substr(0, 8), "daffff61");
    EXPECT_EQ(text(65536).substr(0, 12), "db0001000061");
    auto const array = [](std::size_t size) { return packed(Json::Array(size, Json())); };
    EXPECT_EQ(array(0), "90");
    EXPECT_EQ(array(15).substr(0, 4), "9fc0");
    EXPECT_EQ(array(16).substr(0, 8), "dc0010c0");
    EXPECT_EQ(array(65536).substr(0, 12), "dd00010000c0");
    auto const map = [](std::size_t size) {
        return packed(Json::Object(size, {"k", Json(false)}));
    };
    EXPECT_EQ(map(0), "80");
    EXPECT_EQ(map(15).substr(0, 8), "8fa16bc2");
    EXPECT_EQ(map(16).substr(0, 12), "de0010a16bc2");
}

}  // namespace
}  // namespace obscura::citadel
