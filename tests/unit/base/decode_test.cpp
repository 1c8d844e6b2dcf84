#include "base/decode.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace obscura::base {
namespace {

enum class Side { buy, sell };
constexpr std::array<EnumName<Side>, 2> sides{{{"buy", Side::buy}, {"sell", Side::sell}}};

Json parsed(std::string_view text) { return parse_json(text).value(); }

/// "pointer code" of every error.
std::vector<std::string> errors_of(ObjectReader& reader) {
    std::vector<std::string> out;
    for (auto const& error : reader.errors()) {
        EXPECT_NE(error.detail, "") << error.pointer;
        out.push_back(error.pointer + " " + error.code);
    }
    return out;
}

TEST(ObjectReader, ReadsAGoodObject) {
    auto const body = parsed(R"({"name":"Ada","price":"1.50","size":0.25,"count":3,"live":true,
        "side":"sell","at":"2026-11-22T21:30:00Z","id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "limits":{},"pairs":["a"]})");
    ObjectReader reader(body);
    EXPECT_EQ(reader.text("name"), "Ada");
    EXPECT_EQ(reader.decimal("price"), Decimal::parse("1.5"));
    EXPECT_EQ(reader.optional_decimal("size"), Decimal::parse("0.25"));
    EXPECT_EQ(reader.integer("count"), 3);
    EXPECT_TRUE(reader.boolean("live"));
    EXPECT_EQ(reader.one_of("side", sides), Side::sell);
    EXPECT_EQ(reader.optional_timestamp("at"), parse_rfc3339("2026-11-22T21:30:00Z"));
    EXPECT_EQ(reader.uuid("id").to_hex(), "017f22e279b07cc398c4dc0c0c07398f");
    EXPECT_NE(reader.object("limits"), nullptr);
    ASSERT_NE(reader.array("pairs", 1, 1), nullptr);
    EXPECT_TRUE(reader.errors().empty());
    EXPECT_TRUE(reader.finish());
}

TEST(ObjectReader, OptionalFieldsMayBeAbsentOrNull) {
    for (auto const* const text : {"{}", R"({"a":null})"}) {
        auto const body = parsed(text);
        ObjectReader reader(body);
        EXPECT_FALSE(reader.optional_text("a"));
        EXPECT_FALSE(reader.optional_decimal("a"));
        EXPECT_FALSE(reader.optional_integer("a"));
        EXPECT_FALSE(reader.optional_boolean("a"));
        EXPECT_FALSE(reader.optional_timestamp("a"));
        EXPECT_FALSE(reader.optional_one_of("a", sides));
        EXPECT_EQ(reader.optional_object("a"), nullptr);
        EXPECT_EQ(reader.optional_array("a", 1, 2), nullptr);
        EXPECT_TRUE(reader.finish());
    }
}

TEST(ObjectReader, RequiredFieldsMustBeThere) {
    for (auto const* const text : {"{}", R"({"a":null})"}) {
        auto const body = parsed(text);
        ObjectReader reader(body);
        EXPECT_EQ(reader.text("a"), "");
        EXPECT_EQ(reader.decimal("a"), Decimal{});
        EXPECT_EQ(reader.integer("a"), 0);
        EXPECT_FALSE(reader.boolean("a"));
        EXPECT_EQ(reader.one_of("a", sides), Side::buy);
        EXPECT_TRUE(reader.uuid("a").is_nil());
        EXPECT_EQ(reader.object("a"), nullptr);
        EXPECT_EQ(reader.array("a", 0, 1), nullptr);
        EXPECT_EQ(errors_of(reader), std::vector<std::string>(8, "/a required"));
    }
}

TEST(ObjectReader, NamesWhatIsWrong) {
    using Read = std::function<void(ObjectReader&)>;
    Read const text = [](auto& r) { (void)r.text("a", {.min = 2, .max = 4}); };
    Read const decimal = [](auto& r) {
        (void)r.decimal("a", {.min = Decimal(1), .max = Decimal(10)});
    };
    Read const plain_decimal = [](auto& r) { (void)r.decimal("a"); };
    Read const positive = [](auto& r) { (void)r.decimal("a", {.positive = true}); };
    Read const integer = [](auto& r) { (void)r.integer("a", {.min = 1, .max = 10}); };
    Read const boolean = [](auto& r) { (void)r.boolean("a"); };
    Read const timestamp = [](auto& r) { (void)r.optional_timestamp("a"); };
    Read const uuid = [](auto& r) { (void)r.uuid("a"); };
    Read const object = [](auto& r) { (void)r.object("a"); };
    Read const array = [](auto& r) { (void)r.array("a", 1, 2); };
    Read const side = [](auto& r) { (void)r.one_of("a", sides); };
    struct Case {
        Read read;
        std::string_view value;
        std::string_view code;
    };
    for (auto const& [read, value, code] : std::vector<Case>{
             {text, "1", "wrong_type"},
             {text, R"("a")", "too_short"},
             {text, R"("abcde")", "too_long"},
             {text, R"("a\u0000b")", "contains_control_characters"},
             {text, R"("a\nb")", "contains_control_characters"},
             {text, R"("a\u007f")", "contains_control_characters"},
             {text, R"("a\u0085")", "contains_control_characters"},
             {text, R"("a\u00a0")", ""},
             {text, R"("abcd")", ""},
             {decimal, "true", "wrong_type"},
             {decimal, R"("")", "not_a_decimal"},
             {decimal, R"("1,5")", "not_a_decimal"},
             {decimal, "1e999", "not_a_decimal"},
             {decimal, "1.0000000000001", "not_a_decimal"},
             {decimal, "0.999999999999", "out_of_range"},
             {decimal, R"("10.000000000001")", "out_of_range"},
             {decimal, "1", ""},
             {decimal, R"("10")", ""},
             {plain_decimal, "1000000000001", "out_of_range"},
             {plain_decimal, "-1000000000001", "out_of_range"},
             {plain_decimal, "-1000000000000", ""},
             {positive, "0", "out_of_range"},
             {positive, "-1", "out_of_range"},
             {positive, "1e-12", ""},
             {integer, R"("5")", "wrong_type"},
             {integer, "1.5", "wrong_type"},
             {integer, "0", "out_of_range"},
             {integer, "11", "out_of_range"},
             {integer, "99999999999999999999", "out_of_range"},
             {integer, "10", ""},
             {boolean, "0", "wrong_type"},
             {boolean, R"("true")", "wrong_type"},
             {timestamp, "5", "wrong_type"},
             {timestamp, R"("yesterday")", "not_a_timestamp"},
             {uuid, "5", "wrong_type"},
             {uuid, R"("5")", "not_a_uuid"},
             {object, "[]", "wrong_type"},
             {array, "{}", "wrong_type"},
             {array, "[]", "too_short"},
             {array, "[1,2,3]", "too_long"},
             {array, "[1,2]", ""},
             {side, "1", "wrong_type"},
             {side, R"("hold")", "not_allowed"},
             {side, R"("BUY")", "not_allowed"},
         }) {
        auto const body = parsed("{\"a\":" + std::string(value) + "}");
        ObjectReader reader(body);
        read(reader);
        std::vector<std::string> wanted;
        if (!code.empty()) wanted.push_back("/a " + std::string(code));
        EXPECT_EQ(errors_of(reader), wanted) << value;
    }
}

TEST(ObjectReader, ReportsEverythingAtOnceWithUnknownFields) {
    auto const body = parsed(R"({"name":5,"size":"x","extra":1,"b/c~d":2})");
    ObjectReader reader(body, "/items/0");
    (void)reader.text("name");
    (void)reader.decimal("size");
    (void)reader.boolean("live");
    std::vector<std::string> const wanted{"/items/0/name wrong_type", "/items/0/size not_a_decimal",
                                          "/items/0/live required", "/items/0/extra unknown_field",
                                          "/items/0/b~1c~0d unknown_field"};
    EXPECT_EQ(errors_of(reader), wanted);
    EXPECT_EQ(errors_of(reader), wanted);  // asking twice changes nothing
    auto const finished = reader.finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, Errc::invalid_argument);
    EXPECT_EQ(finished.error().reason, "invalid_request");
    EXPECT_EQ(finished.error().fields.size(), 5U);
}

