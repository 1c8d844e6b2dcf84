#include "store/detail/pg_text.hpp"
#include "store/pg.hpp"

namespace obscura::store {
namespace {

/// libpq takes text parameters as C strings: what follows a NUL would be lost without a word.
void refuse_nul(std::string_view text) {
    if (text.contains('\0')) {
        throw PgError("a text parameter contains a NUL character", "22021", "");
    }
}

}  // namespace

Params& Params::add(std::string_view text) {
    refuse_nul(text);
    values_.emplace_back(std::string(text));
    return *this;
}

Params& Params::add(std::int64_t n) {
    values_.emplace_back(std::to_string(n));
    return *this;
}

Params& Params::add(bool b) {
    values_.emplace_back(b ? "t" : "f");
    return *this;
}

Params& Params::add(base::Decimal d) {
    values_.emplace_back(d.to_string());
    return *this;
}

Params& Params::add(base::Uuid const& id) {
    values_.emplace_back(id.to_string());
    return *this;
}

Params& Params::add(base::Timestamp t) {
    values_.emplace_back(pg_text::format_timestamp(t));
    return *this;
}

Params& Params::add_bytes(std::string_view bytes) {
    values_.emplace_back(pg_text::format_bytes(bytes));
    return *this;
}

Params& Params::add_null() {
    values_.emplace_back(std::nullopt);
    return *this;
}

Params& Params::add_array(std::vector<std::optional<std::string>> const& items) {
    for (auto const& item : items) {
        if (item) refuse_nul(*item);
    }
    values_.emplace_back(pg_text::format_array(items));
    return *this;
}

}  // namespace obscura::store
