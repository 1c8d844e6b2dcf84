#include "gateway/query.hpp"

#include <algorithm>
#include <charconv>

namespace obscura::gateway {
namespace {

constexpr std::size_t max_params = 32;

bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7f; }

}  // namespace

QueryReader::QueryReader(net::Request const& request) {
    auto params = net::parse_form(request.query);
    if (!params || params->size() > max_params) {
        errors_.push_back({"?", "malformed", "The query string is malformed or too long."});
        return;
    }
    params_ = std::move(*params);
}

std::optional<std::string> QueryReader::text(std::string_view name, std::size_t max) {
    known_.emplace_back(name);
    auto const count =
        std::ranges::count(params_, name, &std::pair<std::string, std::string>::first);
    if (count == 0) return std::nullopt;
    auto const& value =
        std::ranges::find(params_, name, &std::pair<std::string, std::string>::first)->second;
    if (count > 1)
        add_error(name, "duplicate", "Must be given once.");
    else if (value.empty())
        add_error(name, "too_short", "Must not be empty.");
    else if (value.size() > max)
        add_error(name, "too_long", "Is too long.");
    else if (std::ranges::any_of(value, is_control))
        add_error(name, "contains_control_characters", "Must not contain control characters.");
    else
        return value;
    return std::nullopt;
}

std::optional<bool> QueryReader::boolean(std::string_view name) {
    auto const value = text(name, 5);
    if (!value) return std::nullopt;
    if (*value == "true") return true;
    if (*value == "false") return false;
    add_error(name, "wrong_type", "Must be true or false.");
    return std::nullopt;
}

std::int64_t QueryReader::integer(std::string_view name, std::int64_t otherwise,
                                  base::IntegerRule rule) {
    auto const value = text(name, 20);
    if (!value) return otherwise;
    std::int64_t number = 0;
    auto const* end = value->data() + value->size();
    auto const [stop, error] = std::from_chars(value->data(), end, number);
    if (error == std::errc{} && stop == end && number >= rule.min && number <= rule.max)
        return number;
    add_error(name, "out_of_range",
              "Must be a whole number from " + std::to_string(rule.min) + " to " +
                  std::to_string(rule.max) + ".");
    return otherwise;
}

void QueryReader::add_error(std::string_view name, std::string code, std::string detail) {
    errors_.push_back({"?" + std::string(name), std::move(code), std::move(detail)});
}

base::Result<void> QueryReader::finish() {
    auto error = base::field_error("", "", "");
    error.fields = std::move(errors_);
    for (auto const& [name, value] : params_) {
        if (std::ranges::find(known_, name) != known_.end()) continue;
        error.fields.push_back(
            {"?" + name.substr(0, 128), "unknown_field", "Is not a parameter of this route."});
    }
    if (error.fields.empty()) return {};
    return std::unexpected(std::move(error));
}

ports::Page read_page(QueryReader& query) {
    ports::Page page;
    page.limit = static_cast<int>(query.integer("limit", 50, {.min = 1, .max = 200}));
    if (auto const cursor = query.text("cursor", 64)) {
        page.before = base::parse_uuid(*cursor);
        if (!page.before)
            query.add_error("cursor", "not_a_cursor", "Must be a next_cursor of ours.");
    }
    return page;
}

}  // namespace obscura::gateway
