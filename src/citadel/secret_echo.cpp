#include "citadel/secret_echo.hpp"

#include "base/secret.hpp"
#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace obscura::citadel {
namespace {

/// The character that `digits` hexadecimal places at `at` stand for; nullopt beyond ASCII.
std::optional<char> coded(std::string_view text, std::size_t at, std::size_t digits) {
    unsigned code = 0;
    if (at + digits > text.size()) return std::nullopt;
    auto const* const begin = text.data() + at;
    auto const [end, error] = std::from_chars(begin, begin + digits, code, 16);
    if (error != std::errc{} || end != begin + digits || code > 0x7f) return std::nullopt;
    return static_cast<char>(code);
}

/// What is no escape stays as it is.
std::string without_escapes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const more = i + 1 < text.size();
        if (text[i] == '%') {
            if (auto const c = coded(text, i + 1, 2)) {
                out += *c;
                i += 2;
                continue;
            }
        } else if (text[i] == '\\' && more && text[i + 1] == 'u') {
            if (auto const c = coded(text, i + 2, 4)) {
                out += *c;
                i += 5;
                continue;
            }
        } else if (text[i] == '\\' && more) {
            ++i;  // \" \\ \/: secrets are printable, so that no other escape stands for one
        }
        out += text[i];
    }
    return out;
}

bool has(std::string_view text, std::string_view secret) {
    return text.find(secret) != std::string_view::npos;
}

constexpr std::size_t most_forms = 9;  // itself, two of hex, three cuts of base64 in two alphabets

/// Into what has room for it: a vector that grew would leave what it held behind, unwiped.
void add_form(std::vector<std::string>& out, std::string_view form) {
    if (form.size() >= shortest_told) out.emplace_back(form);
}

/// The secret and what encodes it, wherever in a longer text it is encoded: of base64 what its
/// neighbours have no part in, in both alphabets. Each wants wiping.
std::vector<std::string> forms_of(std::string_view secret) {
    std::vector<std::string> out;
    out.reserve(most_forms);
    add_form(out, secret);
    auto hex = crypto::hex_encode(crypto::as_bytes(secret));
    add_form(out, hex);
    std::ranges::transform(hex, hex.begin(),
                           [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    add_form(out, hex);
    base::cleanse(hex);
    for (std::size_t shift = 0; shift < 3; ++shift) {
        std::string padded;
        padded.reserve(shift + secret.size());
        padded.append(shift, '\0').append(secret);
        auto whole = crypto::base64_encode(crypto::as_bytes(padded));
        base::cleanse(padded);
        auto const begin = std::min<std::size_t>(shift == 0 ? 0 : 4, whole.size());
        // Of whole groups of three bytes.
        auto const end = std::max(begin, (shift + secret.size()) / 3 * 4);
        auto const inner = std::string_view(whole).substr(begin, end - begin);
        add_form(out, inner);
        std::ranges::replace(whole, '+', '-');
        std::ranges::replace(whole, '/', '_');
        add_form(out, inner);
        base::cleanse(whole);
    }
    return out;
}

}  // namespace

std::vector<std::string> readings_of(std::string_view text) {
    std::vector<std::string> out;
    out.reserve(2);  // A reading that is moved for want of room would leave its text behind.
    bool const has_backslash = text.find('\\') != std::string_view::npos;
    bool const has_percent = text.find('%') != std::string_view::npos;
    if (has_backslash || has_percent) out.push_back(without_escapes(text));
    if (!has_backslash || !has_percent) return out;
    // In a form a backslash is one, and hides no escape behind it.
    std::string form(text);
    std::erase(form, '\\');
    out.push_back(without_escapes(form));
    base::cleanse(form);
    return out;
}

bool tells_any(std::string_view text, std::span<std::string_view const> secrets) {
    auto readings = readings_of(text);
    bool found = false;
    for (auto const secret : secrets) {
        if (secret.size() < shortest_told) continue;
        for (auto& form : forms_of(secret)) {
            found = found || has(text, form);
            for (auto const& reading : readings) found = found || has(reading, form);
            base::cleanse(form);
        }
    }
    for (auto& reading : readings) base::cleanse(reading);
    return found;
}

}  // namespace obscura::citadel
