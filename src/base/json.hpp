#pragma once

#include "base/decimal.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace obscura::base {

/// A JSON value (RFC 8259) whose numbers keep the digits they were written with, so that amounts
/// never pass through binary floating point. Objects keep their order. The parser (Boost.JSON)
/// stays in json.cpp: this header is cheap.
class Json {
public:
    struct Number {
        std::string digits;
        friend bool operator==(Number const&, Number const&) = default;
    };
    using Array = std::vector<Json>;
    using Member = std::pair<std::string, Json>;
    using Object = std::vector<Member>;

    Json() = default;
    Json(std::nullptr_t) {}
    Json(bool b) : value_(b) {}
    Json(int n) : value_(Number{std::to_string(n)}) {}
    Json(unsigned n) : value_(Number{std::to_string(n)}) {}
    Json(std::int64_t n) : value_(Number{std::to_string(n)}) {}
    Json(std::uint64_t n) : value_(Number{std::to_string(n)}) {}
    Json(char const* s) : value_(std::string(s)) {}
    Json(std::string_view s) : value_(std::string(s)) {}
    Json(std::string s) : value_(std::move(s)) {}
    /// `n.digits` must be a JSON number; it is printed as it stands.
    Json(Number n) : value_(std::move(n)) {}
    Json(Array a) : value_(std::move(a)) {}
    Json(Object o) : value_(std::move(o)) {}
    /// Decimals are strings in our JSON.
    Json(Decimal d) : value_(d.to_string()) {}
    template <class Tag>
    Json(Amount<Tag> a) : value_(a.to_string()) {}

    /// A figure for people (milliseconds, ratios), written with `digits` places.
    [[nodiscard]] static Json figure(double value, int digits = 3);
    /// `{"a": 1, "b": "x"}` as `Json::object({{"a", 1}, {"b", "x"}})`.
    [[nodiscard]] static Json object(std::initializer_list<Member> members = {});
    [[nodiscard]] static Json array(std::initializer_list<Json> items = {});

    [[nodiscard]] bool is_null() const { return value_.index() == 0; }
    [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(value_); }
    [[nodiscard]] bool is_number() const { return std::holds_alternative<Number>(value_); }
    [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(value_); }
    [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(value_); }
    [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(value_); }

    /// Throw std::bad_variant_access on another type: check first, or use `ObjectReader`.
    [[nodiscard]] bool as_bool() const { return std::get<bool>(value_); }
    [[nodiscard]] std::string const& as_string() const { return std::get<std::string>(value_); }
    [[nodiscard]] std::string const& digits() const { return std::get<Number>(value_).digits; }
    [[nodiscard]] Array const& as_array() const { return std::get<Array>(value_); }
    [[nodiscard]] Object const& as_object() const { return std::get<Object>(value_); }
    [[nodiscard]] Array& as_array() { return std::get<Array>(value_); }
    [[nodiscard]] Object& as_object() { return std::get<Object>(value_); }

    /// Lenient readers for material that we made or that a venue sent: nullopt when it is not that.
    [[nodiscard]] std::optional<std::int64_t> to_int64()
        const;                                                ///< a number, or a string of digits
    [[nodiscard]] std::optional<Decimal> to_decimal() const;  ///< a number or a string
    [[nodiscard]] std::optional<std::string_view> to_text() const;

    /// The member's value, or nullptr (also when this is no object).
    [[nodiscard]] Json const* find(std::string_view key) const;
    /// The member's value, or a null value.
    [[nodiscard]] Json const& operator[](std::string_view key) const;
    /// Appends or replaces; makes this an object when it is null.
    void set(std::string_view key, Json value);
    /// Appends; makes this an array when it is null.
    void push_back(Json value);

    [[nodiscard]] std::string dump() const;            ///< compact, UTF-8, member order kept
    [[nodiscard]] std::string dump_canonical() const;  ///< members sorted by key at every level

    friend bool operator==(Json const&, Json const&) = default;

private:
    std::variant<std::monostate, bool, Number, std::string, Array, Object> value_;
};

struct JsonLimits {
    std::size_t max_depth = 32;
    std::size_t max_members = 100'000;  ///< values of all kinds, together
};

/// Strict RFC 8259: valid UTF-8, no trailing text, no duplicate keys. The error says what is wrong
/// and at which byte.
[[nodiscard]] Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

/// `text` as a JSON string literal with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace obscura::base
