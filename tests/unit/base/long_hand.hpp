#pragma once

#include <algorithm>
#include <string>
#include <utility>

/// Arithmetic on strings of digits, as it is done on paper: slow, and independent of the code under
/// test. Numbers are non-negative and have no leading zeros ("0" is zero).
namespace obscura::test::long_hand {

inline std::string trimmed(std::string const& digits) {
    auto const first = digits.find_first_not_of('0');
    return first == std::string::npos ? "0" : digits.substr(first);
}

inline bool less(std::string const& a, std::string const& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

inline std::string add(std::string const& a, std::string const& b) {
    std::string out;
    int carry = 0;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
        if (i < a.size()) carry += a[a.size() - 1 - i] - '0';
        if (i < b.size()) carry += b[b.size() - 1 - i] - '0';
        out += static_cast<char>('0' + carry % 10);
        carry /= 10;
    }
    std::ranges::reverse(out);
    return trimmed(out);
}

/// a - b, a >= b.
inline std::string subtract(std::string a, std::string const& b) {
    int borrow = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto& digit = a[a.size() - 1 - i];
        int value = digit - '0' - borrow - (i < b.size() ? b[b.size() - 1 - i] - '0' : 0);
        borrow = value < 0 ? 1 : 0;
        digit = static_cast<char>('0' + value + 10 * borrow);
    }
    return trimmed(a);
}

inline std::string multiply(std::string const& a, std::string const& b) {
    std::string out = "0";
    for (char const digit : b) {
        out = trimmed(out + "0");
        for (int i = 0; i < digit - '0'; ++i) out = add(out, a);
    }
    return out;
}

/// {quotient, remainder}; b is not zero.
inline std::pair<std::string, std::string> divide(std::string const& a, std::string const& b) {
    std::string quotient;
    std::string rest = "0";
    for (char const digit : a) {
        rest = trimmed(rest + digit);
        char count = '0';
        for (; !less(rest, b); ++count) rest = subtract(rest, b);
        quotient += count;
    }
    return {trimmed(quotient), rest};
}

}  // namespace obscura::test::long_hand
