#include "base/config_syntax.hpp"

#include <algorithm>

namespace obscura::base {
namespace {

constexpr std::size_t max_key_parts = 8;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t";
constexpr std::string_view line_ends = "\r\n";
constexpr std::string_view key_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
/// Of true, false, numbers and dates.
constexpr std::string_view word_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.:";

/// Walks over the text once. Its readers return false after a complaint.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {
        if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    }

    std::optional<SyntaxComplaint> check() {
        while (!at_end() && line()) {
        }
        return std::move(complaint_);
    }

private:
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    /// '\0' stands for the end too: it is allowed nowhere.
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] bool at_line_end() const { return at_end() || line_ends.contains(peek()); }
    void skip(std::string_view letters) {
        at_ = std::min(text_.find_first_not_of(letters, at_), text_.size());
    }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool refuse(std::string must) {
        complaint_ = {.line = line_, .must = std::move(must)};
        return false;
    }

    /// A blank line, a comment, a table's header or a setting, with its end.
    bool line() {
        skip(blanks);
        if (take('[')) {
            if (peek() == '[') return refuse("must be [name]: lists of tables are not read");
            if (!key()) return false;
            if (!take(']')) return refuse("must end the name of the table with ]");
        } else if (!at_line_end() && peek() != '#') {
            if (!key()) return false;
            if (!take('=')) return refuse("must be key = value, or [table]");
            if (!value()) return false;
        }
        return line_end();
    }

    /// Blanks, a comment, and the newline or the end of the file.
    bool line_end() {
        skip(blanks);
        if (peek() == '#') at_ = std::min(text_.find_first_of(line_ends, at_), text_.size());
        if (at_end()) return true;
        if (take('\r') && peek() != '\n') return refuse("must end its lines with a newline");
        if (!take('\n')) return refuse("must end after the value; a # begins a comment");
        ++line_;
        return true;
    }

    /// One or more parts with dots between them, and the blanks around each.
    bool key() {
        for (std::size_t parts = 1;; ++parts) {
            if (parts > max_key_parts) return refuse("must have at most 8 parts in a key");
            skip(blanks);
            if (!key_part()) return false;
            skip(blanks);
            if (!take('.')) return true;
        }
    }

    bool key_part() {
        char const quote = peek();
        bool const is_quoted = (quote == '"' || quote == '\'') && take(quote);
        auto const begin = at_;
        skip(is_quoted ? word_letters : key_letters);
        if (at_ == begin || (is_quoted && !take(quote)))
            return refuse("must have a key of the letters A-Z, a-z, 0-9, _ and -");
        return true;
    }

    bool value() {
        skip(blanks);
        return peek() == '[' ? list() : scalar();
    }

    bool scalar() {
        if (peek() == '"' || peek() == '\'') return text();
        auto const begin = at_;
        skip(word_letters);
        if (at_ == begin)
            return refuse("must have a value: \"text\", a number, true, false or a list of them");
        return true;
    }

    bool text() {
        char const quote = peek();
        if (text_.substr(at_).starts_with(std::string(3, quote)))
            return refuse("must be a text on one line; \\n stands for a newline in it");
        ++at_;
        while (!at_line_end()) {
            char const c = text_[at_++];
            if (c == quote) return true;
            if (c == '\\' && quote == '"' && !at_line_end()) ++at_;
        }
        return refuse(std::string("must end its text with ") + quote + " on the same line");
    }

    /// `[a, b]` over any number of lines, a comma after the last one allowed.
    bool list() {
        take('[');
        while (list_space()) {
            if (take(']')) return true;
            if (peek() == '[') return refuse("must not have a list within a list");
            if (!scalar() || !list_space()) return false;
            if (peek() != ']' && !take(',')) return refuse("must have , or ] after each item");
        }
        return false;
    }

    /// What may stand between the items of a list; false also at the end of the file.
    bool list_space() {
        skip(blanks);
        while (peek() == '#' || at_line_end()) {
            if (at_end()) return refuse("must end its list with ]");
            if (!line_end()) return false;
            skip(blanks);
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::optional<SyntaxComplaint> complaint_;
};

}  // namespace

std::optional<SyntaxComplaint> check_config_syntax(std::string_view toml) {
    return Scanner(toml).check();
}

}  // namespace obscura::base
