#pragma once

#include "base/decimal.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace obscura::paper {

/// Writes JSON straight into a string: no tree on the way of an order. The caller keeps the nesting
/// right. Amounts are strings of eight places, as the venue writes them.
class JsonText {
public:
    explicit JsonText(std::size_t reserve = 512) { out_.reserve(reserve); }

    JsonText& begin_object() { return open('{'); }
    JsonText& begin_object(std::string_view key) { return named(key).open('{'); }
    JsonText& end_object() { return close('}'); }
    JsonText& begin_array() { return open('['); }
    JsonText& begin_array(std::string_view key) { return named(key).open('['); }
    JsonText& end_array() { return close(']'); }

    JsonText& text(std::string_view key, std::string_view value) {
        return named(key).text_item(value);
    }
    JsonText& number(std::string_view key, std::int64_t value) {
        return named(key).raw_item(std::to_string(value));
    }
    JsonText& amount(std::string_view key, base::Decimal value) {
        return named(key).amount_item(value);
    }
    template <class Tag>
    JsonText& amount(std::string_view key, base::Amount<Tag> value) {
        return amount(key, value.value);
    }
    JsonText& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    JsonText& null(std::string_view key) { return raw(key, "null"); }
    /// `json` as it is: a value made elsewhere.
    JsonText& raw(std::string_view key, std::string_view json) { return named(key).raw_item(json); }

    JsonText& text_item(std::string_view value);
    JsonText& amount_item(base::Decimal value);
    JsonText& number_item(std::int64_t value) { return raw_item(std::to_string(value)); }
    JsonText& raw_item(std::string_view json);

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    JsonText& named(std::string_view key);
    JsonText& open(char bracket);
    JsonText& close(char bracket);
    void separate();

    std::string out_;
    bool needs_comma_ = false;
};

}  // namespace obscura::paper
