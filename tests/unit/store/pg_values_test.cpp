#include "store/detail/pg_connection.hpp"
#include "store/detail/pg_result.hpp"
#include "store/pg.hpp"

#include <gtest/gtest.h>

namespace obscura::store {
namespace {

using Values = std::vector<std::optional<std::string>>;

TEST(Params, AreTextInTheOrderOfAdding) {
    Params params;
    params.add("text").add(std::int64_t{-5}).add(7).add(true).add(false);
    params.add(*base::Decimal::parse("0.10")).add(base::Uuid{}).add(base::from_unix_us(0));
    params.add_bytes(std::string_view("\0a", 2)).add_null();
    params.add_array({"a\"b", std::nullopt});
    params.add(std::optional<std::string>{}).add(std::optional<int>{3});
    EXPECT_EQ(params.values(),
              (Values{"text", "-5", "7", "t", "f", "0.1", "00000000-0000-0000-0000-000000000000",
                      "1970-01-01 00:00:00.000000+00", "\\x0061", std::nullopt, R"({"a\"b",NULL})",
                      std::nullopt, "3"}));
}

TEST(Params, RefuseNulInTextAndKeepLineEnds) {
    Params params;
    params.add("a\r\nb");
    EXPECT_EQ(params.values(), (Values{"a\r\nb"}));
    std::string const nul("a\0b", 3);
    try {
        params.add(nul);
        FAIL() << "libpq would cut the text at the NUL";
    } catch (PgError const& e) {
        EXPECT_EQ(e.sqlstate, "22021");
    }
    EXPECT_THROW(params.add_array({"fine", nul}), PgError);
    EXPECT_EQ(params.values().size(), 1U);
}

/// A result of one row, made without a server.
class OneRow : public ::testing::Test {
protected:
    Row row(Values const& values) {
        auto* result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
        std::vector<std::string> names;
        for (std::size_t i = 0; i < values.size(); ++i) names.push_back("c" + std::to_string(i));
        std::vector<PGresAttDesc> columns(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) columns[i].name = names[i].data();
        PQsetResultAttrs(result, static_cast<int>(values.size()), columns.data());
        for (std::size_t i = 0; i < values.size(); ++i) {
            auto text = values[i].value_or("");
            PQsetvalue(result, 0, static_cast<int>(i), values[i] ? text.data() : nullptr,
                       values[i] ? static_cast<int>(text.size()) : -1);
        }
        data_ = std::make_shared<PgResultData>(result);
        return Row(*data_, 0);
    }

private:
    std::shared_ptr<PgResultData> data_;
};

TEST_F(OneRow, ReadsEveryType) {
    auto const r =
        row({"text", "-9223372036854775808", "t", "1.50", "0190163d-8694-739b-aea5-966c26f8ad91",
             "1970-01-01 00:00:00.000001+00", "\\x00ff", R"({a,"b,c"})", std::nullopt});
    EXPECT_EQ(r.text(0), "text");
    EXPECT_EQ(r.integer(1), std::numeric_limits<std::int64_t>::min());
    EXPECT_TRUE(r.boolean(2));
    EXPECT_EQ(r.decimal(3), *base::Decimal::parse("1.5"));
    EXPECT_EQ(r.uuid(4).to_string(), "0190163d-8694-739b-aea5-966c26f8ad91");
    EXPECT_EQ(base::to_unix_us(r.timestamp(5)), 1);
    EXPECT_EQ(r.bytes(6), std::string("\0\xff", 2));
    EXPECT_EQ(r.text_array(7), (std::vector<std::string>{"a", "b,c"}));
    EXPECT_TRUE(r.is_null(8));
    EXPECT_FALSE(r.is_null(0));
}

TEST_F(OneRow, ThrowsWhereTheSchemaDisagreesAndDoesNotQuoteTheValue) {
    auto const r = row({"secret-ish", std::nullopt, "12x", "{NULL}"});
    EXPECT_THROW(static_cast<void>(r.boolean(0)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.decimal(0)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.uuid(0)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.timestamp(0)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.bytes(0)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.text_array(0)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.text(1)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.integer(2)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.text_array(3)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.text(4)), std::runtime_error);
    EXPECT_THROW(static_cast<void>(r.is_null(-1)), std::runtime_error);
    try {
        static_cast<void>(r.integer(0));
        FAIL();
    } catch (std::runtime_error const& e) {
        EXPECT_EQ(std::string_view(e.what()).find("secret-ish"), std::string_view::npos);
        EXPECT_NE(std::string_view(e.what()).find("c0"), std::string_view::npos);
    }
}

TEST(SafeMessage, CutsTheValueOfADataException) {
    EXPECT_EQ(safe_message("22P02", R"(invalid input syntax for type uuid: "hunter2")"),
              "invalid input syntax for type uuid");
    EXPECT_EQ(safe_message("42P01", R"(relation "x" does not exist)"),
              R"(relation "x" does not exist)");
}

}  // namespace
}  // namespace obscura::store
