#pragma once

#include "base/decode.hpp"
#include "base/json.hpp"
#include "model/types.hpp"
#include "store/pg.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>

namespace obscura::store {

/// An enumerator by the name that the schema's CHECK allows.
template <class E, std::size_t N>
[[nodiscard]] E enum_column(Row const& row, int column,
                            std::array<base::EnumName<E>, N> const& names) {
    auto const value = model::value_of(row.text(column), names);
    if (!value) throw std::runtime_error("unknown name in a column: " + row.string(column));
    return *value;
}

[[nodiscard]] inline std::optional<base::Timestamp> optional_time(Row const& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.timestamp(column);
}
template <class A>
[[nodiscard]] std::optional<A> optional_amount(Row const& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.amount<A>(column);
}
template <class Id>
[[nodiscard]] std::optional<Id> optional_id(Row const& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return row.id<Id>(column);
}
[[nodiscard]] inline std::string text_or_empty(Row const& row, int column) {
    return row.is_null(column) ? std::string() : row.string(column);
}
[[nodiscard]] inline base::Json json_column(Row const& row, int column) {
    auto json = base::parse_json(row.text(column));
    if (!json) throw std::runtime_error("jsonb that is no JSON: " + json.error().detail);
    return std::move(*json);
}

/// A text[] parameter.
[[nodiscard]] inline std::vector<std::optional<std::string>> array_items(
    std::vector<std::string> const& items) {
    return {items.begin(), items.end()};
}

}  // namespace obscura::store
