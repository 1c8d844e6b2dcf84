#include "base/decode.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace obscura::base {
namespace {

/// A sender who gets this many answers has enough to do, and the answer stays bounded.
constexpr std::size_t max_errors = 50;
constexpr std::size_t max_shown_key = 128;
constexpr std::size_t few_keys = 32;  // looking through so many costs less than sorting them

std::string escape_pointer(std::string_view key) {
    std::string out;
    for (char const c : key) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

/// C0, DEL and the C1 range (U+0080 to U+009F, in UTF-8 0xC2 0x80 to 0xC2 0x9F).
bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7f) return true;
        if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
            return true;
        }
    }
    return false;
}

/// What a number must be, or nothing when it keeps the rule.
std::optional<std::string> complaint(Decimal value, DecimalRule const& rule) {
    auto lower = rule.min;
    if (!lower && rule.max && rule.max->is_positive()) lower = -*rule.max;
    bool const below = (lower && value < *lower) || (rule.positive && !value.is_positive());
    if (!below && !(rule.max && value > *rule.max)) return std::nullopt;
    std::string text = "Must be a number";
    if (rule.positive)
        text += " greater than 0";
    else if (lower)
        text += " of at least " + lower->to_string();
    if (rule.max)
        text += fmt::format("{} at most {}", rule.positive || lower ? " and" : " of",
                            rule.max->to_string());
    return text + ".";
}

}  // namespace

ObjectReader::ObjectReader(Json const& value, std::string pointer)
    : value_(value), pointer_(std::move(pointer)), is_object_(value.is_object()) {
    if (!is_object_) errors_.push_back({pointer_, "wrong_type", "Must be an object."});
    known_.reserve(8);
}

std::string ObjectReader::pointer_to(std::string_view key) const {
    return pointer_ + "/" + escape_pointer(key);
}

void ObjectReader::add_error(std::string_view key, std::string code, std::string detail) {
    if (errors_.size() >= max_errors) return;
    errors_.push_back({pointer_to(key), std::move(code), std::move(detail)});
}

void ObjectReader::absorb(std::vector<FieldError> errors) {
    for (auto& error : errors) {
        if (errors_.size() >= max_errors) return;
        errors_.push_back(std::move(error));
    }
}

Json const* ObjectReader::take(std::string_view key, bool required) {
    known_.emplace_back(key);
    if (!is_object_) return nullptr;
    auto const* found = value_.find(key);
    // null is how many languages write "not given".
    if (found != nullptr && !found->is_null()) return found;
    if (required) add_error(key, "required", "Must be given.");
    return nullptr;
}

std::optional<std::string> ObjectReader::read_text(std::string_view key, TextRule rule,
                                                   bool required) {
    auto const* found = take(key, required);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) {
        add_error(key, "wrong_type", "Must be a string.");
        return std::nullopt;
    }
    auto const& text = found->as_string();
    if (text.size() < rule.min) {
        add_error(key, "too_short", fmt::format("Must have at least {} bytes.", rule.min));
    } else if (text.size() > rule.max) {
        add_error(key, "too_long", fmt::format("Must have at most {} bytes.", rule.max));
    } else if (has_control_character(text)) {
        add_error(key, "contains_control_characters", "Must not contain control characters.");
    } else {
        return text;
    }
    return std::nullopt;
}

std::string ObjectReader::text(std::string_view key, TextRule rule) {
    return read_text(key, rule, true).value_or("");
}

std::optional<std::string> ObjectReader::optional_text(std::string_view key, TextRule rule) {
    return read_text(key, rule, false);
}

std::optional<Decimal> ObjectReader::read_decimal(std::string_view key, DecimalRule const& rule,
                                                  bool required) {
    auto const* found = take(key, required);
    if (found == nullptr) return std::nullopt;
    if (!found->is_number() && !found->is_string()) {
        add_error(key, "wrong_type", "Must be a decimal number, as a string or a number.");
        return std::nullopt;
    }
    auto const value = found->to_decimal();
    if (!value) {
        add_error(key, "not_a_decimal",
                  "Must be a decimal number with at most 12 places after the point.");
        return std::nullopt;
    }
    if (auto wrong = complaint(*value, rule)) {
        add_error(key, "out_of_range", std::move(*wrong));
        return std::nullopt;
    }
    return value;
}

Decimal ObjectReader::decimal(std::string_view key, DecimalRule rule) {
    return read_decimal(key, rule, true).value_or(Decimal{});
}

std::optional<Decimal> ObjectReader::optional_decimal(std::string_view key, DecimalRule rule) {
    return read_decimal(key, rule, false);
}

