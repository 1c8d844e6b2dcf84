#include "net/detail/text.hpp"

#include <algorithm>
#include <cstdint>

namespace obscura::net::detail {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_tchar(char c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

struct Lead {
    int continuations = -1;  ///< -1: no lead byte
    std::uint32_t bits = 0;
    std::uint32_t smallest = 0;  ///< below it the form is overlong
};

Lead lead_of(unsigned char c) {
    if (c < 0x80) return {0, c, 0};
    if ((c & 0xe0) == 0xc0) return {1, c & 0x1fu, 0x80};
    if ((c & 0xf0) == 0xe0) return {2, c & 0x0fu, 0x800};
    if ((c & 0xf8) == 0xf0) return {3, c & 0x07u, 0x10000};
    return {};
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        auto const lead = lead_of(static_cast<unsigned char>(text[i++]));
        if (lead.continuations < 0) return false;
        auto code = lead.bits;
        for (int k = 0; k < lead.continuations; ++k, ++i) {
            if (i >= text.size()) return false;
            auto const c = static_cast<unsigned char>(text[i]);
            if ((c & 0xc0) != 0x80) return false;
            code = (code << 6) | (c & 0x3fu);
        }
        if (code < lead.smallest || code > 0x10ffff) return false;
        if (code >= 0xd800 && code <= 0xdfff) return false;
    }
    return true;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_tchar);
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        auto const u = static_cast<unsigned char>(c);
        return c == '\t' || (u >= 0x20 && u != 0x7f);
    });
}

bool is_request_target(std::string_view text) {
    return text.starts_with('/') &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trim(std::string_view text) {
    auto const blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool list_contains(std::string_view list, std::string_view token) {
    while (true) {
        auto const comma = list.find(',');
        if (equals_ignoring_case(trim(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
}

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> segments;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (true) {
        auto const slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace obscura::net::detail
