#include "store/detail/pg_text.hpp"

#include <gtest/gtest.h>

namespace obscura::store::pg_text {
namespace {

using Items = std::vector<std::optional<std::string>>;

TEST(PgTimestamp, ReadsWhatPostgresWrites) {
    struct Case {
        std::string_view text;
        std::int64_t us;
    };
    for (auto const& [text, us] :
         {Case{"1970-01-01 00:00:00+00", 0}, Case{"1970-01-01 00:00:00.000001+00", 1},
          Case{"1970-01-01 00:00:01.5+00", 1'500'000}, Case{"1969-12-31 23:59:59.999999+00", -1},
          Case{"2024-02-29 12:00:00.123456+00", 1'709'208'000'123'456},
          Case{"9999-12-31 23:59:59+00", 253'402'300'799'000'000}}) {
        auto const read = parse_timestamp(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(base::to_unix_us(*read), us) << text;
    }
}

TEST(PgTimestamp, RefusesTheRest) {
    for (std::string_view const text :
         {"", "infinity", "-infinity", "2024-02-30 00:00:00+00", "2024-01-01 24:00:00+00",
          "2024-01-01 00:00:60+00", "2024-01-01 00:00:00", "2024-01-01 00:00:00+01",
          "2024-01-01 00:00:00+00 BC", "2024-01-01T00:00:00+00", "2024-01-01 00:00:00.+00",
          "2024-01-01 00:00:00.1234567+00", "12024-01-01 00:00:00+00", "2024-1-1 00:00:00+00"}) {
        EXPECT_FALSE(parse_timestamp(text)) << text;
    }
}

TEST(PgTimestamp, GoesThereAndBack) {
    for (std::int64_t const us : {0L, -1L, 1L, 1'709'208'000'123'456L, -62'135'596'800'000'000L}) {
        auto const t = base::from_unix_us(us);
        EXPECT_EQ(parse_timestamp(format_timestamp(t)), t) << format_timestamp(t);
    }
    EXPECT_EQ(format_timestamp(base::from_unix_us(1)), "1970-01-01 00:00:00.000001+00");
}

TEST(PgArray, ReadsQuotesEscapesAndNulls) {
    EXPECT_EQ(parse_array("{}"), Items{});
    EXPECT_EQ(parse_array("{a,b}"), (Items{"a", "b"}));
    EXPECT_EQ(parse_array(R"({"a b","c,d","e\"f","g\\h","",NULL,"NULL","{x}"})"),
              (Items{"a b", "c,d", "e\"f", "g\\h", "", std::nullopt, "NULL", "{x}"}));
}

TEST(PgArray, RefusesWhatIsBrokenOrNested) {
    for (std::string_view const text : {"", "a", "{", "{a", "{a,", "{a,}", "{,a}", "{a}b", "{\"a}",
                                        "{\"a\\", "{{a},{b}}", "{a\"b}", "[0:1]={a,b}"}) {
        EXPECT_FALSE(parse_array(text)) << text;
    }
}

TEST(PgArray, GoesThereAndBack) {
    Items const items{"",   "NULL", std::nullopt, "a,b",        "{}", "\"",
                      "\\", "\\\"", " ",          "line\nfeed", "é",  "x"};
    EXPECT_EQ(parse_array(format_array(items)), items);
    EXPECT_EQ(format_array({}), "{}");
    EXPECT_EQ(format_array({std::nullopt}), "{NULL}");
}

TEST(PgBytes, GoThereAndBack) {
    std::string const bytes("\x00\xff\n'\\a", 6);
    EXPECT_EQ(format_bytes(bytes), "\\x00ff0a275c61");
    EXPECT_EQ(parse_bytes(format_bytes(bytes)), bytes);
    EXPECT_EQ(parse_bytes("\\x"), "");
    EXPECT_EQ(parse_bytes("\\xAB"), "\xab");
    for (std::string_view const text : {"", "ab", "\\x0", "\\x0g", "\\\\x00"}) {
        EXPECT_FALSE(parse_bytes(text)) << text;
    }
}

}  // namespace
}  // namespace obscura::store::pg_text
