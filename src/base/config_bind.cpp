// What each type of setting accepts, and how it says what it wanted.
#include "base/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <utility>

namespace obscura::base {
namespace {

using Range = ConfigTable::Range;
using Must = std::optional<std::string>;

std::optional<std::int64_t> read_integer(std::string_view text) {
    std::int64_t out = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

struct Unit {
    std::string_view name;
    std::int64_t ms;
};
constexpr std::array<Unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

std::optional<std::int64_t> read_duration_ms(std::string_view text) {
    auto const digits = std::min(text.find_first_not_of("0123456789"), text.size());
    auto const count = read_integer(text.substr(0, digits));
    auto const unit = std::ranges::find(units, text.substr(digits), &Unit::name);
    std::int64_t ms = 0;
    if (!count || unit == units.end() || __builtin_mul_overflow(*count, unit->ms, &ms)) {
        return std::nullopt;
    }
    return ms;
}

std::string duration_text(std::int64_t ms) {
    auto const unit = std::ranges::find_if(units, [ms](Unit u) { return ms % u.ms == 0; });
    return ms == 0 ? "0s" : fmt::format("{}{}", ms / unit->ms, unit->name);
}

std::string integer_text(std::int64_t n) { return std::to_string(n); }

/// " from 1 to 9", " of at least 1", "" for no bound.
std::string range_text(Range range, std::string (*text)(std::int64_t)) {
    bool const has_min = range.min != INT64_MIN;
    bool const has_max = range.max != INT64_MAX;
    if (has_min && has_max) {
        return fmt::format(" from {} to {}", text(range.min), text(range.max));
    }
    if (has_min) return " of at least " + text(range.min);
    if (has_max) return " of at most " + text(range.max);
    return "";
}

/// Comma-separated, blanks around an item dropped.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (true) {
        auto const comma = text.find(',');
        auto item = text.substr(0, comma);
        item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
        item = item.substr(0, item.find_last_not_of(' ') + 1);
        out.emplace_back(item);
        if (comma == text.npos) return out;
        text.remove_prefix(comma + 1);
    }
}

constexpr std::size_t max_secret_file = 65536;

/// The file's bytes without the newline that editors add; nullopt when it cannot be read.
std::optional<std::string> read_secret_file(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text(max_secret_file + 1, '\0');
    file.read(text.data(), std::ssize(text));
    auto const size = static_cast<std::size_t>(file.gcount());
    if (file.bad() || size == 0 || size > max_secret_file) {
        cleanse(text);
        return std::nullopt;
    }
    text.resize(size);
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

std::string joined(std::vector<std::string> const& items) {
    std::string out;
    for (auto const& item : items) out += (out.empty() ? "" : ", ") + item;
    return out;
}

}  // namespace

bool ConfigTable::is_text(Given const& given) {
    return given.kind == Given::Kind::environment || given.kind == Given::Kind::text;
}

std::vector<std::string> ConfigTable::items_of(Given const& given) {
    return given.kind == Given::Kind::list ? given.items : split(given.text);
}

void ConfigTable::add(Entry entry) {
    if (std::ranges::find(entries_, entry.key, &Entry::key) != entries_.end()) {
        throw std::logic_error("configuration key bound twice: " + entry.key);
    }
    entries_.push_back(std::move(entry));
}

ConfigTable& ConfigTable::required() {
    entries_.at(entries_.size() - 1).is_required = true;
    return *this;
}

ConfigTable& ConfigTable::alias(std::string variable) {
    entries_.at(entries_.size() - 1).aliases.push_back(std::move(variable));
    return *this;
}

void ConfigTable::bind(std::string key, std::string& target, std::string meaning, Check check) {
    auto assign = [&target, check = std::move(check)](Given const& given) -> Must {
        if (!is_text(given)) return "must be a string";
        if (auto must = check ? check(given.text) : std::nullopt) return must;
        target = given.text;
        return std::nullopt;
    };
    add({.key = std::move(key),
         .type = "string",
         .default_text = target,
         .meaning = std::move(meaning),
         .assign = std::move(assign)});
}

void ConfigTable::bind(std::string key, bool& target, std::string meaning) {
    auto assign = [&target](Given const& given) -> Must {
        bool const typed =
            given.kind == Given::Kind::boolean || given.kind == Given::Kind::environment;
        bool const yes = given.text == "true" || given.text == "1";
        if (!typed || (!yes && given.text != "false" && given.text != "0")) {
            return "must be true or false";
        }
        target = yes;
        return std::nullopt;
    };
    add({.key = std::move(key),
         .type = "true or false",
         .default_text = target ? "true" : "false",
         .meaning = std::move(meaning),
         .assign = std::move(assign)});
}

template <class Integer>
void ConfigTable::bind_integer(std::string key, Integer& target, std::string meaning, Range range) {
    using Limits = std::numeric_limits<Integer>;
    if (std::cmp_less(range.min, Limits::min()))
        range.min = static_cast<std::int64_t>(Limits::min());
    if (std::cmp_greater(range.max, Limits::max())) {
        range.max = static_cast<std::int64_t>(Limits::max());
    }
    auto assign = [&target, range](Given const& given) -> Must {
        bool const typed =
            given.kind == Given::Kind::integer || given.kind == Given::Kind::environment;
        auto const value = typed ? read_integer(given.text) : std::nullopt;
        if (!value || *value < range.min || *value > range.max) {
            return "must be an integer" + range_text(range, integer_text);
        }
        target = static_cast<Integer>(*value);
        return std::nullopt;
    };
    add({.key = std::move(key),
         .type = "integer" + range_text(range, integer_text),
         .default_text = std::to_string(target),
         .meaning = std::move(meaning),
         .assign = std::move(assign)});
}

void ConfigTable::bind(std::string key, std::int64_t& target, std::string meaning, Range range) {
    bind_integer(std::move(key), target, std::move(meaning), range);
}

void ConfigTable::bind(std::string key, std::uint16_t& target, std::string meaning, Range range) {
    bind_integer(std::move(key), target, std::move(meaning), range);
}

void ConfigTable::bind(std::string key, std::size_t& target, std::string meaning, Range range) {
    bind_integer(std::move(key), target, std::move(meaning), range);
}

void ConfigTable::bind(std::string key, std::chrono::milliseconds& target, std::string meaning,
                       Range range_ms) {
    auto assign = [&target, range_ms](Given const& given) -> Must {
        auto const ms = is_text(given) ? read_duration_ms(given.text) : std::nullopt;
        if (!ms || *ms < range_ms.min || *ms > range_ms.max) {
            return fmt::format("must be a duration{}, written like 250ms, 10s, 5m or 1h",
                               range_text(range_ms, duration_text));
        }
        target = std::chrono::milliseconds{*ms};
        return std::nullopt;
    };
    add({.key = std::move(key),
         .type = "duration" + range_text(range_ms, duration_text),
         .default_text = duration_text(target.count()),
         .meaning = std::move(meaning),
         .assign = std::move(assign)});
}

void ConfigTable::bind(std::string key, std::vector<std::string>& target, std::string meaning,
                       Check each) {
    auto assign = [&target, each = std::move(each)](Given const& given) -> Must {
        bool const typed =
            given.kind == Given::Kind::list || given.kind == Given::Kind::environment;
        if (!typed) return "must be a list of strings";
        auto items = items_of(given);
        for (auto const& item : items) {
            auto const must = item.empty() ? Must{"must not be empty"}
                              : each       ? each(item)
                                           : std::nullopt;
            if (must) return "each item " + *must;
        }
        target = std::move(items);
        return std::nullopt;
    };
    add({.key = std::move(key),
         .type = "list of strings",
         .default_text = joined(target),
         .meaning = std::move(meaning),
         .assign = std::move(assign)});
}

void ConfigTable::bind(std::string key, Secret& target, std::string meaning, Check check) {
    auto assign = [&target, check = std::move(check)](Given const& given) -> Must {
        if (!is_text(given)) return "must be a string";
        constexpr std::string_view reference = "file:";
        auto text = given.text.starts_with(reference)
                        ? read_secret_file(given.text.substr(reference.size()))
                        : std::optional(given.text);
        if (!text) return "must name a readable file of 1 to 65536 bytes";
        auto must = check ? check(*text) : std::nullopt;
        if (!must) target = Secret(std::string_view(*text));
        cleanse(*text);
        return must;
    };
    add({.key = std::move(key),
         .type = "secret, or file:PATH",
         .default_text = "",
         .meaning = std::move(meaning),
         .is_secret = true,
         .assign = std::move(assign)});
}

}  // namespace obscura::base
