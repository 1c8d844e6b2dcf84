#include "store/detail/pg_text.hpp"

#include <fmt/format.h>

namespace obscura::store::pg_text {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes exactly `digits` digits from the front.
bool take_number(std::string_view& rest, std::size_t digits, int& out) {
    if (rest.size() < digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (!is_digit(rest[i])) return false;
        out = out * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(digits);
    return true;
}

bool take(std::string_view& rest, char expected) {
    if (rest.empty() || rest.front() != expected) return false;
    rest.remove_prefix(1);
    return true;
}

/// ".5" to ".123456"; nothing there is fine.
bool take_fraction(std::string_view& rest, std::int64_t& microseconds) {
    microseconds = 0;
    if (!take(rest, '.')) return true;
    int digits = 0;
    for (; !rest.empty() && is_digit(rest.front()) && digits < 6; ++digits) {
        microseconds = microseconds * 10 + (rest.front() - '0');
        rest.remove_prefix(1);
    }
    for (int i = digits; i < 6; ++i) microseconds *= 10;
    return digits > 0;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// A quoted element after its opening quote; false when the closing one is missing.
bool take_quoted(std::string_view& rest, std::string& out) {
    while (!rest.empty()) {
        auto c = rest.front();
        rest.remove_prefix(1);
        if (c == '"') return true;
        if (c == '\\') {
            if (rest.empty()) return false;
            c = rest.front();
            rest.remove_prefix(1);
        }
        out += c;
    }
    return false;
}

/// An element without quotes, up to the separator; these never contain quotes, braces or spaces.
bool take_bare(std::string_view& rest, std::string& out) {
    auto const end = rest.find_first_of(",}");
    if (end == std::string_view::npos || end == 0) return false;
    out = rest.substr(0, end);
    rest.remove_prefix(end);
    return out.find_first_of("{\"\\") == std::string::npos;
}

}  // namespace

std::optional<base::Timestamp> parse_timestamp(std::string_view text) {
    using namespace std::chrono;
    int y = 0;
    int mon = 0;
    int d = 0;
    int h = 0;
    int min = 0;
    int s = 0;
    std::int64_t fraction = 0;
    bool const read = take_number(text, 4, y) && take(text, '-') && take_number(text, 2, mon) &&
                      take(text, '-') && take_number(text, 2, d) && take(text, ' ') &&
                      take_number(text, 2, h) && take(text, ':') && take_number(text, 2, min) &&
                      take(text, ':') && take_number(text, 2, s) && take_fraction(text, fraction);
    if (!read || text != "+00") return std::nullopt;
    year_month_day const date{year{y}, month{static_cast<unsigned>(mon)},
                              day{static_cast<unsigned>(d)}};
    if (!date.ok() || h > 23 || min > 59 || s > 59) return std::nullopt;
    return sys_days{date} + hours{h} + minutes{min} + seconds{s} + microseconds{fraction};
}

std::string format_timestamp(base::Timestamp t) {
    using namespace std::chrono;
    auto const day = floor<days>(t);
    year_month_day const date{day};
    hh_mm_ss const time{t - day};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", int{date.year()},
                       unsigned{date.month()}, unsigned{date.day()}, time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<std::vector<std::optional<std::string>>> parse_array(std::string_view text) {
    std::vector<std::optional<std::string>> items;
    if (!take(text, '{')) return std::nullopt;
    if (text == "}") return items;
    for (;;) {
        std::string item;
        bool const quoted = take(text, '"');
        if (!(quoted ? take_quoted(text, item) : take_bare(text, item))) return std::nullopt;
        if (!quoted && item == "NULL")
            items.emplace_back(std::nullopt);
        else
            items.emplace_back(std::move(item));
        if (take(text, ',')) continue;
        if (text != "}") return std::nullopt;
        return items;
    }
}

std::string format_array(std::vector<std::optional<std::string>> const& items) {
    std::string out = "{";
    for (auto const& item : items) {
        if (out.size() > 1) out += ',';
        if (!item) {
            out += "NULL";
            continue;
        }
        // Always quoted: "", "NULL", braces and spaces need it, and the rest does not mind.
        out += '"';
        for (char const c : *item) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    out += '}';
    return out;
}

std::optional<std::string> parse_bytes(std::string_view text) {
    if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
    text.remove_prefix(2);
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int const high = hex_value(text[i]);
        int const low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
    }
    return out;
}

std::string format_bytes(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\\x";
    out.reserve(2 + bytes.size() * 2);
    for (char const c : bytes) {
        auto const byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

}  // namespace obscura::store::pg_text
