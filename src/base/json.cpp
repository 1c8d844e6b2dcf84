#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <charconv>
#include <cmath>

namespace obscura::base {
namespace {

bool has_duplicate_key(Json::Object const& members, std::string& duplicate) {
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (auto const& [key, value] : members) keys.emplace_back(key);
    std::ranges::sort(keys);
    auto const twice = std::ranges::adjacent_find(keys);
    if (twice == keys.end()) return false;
    duplicate = twice->substr(0, 64);
    return true;
}

/// Builds the tree from Boost.JSON's events. Numbers arrive as doubles too; only their text counts.
class Builder {
public:
    using Text = boost::json::string_view;
    using Code = boost::json::error_code;
    // The sender's size is bounded before the parser sees anything.
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    explicit Builder(std::size_t max_values) : values_left_(max_values) {}

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) { return open(Json::Object{}); }
    bool on_object_end(std::size_t, Code& ec) {
        std::string duplicate;
        if (has_duplicate_key(open_.back().value.as_object(), duplicate)) {
            return refuse(fmt::format("the key \"{}\" twice in the object that ends", duplicate),
                          ec);
        }
        return close(ec);
    }
    bool on_array_begin(Code&) { return open(Json::Array{}); }
    bool on_array_end(std::size_t, Code& ec) { return close(ec); }
    bool on_key_part(Text part, std::size_t, Code&) { return append(part); }
    bool on_key(Text part, std::size_t, Code&) {
        append(part);
        open_.back().key = std::exchange(text_, {});
        return true;
    }
    bool on_string_part(Text part, std::size_t, Code&) { return append(part); }
    bool on_string(Text part, std::size_t, Code& ec) {
        append(part);
        return add(std::exchange(text_, {}), ec);
    }
    bool on_number_part(Text part, Code&) { return append(part); }
    bool on_int64(std::int64_t, Text part, Code& ec) { return add_number(part, ec); }
    bool on_uint64(std::uint64_t, Text part, Code& ec) { return add_number(part, ec); }
    bool on_double(double, Text part, Code& ec) { return add_number(part, ec); }
    bool on_bool(bool b, Code& ec) { return add(b, ec); }
    bool on_null(Code& ec) { return add(nullptr, ec); }
    bool on_comment_part(Text, Code&) { return true; }
    bool on_comment(Text, Code&) { return true; }

    [[nodiscard]] Json take() { return std::move(root_); }
    /// What this builder refused; empty when the parser itself did.
    [[nodiscard]] std::string const& refusal() const { return refusal_; }

private:
    /// A container that has begun, and the key of its next member.
    struct Open {
        Json value;
        std::string key;
    };

    bool append(Text part) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool refuse(std::string what, Code& ec) {
        refusal_ = std::move(what);
        ec = boost::json::make_error_code(boost::json::error::syntax);
        return false;
    }
    bool open(Json container) {
        open_.push_back({std::move(container), {}});
        return true;
    }
    bool close(Code& ec) {
        auto done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done), ec);
    }
    bool add_number(Text part, Code& ec) {
        append(part);
        return add(Json::Number{std::exchange(text_, {})}, ec);
    }
    bool add(Json value, Code& ec) {
        if (values_left_ == 0) return refuse("too many values", ec);
        --values_left_;
        if (open_.empty())
            root_ = std::move(value);
        else if (auto& top = open_.back(); top.value.is_array())
            top.value.push_back(std::move(value));
        else
            top.value.as_object().emplace_back(std::move(top.key), std::move(value));
        return true;
    }

    std::size_t values_left_;
    std::vector<Open> open_;
    std::string text_;
    Json root_;
    std::string refusal_;
};

/// The length of the valid UTF-8 sequence at the front, 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view s) {
    auto const byte = [s](std::size_t i) {
        return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U;
    };
    auto const continues = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    auto const lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        bool const overlong = lead == 0xe0 && byte(1) < 0xa0;
        bool const surrogate = lead == 0xed && byte(1) > 0x9f;
        return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        bool const overlong = lead == 0xf0 && byte(1) < 0x90;
        bool const beyond = lead == 0xf4 && byte(1) > 0x8f;
        return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    }
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

enum class Order { kept, sorted };

void append_value(std::string& out, Json const& value, Order order);

