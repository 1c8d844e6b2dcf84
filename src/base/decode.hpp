#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace obscura::base {

struct TextRule {
    std::size_t min = 1;    ///< bytes
    std::size_t max = 256;  ///< bytes
};
struct DecimalRule {
    std::optional<Decimal> min;  ///< inclusive; without it as far below 0 as max above
    std::optional<Decimal> max = Decimal(1'000'000'000'000);
    bool positive = false;  ///< strictly
};
struct IntegerRule {
    std::int64_t min = 0;
    std::int64_t max = INT64_MAX;
};

template <class E>
struct EnumName {
    std::string_view name;
    E value;
};

/// Reads an object field by field and collects every error with its JSON pointer, so that a sender
/// learns all that must change at once. A reader that returns a plain value returns a default after
/// an error; look at `finish()` before using anything.
class ObjectReader {
public:
    explicit ObjectReader(Json const& value, std::string pointer = "");

    [[nodiscard]] std::string text(std::string_view key, TextRule rule = {});
    [[nodiscard]] std::optional<std::string> optional_text(std::string_view key,
                                                           TextRule rule = {});
    [[nodiscard]] Decimal decimal(std::string_view key, DecimalRule rule = {});
    [[nodiscard]] std::optional<Decimal> optional_decimal(std::string_view key,
                                                          DecimalRule rule = {});
    [[nodiscard]] std::int64_t integer(std::string_view key, IntegerRule rule = {});
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view key,
                                                               IntegerRule rule = {});
    [[nodiscard]] bool boolean(std::string_view key);
    [[nodiscard]] std::optional<bool> optional_boolean(std::string_view key);
    [[nodiscard]] std::optional<Timestamp> optional_timestamp(std::string_view key);
    [[nodiscard]] Uuid uuid(std::string_view key);
    /// The raw member, marked as known; nullptr when absent (or null and not required).
    [[nodiscard]] Json const* object(std::string_view key);
    [[nodiscard]] Json const* optional_object(std::string_view key);
    [[nodiscard]] Json const* array(std::string_view key, std::size_t min, std::size_t max);
    [[nodiscard]] Json const* optional_array(std::string_view key, std::size_t min,
                                             std::size_t max);

    template <class E, std::size_t N>
    [[nodiscard]] E one_of(std::string_view key, std::array<EnumName<E>, N> const& names) {
        return optional_one_of(key, names, true).value_or(names[0].value);
    }
    template <class E, std::size_t N>
    [[nodiscard]] std::optional<E> optional_one_of(std::string_view key,
                                                   std::array<EnumName<E>, N> const& names,
                                                   bool required = false) {
        std::array<std::string_view, N> allowed{};
        for (std::size_t i = 0; i < N; ++i) allowed[i] = names[i].name;
        auto const index = choice(key, allowed, required);
        if (!index) return std::nullopt;
        return names[*index].value;
    }

    /// Adds an error of the caller's own for a field of this object.
    void add_error(std::string_view key, std::string code, std::string detail);
    /// Takes over what a nested reader found.
    void absorb(std::vector<FieldError> errors);
    /// The pointer of a member, for nested readers.
    [[nodiscard]] std::string pointer_to(std::string_view key) const;

    /// Every error found, with one for each member that nobody asked for. Empty = good.
    [[nodiscard]] std::vector<FieldError> errors();
    /// The same as one invalid_argument error.
    [[nodiscard]] Result<void> finish();

private:
    [[nodiscard]] Json const* take(std::string_view key, bool required);
    [[nodiscard]] std::optional<std::string> read_text(std::string_view key, TextRule rule,
                                                       bool required);
    [[nodiscard]] std::optional<Decimal> read_decimal(std::string_view key, DecimalRule const& rule,
                                                      bool required);
    [[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view key, IntegerRule rule,
                                                           bool required);
    [[nodiscard]] std::optional<bool> read_boolean(std::string_view key, bool required);
    [[nodiscard]] Json const* read_object(std::string_view key, bool required);
    [[nodiscard]] Json const* read_array(std::string_view key, std::size_t min, std::size_t max,
                                         bool required);
    [[nodiscard]] std::optional<std::size_t> choice(std::string_view key,
                                                    std::span<std::string_view const> allowed,
                                                    bool required);

    Json const& value_;
    std::string pointer_;
    std::vector<std::string> known_;
    std::vector<FieldError> errors_;
    bool is_object_ = false;
};

}  // namespace obscura::base
