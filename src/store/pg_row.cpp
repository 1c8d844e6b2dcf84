#include "store/detail/pg_result.hpp"
#include "store/detail/pg_text.hpp"
#include "store/pg.hpp"

#include <charconv>
#include <stdexcept>

namespace obscura::store {
namespace {

/// The values themselves stay out of the message: they may be anything.
[[noreturn]] void mismatch(PgResultData const& data, int column, std::string_view wanted) {
    char const* name = PQfname(data.result, column);
    throw std::runtime_error("column " + std::to_string(column) + " (" +
                             (name != nullptr ? name : "there is none") + ") is not " +
                             std::string(wanted));
}

std::int64_t parse_integer(std::string_view text, bool& good) {
    std::int64_t out = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    good = error == std::errc{} && end == text.data() + text.size();
    return out;
}

}  // namespace

bool Row::is_null(int column) const {
    if (row_ < 0 || row_ >= PQntuples(data_->result)) mismatch(*data_, column, "in a row of it");
    if (column < 0 || column >= PQnfields(data_->result)) mismatch(*data_, column, "in the result");
    return PQgetisnull(data_->result, row_, column) != 0;
}

std::string_view Row::text(int column) const {
    if (is_null(column)) mismatch(*data_, column, "set (it is NULL)");
    return {PQgetvalue(data_->result, row_, column),
            static_cast<std::size_t>(PQgetlength(data_->result, row_, column))};
}

std::int64_t Row::integer(int column) const {
    bool good = false;
    auto const out = parse_integer(text(column), good);
    if (!good) mismatch(*data_, column, "an integer");
    return out;
}

bool Row::boolean(int column) const {
    auto const value = text(column);
    if (value != "t" && value != "f") mismatch(*data_, column, "a boolean");
    return value == "t";
}

base::Decimal Row::decimal(int column) const {
    auto const value = base::Decimal::parse(text(column));
    if (!value) mismatch(*data_, column, "a decimal of at most 12 places");
    return *value;
}

base::Uuid Row::uuid(int column) const {
    auto const value = base::parse_uuid(text(column));
    if (!value) mismatch(*data_, column, "a uuid");
    return *value;
}

base::Timestamp Row::timestamp(int column) const {
    auto const value = pg_text::parse_timestamp(text(column));
    if (!value) mismatch(*data_, column, "a timestamp in UTC");
    return *value;
}

std::string Row::bytes(int column) const {
    auto value = pg_text::parse_bytes(text(column));
    if (!value) mismatch(*data_, column, "bytea in hex");
    return std::move(*value);
}

std::vector<std::string> Row::text_array(int column) const {
    auto items = pg_text::parse_array(text(column));
    if (!items) mismatch(*data_, column, "a one-dimensional array");
    std::vector<std::string> out;
    out.reserve(items->size());
    for (auto& item : *items) {
        if (!item) mismatch(*data_, column, "an array without NULLs");
        out.push_back(std::move(*item));
    }
    return out;
}

int PgResult::size() const { return PQntuples(data_->result); }

std::int64_t PgResult::affected() const {
    std::string_view const count = PQcmdTuples(data_->result);
    if (count.empty()) return 0;
    bool good = false;
    return parse_integer(count, good);
}

}  // namespace obscura::store
