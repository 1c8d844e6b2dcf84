#include "base/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace obscura::base {
namespace {

std::string literal_of(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

Json parsed(std::string_view text) { return parse_json(text).value(); }

TEST(JsonString, EscapesWhatMustBeEscaped) {
    EXPECT_EQ(literal_of(""), "\"\"");
    EXPECT_EQ(literal_of("a\"b\\c/"), "\"a\\\"b\\\\c/\"");
    EXPECT_EQ(literal_of("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    EXPECT_EQ(literal_of(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
    EXPECT_EQ(literal_of("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
              "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

TEST(JsonString, ReplacesInvalidUtf8) {
    EXPECT_EQ(literal_of("a\xff"
                         "b"),
              "\"a\\ufffdb\"");
    EXPECT_EQ(literal_of("\xc3"), "\"\\ufffd\"");
    EXPECT_EQ(literal_of("\xe2\x82"), "\"\\ufffd\\ufffd\"");
    EXPECT_EQ(literal_of("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
    EXPECT_EQ(literal_of("\xc0\xaf"), "\"\\ufffd\\ufffd\"");
    EXPECT_EQ(literal_of("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

TEST(JsonString, EveryByteComesBackThroughTheParser) {
    for (unsigned c = 0; c < 0x80; ++c) {
        auto const text = std::string("<") + static_cast<char>(c) + ">";
        EXPECT_EQ(parsed(literal_of(text)).as_string(), text) << c;
    }
}

TEST(Json, PrintsWhatItWasMadeOf) {
    auto const value = Json::object({{"b", 1},
                                     {"a", Json::array({true, nullptr, "x", -2})},
                                     {"price", Price::parse("1.50").value()},
                                     {"big", std::uint64_t{18446744073709551615U}},
                                     {"nested", Json::object()}});
    EXPECT_EQ(
        value.dump(),
        R"({"b":1,"a":[true,null,"x",-2],"price":"1.5","big":18446744073709551615,"nested":{}})");
    EXPECT_EQ(
        value.dump_canonical(),
        R"({"a":[true,null,"x",-2],"b":1,"big":18446744073709551615,"nested":{},"price":"1.5"})");
}

TEST(Json, CanonicalFormSortsAtEveryLevelAndChangesNothingElse) {
    auto const one = parsed(R"({"z":[{"b":1.0,"a":1e2}],"a":"\u00e9","ab":-0})");
    auto const other = parsed(" {\"ab\":-0,\"a\":\"\xc3\xa9\", \"z\": [ {\"a\":1e2,\"b\":1.0} ]}");
    EXPECT_EQ(one.dump_canonical(), "{\"a\":\"\xc3\xa9\",\"ab\":-0,\"z\":[{\"a\":1e2,\"b\":1.0}]}");
    EXPECT_EQ(one.dump_canonical(), other.dump_canonical());
    EXPECT_NE(parsed("[1.0]").dump_canonical(), parsed("[1]").dump_canonical());
    EXPECT_NE(parsed("[1,2]").dump_canonical(), parsed("[2,1]").dump_canonical());
}

TEST(Json, WritesFigures) {
    EXPECT_EQ(Json::figure(1.5).dump(), "1.500");
    EXPECT_EQ(Json::figure(2.0 / 3, 1).dump(), "0.7");
    EXPECT_EQ(Json::figure(1e20, 0).dump(), "100000000000000000000");
    EXPECT_TRUE(Json::figure(std::numeric_limits<double>::quiet_NaN()).is_null());
    EXPECT_TRUE(Json::figure(std::numeric_limits<double>::infinity()).is_null());
    EXPECT_TRUE(parse_json(Json::figure(-1e300).dump()));
}

TEST(Json, FindsAndSetsMembers) {
    Json value;
    value.set("a", 1);
    value.set("b", 2);
    value.set("a", "new");
    EXPECT_EQ(value.dump(), R"({"a":"new","b":2})");
    EXPECT_EQ(value.find("c"), nullptr);
    EXPECT_TRUE(value["c"]["d"].is_null());
    EXPECT_EQ(Json("text").find("a"), nullptr);
    Json list;
    list.push_back(1);
    list.push_back(Json::object());
    EXPECT_EQ(list.dump(), "[1,{}]");
    EXPECT_THROW(list.set("a", 1), std::bad_variant_access);
    EXPECT_THROW(value.push_back(1), std::bad_variant_access);
}

TEST(Json, ReadsIntegersLeniently) {
    EXPECT_EQ(parsed("42").to_int64(), 42);
    EXPECT_EQ(parsed("\"42\"").to_int64(), 42);
    EXPECT_EQ(parsed("-9223372036854775808").to_int64(), INT64_MIN);
    EXPECT_EQ(parsed("1e3").to_int64(), 1000);
    EXPECT_EQ(parsed("3.0").to_int64(), 3);
    for (auto const* const text : {"1.5", "9223372036854775808", "1e19", "1e999", "\"\"", "\"4 2\"",
                                   "\"1e3\"", "\"+1\"", "true", "null", "[1]", "{}"}) {
        EXPECT_FALSE(parsed(text).to_int64()) << text;
    }
}

TEST(Json, ReadsDecimalsFromNumbersAndStrings) {
    EXPECT_EQ(parsed("0.1").to_decimal(), Decimal::parse("0.1"));
    EXPECT_EQ(parsed("\"-0.10\"").to_decimal(), Decimal::parse("-0.1"));
    EXPECT_EQ(parsed("1e-12").to_decimal(), Decimal::from_raw(1));
    for (auto const* const text : {"1e999", "1e-13", "\"\"", "\"x\"", "null", "[]", "true"}) {
        EXPECT_FALSE(parsed(text).to_decimal()) << text;
    }
    EXPECT_EQ(parsed("\"x\"").to_text(), "x");
    EXPECT_FALSE(parsed("1").to_text());
}

}  // namespace
}  // namespace obscura::base
