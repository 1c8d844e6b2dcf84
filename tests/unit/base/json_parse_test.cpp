#include "base/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace obscura::base {
namespace {

Json parsed(std::string_view text) {
    auto value = parse_json(text);
    EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().detail);
    return value ? std::move(*value) : Json{};
}

std::string refusal(std::string_view text, JsonLimits limits = {}) {
    auto const value = parse_json(text, limits);
    if (value) return "";
    EXPECT_EQ(value.error().code, Errc::invalid_argument);
    EXPECT_EQ(value.error().reason, "invalid_json");
    EXPECT_TRUE(value.error().fields.empty());
    return value.error().detail;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

TEST(JsonParse, KeepsTheDigitsOfNumbers) {
    for (std::string_view const digits :
         {"0", "-0", "-0.10", "1e-8", "5E3", "1E+400", "-1e999", "0.1000", "9223372036854775808",
          "18446744073709551616", "123456789012345678901234567890.123456789012345678901234567890",
          "1.7976931348623159e308", "4.9e-325", "0.00000000000000000000000000000000000000000001",
          "-9223372036854775808", "12345678.000000000001"}) {
        auto const value = parsed(digits);
        ASSERT_TRUE(value.is_number()) << digits;
        EXPECT_EQ(value.digits(), digits);
        auto const inside = parsed("{\"a\":[" + std::string(digits) + " , 1]}");
        EXPECT_EQ(inside["a"].as_array()[0].digits(), digits);
    }
    auto const nines = std::string(5000, '9');
    EXPECT_EQ(parsed(nines + "." + nines + "e-5").digits(), nines + "." + nines + "e-5");
}

TEST(JsonParse, ReadsEveryKindOfValue) {
    auto const value = parsed(
        " {\"n\":null, \"t\":true,\"f\":false, \"s\":\"x\\n\\u00e9\\ud83d\\ude00\\/\", "
        "\"a\":[1,[],{}],\r\n\t\"o\":{\"k\":\"v\"} } ");
    EXPECT_TRUE(value["n"].is_null());
    EXPECT_TRUE(value["t"].as_bool());
    EXPECT_FALSE(value["f"].as_bool());
    EXPECT_EQ(value["s"].as_string(), "x\n\xc3\xa9\xf0\x9f\x98\x80/");
    EXPECT_EQ(value["a"].as_array().size(), 3U);
    EXPECT_EQ(value["o"]["k"].as_string(), "v");
    EXPECT_EQ(value.as_object().front().first, "n");
    EXPECT_EQ(parsed("\"\"").as_string(), "");
    EXPECT_EQ(parsed("\"a\\u0000b\"").as_string(), std::string_view("a\0b", 3));
    EXPECT_EQ(parsed("{\"\":1}")[""].digits(), "1");
}

TEST(JsonParse, RefusesWhatIsNotJson) {
    for (std::string_view const text : {"",
                                        " ",
                                        "{",
                                        "[",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{\"a\"}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "tru",
                                        "nul",
                                        "\"",
                                        "\"a",
                                        "01",
                                        "+1",
                                        ".5",
                                        "5.",
                                        "1e",
                                        "-",
                                        "0x10",
                                        "NaN",
                                        "Infinity",
                                        "[1 2]",
                                        "// c\n1",
                                        "/* c */1",
                                        "1 2",
                                        "{}x",
                                        "[]]",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\ud800\"",
                                        "\"\\udc00\"",
                                        "\"\\ud800\\u0041\"",
                                        "\"a\nb\"",
                                        "\"a\tb\"",
                                        "\xef\xbb\xbf{}",
                                        "1e99999999999999999999"}) {
        EXPECT_NE(refusal(text), "") << text;
    }
    EXPECT_NE(refusal(std::string_view("1\0", 2)), "");
}

TEST(JsonParse, RefusesInvalidUtf8) {
    for (std::string_view const bytes :
         {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
          "\xf8\x88\x80\x80\x80", "\xff", "\xe2\x82"}) {
        EXPECT_NE(refusal("\"" + std::string(bytes) + "\""), "");
        EXPECT_NE(refusal("{\"" + std::string(bytes) + "\":1}"), "");
    }
}

TEST(JsonParse, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(refusal("1 2"), "Not valid JSON: text after the value at byte 2.");
    EXPECT_EQ(refusal("{\"a\": x}"), "Not valid JSON: syntax error at byte 6.");
    EXPECT_EQ(refusal("[1"), "Not valid JSON: incomplete JSON at byte 2.");
}

TEST(JsonParse, RefusesDuplicateKeys) {
    EXPECT_EQ(refusal("{\"a\":1,\"b\":{\"c\":1,\"d\":2,\"c\":3}}")
                  .find("Not valid JSON: the key \"c\" twice in the object that ends at byte "),
              0U);
    EXPECT_NE(refusal("{\"a\":1,\"\\u0061\":2}"), "");
    EXPECT_EQ(refusal("{\"a\":1,\"A\":2,\"b\":{\"a\":1}}"), "");
    std::string large = "{";
    for (int i = 0; i < 50'000; ++i) large += "\"k" + std::to_string(i) + "\":1,";
    EXPECT_EQ(refusal(large + "\"x\":1}"), "");
    EXPECT_NE(refusal(large + "\"k7\":1}"), "");
}

TEST(JsonParse, BoundsDepthAndCount) {
    JsonLimits const limits{.max_depth = 4, .max_members = 5};
    EXPECT_EQ(refusal("[[[[1]]]]", limits), "");
    EXPECT_NE(refusal("[[[[[1]]]]]", limits), "");
    EXPECT_EQ(refusal("[1,2,3,{}]", limits), "");
    EXPECT_NE(refusal("[1,2,3,{\"a\":1}]", limits).find("too many values"), std::string::npos);
    EXPECT_NE(refusal(repeated("[", 100'000)), "");
    EXPECT_NE(refusal(repeated("{\"a\":", 100'000)), "");
    EXPECT_EQ(refusal(repeated("[", 32) + repeated("]", 32)), "");
    EXPECT_NE(refusal(repeated("[", 33) + repeated("]", 33)), "");
}

}  // namespace
}  // namespace obscura::base
