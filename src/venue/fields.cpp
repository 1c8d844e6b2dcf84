#include "venue/fields.hpp"

#include <algorithm>

namespace obscura::venue {
namespace {

constexpr std::int64_t earliest_ms = 1'230'768'000'000;  // 2009
constexpr std::int64_t latest_ms = 4'102'444'800'000;    // 2100

bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::unexpected<base::Error> unreadable(std::string detail) {
    return base::fail(base::Errc::bad_gateway, "venue_answer_unreadable", std::move(detail));
}

Fields::Fields(base::Json const& object, std::string_view what) : object_(object), what_(what) {
    if (!object.is_object()) refuse("", "is not an object");
}

void Fields::refuse(std::string_view key, std::string_view why) {
    if (!complaint_.empty()) return;
    complaint_ = what_;
    if (!key.empty()) complaint_ += " field '" + std::string(key) + "'";
    complaint_ += ' ';
    complaint_ += why;
}

std::string Fields::text(std::string_view key, std::size_t max) {
    auto out = text_or_empty(key, max);
    if (out.empty()) refuse(key, "is missing or empty");
    return out;
}

std::string Fields::text_or_empty(std::string_view key, std::size_t max) {
    auto const& value = object_[key];
    if (value.is_null()) return {};
    auto const text = value.to_text();
    if (!text || text->size() > max || has_control(*text)) {
        refuse(key, "is not a short text");
        return {};
    }
    return std::string(*text);
}

std::int64_t Fields::integer(std::string_view key, std::int64_t min) {
    auto const number = object_[key].to_int64();
    if (!number || *number < min) {
        refuse(key, "is not an integer in range");
        return 0;
    }
    return *number;
}

std::string Fields::number_text(std::string_view key) { return std::to_string(integer(key)); }

base::Decimal Fields::decimal(std::string_view key) {
    auto const number = object_[key].to_decimal();
    if (!number || number->abs() > base::Decimal(1'000'000'000'000'000)) {
        refuse(key, "is not a decimal in range");
        return {};
    }
    return *number;
}

base::Decimal Fields::positive(std::string_view key) {
    auto const number = decimal(key);
    if (!number.is_positive()) refuse(key, "is not greater than 0");
    return number;
}

std::optional<base::Decimal> Fields::optional_decimal(std::string_view key) {
    if (object_[key].is_null()) return std::nullopt;
    return decimal(key);
}

bool Fields::boolean(std::string_view key) {
    auto const& value = object_[key];
    if (!value.is_bool()) {
        refuse(key, "is not true or false");
        return false;
    }
    return value.as_bool();
}

base::Timestamp Fields::unix_ms(std::string_view key) {
    auto const ms = integer(key);
    if (ms < earliest_ms || ms > latest_ms) {
        refuse(key, "is not a time in milliseconds");
        return {};
    }
    return base::from_unix_ms(ms);
}

base::Result<void> Fields::done() const {
    if (complaint_.empty()) return {};
    return unreadable(complaint_);
}

}  // namespace obscura::venue