std::optional<std::int64_t> ObjectReader::read_integer(std::string_view key, IntegerRule rule,
                                                       bool required) {
    auto const* found = take(key, required);
    if (found == nullptr) return std::nullopt;
    auto const value = found->is_number() ? found->to_int64() : std::nullopt;
    bool const whole =
        value || (found->is_number() && found->digits().find_first_of(".eE") == std::string::npos);
    if (!whole) {
        add_error(key, "wrong_type", "Must be a whole number.");
        return std::nullopt;
    }
    if (!value || *value < rule.min || *value > rule.max) {
        add_error(key, "out_of_range",
                  fmt::format("Must be a whole number from {} to {}.", rule.min, rule.max));
        return std::nullopt;
    }
    return value;
}

std::int64_t ObjectReader::integer(std::string_view key, IntegerRule rule) {
    return read_integer(key, rule, true).value_or(0);
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key, IntegerRule rule) {
    return read_integer(key, rule, false);
}

std::optional<bool> ObjectReader::read_boolean(std::string_view key, bool required) {
    auto const* found = take(key, required);
    if (found == nullptr) return std::nullopt;
    if (found->is_bool()) return found->as_bool();
    add_error(key, "wrong_type", "Must be true or false.");
    return std::nullopt;
}

bool ObjectReader::boolean(std::string_view key) { return read_boolean(key, true).value_or(false); }

std::optional<bool> ObjectReader::optional_boolean(std::string_view key) {
    return read_boolean(key, false);
}

std::optional<Timestamp> ObjectReader::optional_timestamp(std::string_view key) {
    auto const* found = take(key, false);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) {
        add_error(key, "wrong_type", "Must be a string.");
        return std::nullopt;
    }
    auto const time = parse_rfc3339(found->as_string());
    if (!time) add_error(key, "not_a_timestamp", "Must be a time like 2026-11-22T21:30:00.123Z.");
    return time;
}

Uuid ObjectReader::uuid(std::string_view key) {
    auto const* found = take(key, true);
    if (found == nullptr) return {};
    if (!found->is_string()) {
        add_error(key, "wrong_type", "Must be a string.");
        return {};
    }
    auto const value = parse_uuid(found->as_string());
    if (!value) add_error(key, "not_a_uuid", "Must be a UUID.");
    return value.value_or(Uuid{});
}

Json const* ObjectReader::read_object(std::string_view key, bool required) {
    auto const* found = take(key, required);
    if (found == nullptr || found->is_object()) return found;
    add_error(key, "wrong_type", "Must be an object.");
    return nullptr;
}

Json const* ObjectReader::object(std::string_view key) { return read_object(key, true); }

Json const* ObjectReader::optional_object(std::string_view key) { return read_object(key, false); }

Json const* ObjectReader::read_array(std::string_view key, std::size_t min, std::size_t max,
                                     bool required) {
    auto const* found = take(key, required);
    if (found == nullptr) return nullptr;
    if (!found->is_array()) {
        add_error(key, "wrong_type", "Must be an array.");
        return nullptr;
    }
    auto const size = found->as_array().size();
    if (size >= min && size <= max) return found;
    add_error(key, size < min ? "too_short" : "too_long",
              fmt::format("Must have {} to {} items.", min, max));
    return nullptr;
}

Json const* ObjectReader::array(std::string_view key, std::size_t min, std::size_t max) {
    return read_array(key, min, max, true);
}

Json const* ObjectReader::optional_array(std::string_view key, std::size_t min, std::size_t max) {
    return read_array(key, min, max, false);
}

std::optional<std::size_t> ObjectReader::choice(std::string_view key,
                                                std::span<std::string_view const> allowed,
                                                bool required) {
    auto const* found = take(key, required);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) {
        add_error(key, "wrong_type", "Must be a string.");
        return std::nullopt;
    }
    auto const match = std::ranges::find(allowed, found->as_string());
    if (match != allowed.end()) return static_cast<std::size_t>(match - allowed.begin());
    add_error(key, "not_allowed", fmt::format("Must be one of: {}.", fmt::join(allowed, ", ")));
    return std::nullopt;
}

std::vector<FieldError> ObjectReader::errors() {
    auto all = errors_;
    if (!is_object_) return all;
    bool const is_small = known_.size() <= few_keys;
    if (!is_small) std::ranges::sort(known_);
    auto const is_known = [&](std::string const& key) {
        return is_small ? std::ranges::find(known_, key) != known_.end()
                        : std::ranges::binary_search(known_, key);
    };
    for (auto const& [key, value] : value_.as_object()) {
        if (all.size() >= max_errors) break;
        if (is_known(key)) continue;
        // The sender chose the key: show enough of it to be found, not a megabyte.
        auto const shown = std::string_view(key).substr(0, max_shown_key);
        all.push_back({pointer_to(shown), "unknown_field", "Is not a field of this object."});
    }
    return all;
}

Result<void> ObjectReader::finish() {
    auto all = errors();
    if (all.empty()) return {};
    auto error = field_error("", "", "");
    error.fields = std::move(all);
    return std::unexpected(std::move(error));
}

}  // namespace obscura::base
