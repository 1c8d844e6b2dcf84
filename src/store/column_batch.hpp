#pragma once

#include "store/pg.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace obscura::store {

/// Rows collected column by column, for `unnest($1::..[], $2::..[], ...)`: one statement a batch.
class ColumnBatch {
public:
    explicit ColumnBatch(std::size_t columns) : columns_(columns) {}

    template <class... Cells>
    void add_row(Cells&&... cells) {
        Params row;
        (row.add(std::forward<Cells>(cells)), ...);
        for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].push_back(row.values()[i]);
    }
    [[nodiscard]] bool empty() const { return columns_.empty() || columns_[0].empty(); }
    [[nodiscard]] Params params() const {
        Params params;
        for (auto const& column : columns_) params.add_array(column);
        return params;
    }

private:
    std::vector<std::vector<std::optional<std::string>>> columns_;
};

/// "" is NULL.
[[nodiscard]] inline std::optional<std::string> text_or_null(std::string const& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace obscura::store