void append_array(std::string& out, Json::Array const& items, Order order) {
    out += '[';
    for (bool first = true; auto const& item : items) {
        if (!std::exchange(first, false)) out += ',';
        append_value(out, item, order);
    }
    out += ']';
}

void append_object(std::string& out, Json::Object const& members, Order order) {
    std::vector<Json::Member const*> in_order;
    in_order.reserve(members.size());
    for (auto const& member : members) in_order.push_back(&member);
    if (order == Order::sorted) std::ranges::sort(in_order, {}, &Json::Member::first);
    out += '{';
    for (bool first = true; auto const* member : in_order) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, member->first);
        out += ':';
        append_value(out, member->second, order);
    }
    out += '}';
}

void append_value(std::string& out, Json const& value, Order order) {
    if (value.is_null())
        out += "null";
    else if (value.is_bool())
        out += value.as_bool() ? "true" : "false";
    else if (value.is_number())
        out += value.digits();
    else if (value.is_string())
        append_json_string(out, value.as_string());
    else if (value.is_array())
        append_array(out, value.as_array(), order);
    else
        append_object(out, value.as_object(), order);
}

std::optional<std::int64_t> integer_from(std::string_view digits) {
    std::int64_t out = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return out;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        auto const plain =
            static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        auto const length = utf8_length(text);
        if (length > 1 || text[0] == 0x7f)
            out += text.substr(0, length);
        else if (length == 1)
            append_escaped(out, text[0]);
        else
            out += "\\ufffd";  // our output is valid UTF-8 whatever came in
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
    boost::json::parse_options options;
    options.max_depth = limits.max_depth;
    boost::json::basic_parser<Builder> parser(options, limits.max_members);
    boost::json::error_code ec;
    auto const consumed = parser.write_some(false, text.data(), text.size(), ec);
    auto what = parser.handler().refusal();
    if (what.empty() && ec) what = ec.message();
    if (what.empty() && consumed < text.size()) what = "text after the value";
    if (what.empty()) return parser.handler().take();
    return fail(Errc::invalid_argument, "invalid_json",
                fmt::format("Not valid JSON: {} at byte {}.", what, consumed));
}

Json Json::figure(double value, int digits) {
    if (!std::isfinite(value)) return {};
    return Number{fmt::format("{:.{}f}", value, std::clamp(digits, 0, 17))};
}

Json Json::object(std::initializer_list<Member> members) { return Object(members); }

Json Json::array(std::initializer_list<Json> items) { return Array(items); }

std::optional<std::int64_t> Json::to_int64() const {
    if (is_string()) return integer_from(as_string());
    if (!is_number()) return std::nullopt;
    if (auto const whole = integer_from(digits())) return whole;
    // "3.0" and "1e3" are whole numbers too.
    auto const decimal = Decimal::parse(digits());
    if (!decimal || decimal->raw() % Decimal::one_raw != 0) return std::nullopt;
    auto const whole = decimal->raw() / Decimal::one_raw;
    if (whole < INT64_MIN || whole > INT64_MAX) return std::nullopt;
    return static_cast<std::int64_t>(whole);
}

std::optional<Decimal> Json::to_decimal() const {
    if (is_number()) return Decimal::parse(digits());
    if (is_string()) return Decimal::parse(as_string());
    return std::nullopt;
}

std::optional<std::string_view> Json::to_text() const {
    if (!is_string()) return std::nullopt;
    return as_string();
}

Json const* Json::find(std::string_view key) const {
    if (!is_object()) return nullptr;
    auto const found = std::ranges::find(as_object(), key, &Member::first);
    return found == as_object().end() ? nullptr : &found->second;
}

Json const& Json::operator[](std::string_view key) const {
    static Json const null;
    auto const* found = find(key);
    return found == nullptr ? null : *found;
}

void Json::set(std::string_view key, Json value) {
    if (is_null()) value_ = Object{};
    auto& members = as_object();
    auto const found = std::ranges::find(members, key, &Member::first);
    if (found != members.end())
        found->second = std::move(value);
    else
        members.emplace_back(std::string(key), std::move(value));
}

void Json::push_back(Json value) {
    if (is_null()) value_ = Array{};
    as_array().push_back(std::move(value));
}

std::string Json::dump() const {
    std::string out;
    append_value(out, *this, Order::kept);
    return out;
}

std::string Json::dump_canonical() const {
    std::string out;
    append_value(out, *this, Order::sorted);
    return out;
}

}  // namespace obscura::base