TEST(ObjectReader, AnythingButAnObjectIsOneError) {
    for (auto const* const text : {"[]", "null", "1", "\"x\""}) {
        auto const body = parsed(text);
        ObjectReader reader(body);
        (void)reader.text("a");
        (void)reader.optional_integer("b");
        EXPECT_EQ(errors_of(reader), std::vector<std::string>{" wrong_type"}) << text;
    }
}

TEST(ObjectReader, NestsReaders) {
    auto const body = parsed(R"({"inner":{"a/b":{"x":"no"}}})");
    ObjectReader outer(body);
    auto const* const inner_value = outer.object("inner");
    ASSERT_NE(inner_value, nullptr);
    ObjectReader inner(*inner_value, outer.pointer_to("inner"));
    auto const* const deep_value = inner.object("a/b");
    ASSERT_NE(deep_value, nullptr);
    ObjectReader deep(*deep_value, inner.pointer_to("a/b"));
    (void)deep.integer("x");
    inner.absorb(deep.errors());
    outer.absorb(inner.errors());
    outer.add_error("inner", "own", "Because we say so.");
    EXPECT_EQ(errors_of(outer),
              (std::vector<std::string>{"/inner/a~1b/x wrong_type", "/inner own"}));
}

TEST(ObjectReader, BoundsItsAnswer) {
    Json body = Json::object();
    for (int i = 0; i < 200; ++i) body.set("k" + std::to_string(i), 1);
    ObjectReader reader(body);
    EXPECT_EQ(reader.errors().size(), 50U);
    for (int i = 0; i < 60; ++i) reader.add_error("x", "own", "detail");
    EXPECT_EQ(reader.errors().size(), 50U);
    reader.absorb(std::vector<FieldError>(60, {"/y", "own", "detail"}));
    EXPECT_EQ(reader.errors().size(), 50U);
    auto const long_key = Json::object({{std::string(100'000, 'k'), 1}});
    ObjectReader other(long_key);
    ASSERT_EQ(other.errors().size(), 1U);
    EXPECT_LT(other.errors()[0].pointer.size(), 200U);
}

}  // namespace
}  // namespace obscura::base
