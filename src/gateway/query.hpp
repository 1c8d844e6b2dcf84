#pragma once

#include "base/decode.hpp"
#include "net/http.hpp"
#include "ports/page.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obscura::gateway {

/// Reads the parameters of a query string as base::ObjectReader reads an object: every error is
/// collected, and parameters that nobody asked for are errors. Pointers are "?name".
class QueryReader {
public:
    explicit QueryReader(net::Request const& request);

    [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t max = 256);
    [[nodiscard]] std::optional<bool> boolean(std::string_view name);
    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise,
                                       base::IntegerRule rule);
    template <class Id>
    [[nodiscard]] std::optional<Id> id(std::string_view name) {
        auto const value = text(name, 64);
        if (!value) return std::nullopt;
        auto const parsed = Id::parse(*value);
        if (!parsed) add_error(name, "not_an_id", "Must be an id.");
        return parsed;
    }
    template <class E, std::size_t N>
    [[nodiscard]] std::optional<E> one_of(std::string_view name,
                                          std::array<base::EnumName<E>, N> const& names) {
        auto const value = text(name, 64);
        if (!value) return std::nullopt;
        std::string allowed;
        for (auto const& entry : names) {
            if (entry.name == *value) return entry.value;
            allowed += (allowed.empty() ? "" : ", ") + std::string(entry.name);
        }
        add_error(name, "not_allowed", "Must be one of: " + allowed + ".");
        return std::nullopt;
    }
    void add_error(std::string_view name, std::string code, std::string detail);
    [[nodiscard]] base::Result<void> finish();

private:
    std::vector<std::pair<std::string, std::string>> params_;
    std::vector<std::string> known_;
    std::vector<base::FieldError> errors_;
};

/// `limit` (1 to 200, default 50) and `cursor` of a list that is ordered by id.
[[nodiscard]] ports::Page read_page(QueryReader& query);

/// Parses the path parameter; another form of text names nothing that could exist.
template <class Id>
[[nodiscard]] base::Result<Id> path_id(net::Request const& request, std::string_view name = "id") {
    auto const id = Id::parse(request.param(name));
    if (id) return *id;
    return base::fail(base::Errc::not_found, "not_found", "There is nothing with this id.");
}

/// `{data, next_cursor}` of rows asked for with one more than `page.limit`: the one too many only
/// tells that there is a next page.
template <class Row, class View, class Cursor>
[[nodiscard]] base::Json list_json(std::vector<Row> const& rows, int limit, View const& view,
                                   Cursor const& cursor) {
    auto const shown = std::min(rows.size(), static_cast<std::size_t>(limit));
    base::Json data = base::Json::array();
    for (std::size_t i = 0; i < shown; ++i) data.push_back(view(rows[i]));
    base::Json next;
    if (rows.size() > shown && shown > 0) next = base::Json(std::string(cursor(rows[shown - 1])));
    return base::Json::object({{"data", std::move(data)}, {"next_cursor", std::move(next)}});
}
template <class Row, class View>
[[nodiscard]] base::Json list_json(std::vector<Row> const& rows, int limit, View const& view) {
    return list_json(rows, limit, view, [](Row const& row) { return row.id.value.to_string(); });
}
/// The page that `list_json` wants.
[[nodiscard]] inline ports::Page and_one_more(ports::Page page) {
    ++page.limit;
    return page;
}

}  // namespace obscura::gateway
