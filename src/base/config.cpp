#include "base/config.hpp"

#include "base/config_syntax.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace obscura::base {
namespace {

std::string variable_for(std::string_view key) {
    std::string out = "OBSCURA_";
    for (char const c : key) {
        out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return out;
}

/// Of complaints, which are one line each.
std::string without_controls(std::string text) {
    auto const is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    std::ranges::replace_if(text, is_control, ' ');
    return text;
}

/// A wrong value as a complaint shows it: short, and without the password of a URL.
std::string shown(std::string value) {
    auto const scheme = value.find("://");
    auto const at = value.rfind('@');
    if (scheme != value.npos && at != value.npos && at > scheme) {
        value.replace(scheme + 3, at - scheme - 3, "***");
    }
    constexpr std::size_t longest = 100;
    if (value.size() > longest) value = value.substr(0, longest) + "...";
    return without_controls(std::move(value));
}

}  // namespace

Environment process_environment() {
    Environment out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view const text = *entry;
        auto const equals = text.find('=');
        if (equals != text.npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

/// Every value of a TOML document under its dotted key.
struct ConfigTable::TomlReader {
    using Kind = Given::Kind;
    std::string file;
    std::map<std::string, Given> values;

    void flatten(toml::table const& table, std::string const& prefix) {
        for (auto const& [name, node] : table) {
            auto const key = prefix + std::string(name.str());
            if (auto const* inner = node.as_table())
                flatten(*inner, key + ".");
            else
                values.emplace(key, read(node, key));
        }
    }

private:
    [[nodiscard]] Given read(toml::node const& node, std::string const& key) const {
        Given given{.kind = Kind::other, .text = "...", .items = {}, .source = file + ": " + key};
        if (auto const* text = node.as_string()) {
            given.kind = Kind::text;
            given.text = text->get();
        } else if (auto const* number = node.as_integer()) {
            given.kind = Kind::integer;
            given.text = std::to_string(number->get());
        } else if (auto const* boolean = node.as_boolean()) {
            given.kind = Kind::boolean;
            given.text = boolean->get() ? "true" : "false";
        } else if (auto const* decimal = node.as_floating_point()) {
            given.text = fmt::format("{}", decimal->get());
        } else if (auto const* array = node.as_array()) {
            read_items(*array, given);
        }
        return given;
    }
    static void read_items(toml::array const& array, Given& given) {
        for (auto const& item : array) {
            auto const* text = item.as_string();
            if (text == nullptr) return;  // stays Kind::other, which nothing accepts
            given.items.push_back(text->get());
        }
        given.kind = Kind::list;
        given.text = fmt::format("a list of {}", given.items.size());
    }
};

std::optional<ConfigTable::Given> ConfigTable::from_environment(Entry const& entry,
                                                                Environment const& environment) {
    auto names = entry.aliases;
    names.insert(names.begin(), variable_for(entry.key));
    for (auto const& name : names) {
        auto const found = environment.find(name);
        // Compose files and unit files write `NAME=` for "not set".
        if (found == environment.end() || found->second.empty()) continue;
        return Given{.kind = Given::Kind::environment,
                     .text = found->second,
                     .items = {},
                     .source = "environment: " + name};
    }
    return std::nullopt;
}

std::vector<std::string> ConfigTable::load(std::string_view toml, std::string_view file_name,
                                           Environment const& environment) {
    if (auto const wrong = check_config_syntax(toml))
        return {fmt::format("{}: line {}: {}", file_name, wrong->line, wrong->must)};
    TomlReader reader{.file = std::string(file_name), .values = {}};
    try {
        reader.flatten(toml::parse(toml), "");
    } catch (toml::parse_error const& e) {
        return {fmt::format("{}: line {}: {}", file_name, e.source().begin.line,
                            without_controls(std::string(e.description())))};
    }
    std::vector<std::string> complaints;
    std::set<std::string> known;
    for (auto const& entry : entries_) {
        known.insert(entry.key);
        auto given = from_environment(entry, environment);
        if (auto const in_file = reader.values.find(entry.key);
            !given && in_file != reader.values.end()) {
            given = in_file->second;
        }
        if (!given) {
            if (entry.is_required) {
                complaints.push_back(fmt::format("{}: {}: must be given (or {} in the environment)",
                                                 file_name, entry.key, variable_for(entry.key)));
            }
            continue;
        }
        if (auto const must = entry.assign(*given)) {
            auto const value = entry.is_secret ? "(hidden)" : shown(given->text);
            complaints.push_back(fmt::format("{} = {}: {}", given->source, value, *must));
        }
        if (entry.is_secret) cleanse(given->text);
    }
    for (auto const& [key, given] : reader.values) {
        // Without its value: it may be a misspelt secret.
        if (!known.contains(key)) complaints.push_back(given.source + ": is not a known key");
    }
    return complaints;
}

std::string ConfigTable::reference() const {
    auto const cell = [](std::string text) {
        for (std::size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2) {
            text.insert(at, 1, '\\');
        }
        return text;
    };
    std::string out = "| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
    for (auto const& entry : entries_) {
        auto meaning = entry.meaning;
        for (auto const& name : entry.aliases) meaning += fmt::format(" Also `{}`.", name);
        auto const fallback = entry.is_required            ? "required"
                              : entry.default_text.empty() ? ""
                                                           : "`" + shown(entry.default_text) + "`";
        out += fmt::format("| `{}` | {} | {} | {} |\n", entry.key, entry.type, cell(fallback),
                           cell(meaning));
    }
    return out;
}

}  // namespace obscura::base
