#pragma once

#include "base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::base {

/// Where environment variables come from: `environ` in production, a map in tests.
using Environment = std::map<std::string, std::string>;
[[nodiscard]] Environment process_environment();

/// Bounds of a number, both inclusive.
struct ConfigRange {
    std::int64_t min = INT64_MIN;
    std::int64_t max = INT64_MAX;
};

/// The settings of one service, declared once: key, where the value goes, what it means, what is
/// allowed. Values come from the defaults, then a TOML file, then the environment
/// (`OBSCURA_<SECTION>_<KEY>`, or the conventional alias given). Every wrong or unknown key is
/// reported, all at once. The same table prints the reference page.
///
///     ConfigTable table;
///     table.bind("gateway.port", config.port, "TCP port", {.min = 0, .max = 65535});
///     auto const errors = table.load(toml_text, "gateway.toml", process_environment());
class ConfigTable {
public:
    using Range = ConfigRange;
    /// Returns what a value must be, or nullopt when it is fine.
    using Check = std::function<std::optional<std::string>(std::string const&)>;

    void bind(std::string key, std::string& target, std::string meaning, Check check = {});
    void bind(std::string key, bool& target, std::string meaning);
    void bind(std::string key, std::int64_t& target, std::string meaning, Range range = {});
    void bind(std::string key, std::uint16_t& target, std::string meaning,
              Range range = {0, 65535});
    void bind(std::string key, std::size_t& target, std::string meaning,
              Range range = {0, INT64_MAX});
    /// Written with a unit: "250ms", "10s", "5m", "1h".
    void bind(std::string key, std::chrono::milliseconds& target, std::string meaning,
              Range range_ms = {0, INT64_MAX});
    void bind(std::string key, std::vector<std::string>& target, std::string meaning,
              Check each = {});
    /// Never printed.
    void bind(std::string key, Secret& target, std::string meaning, Check check = {});

    /// The last bound key must be given.
    ConfigTable& required();
    /// The last bound key is also read from this environment variable (DATABASE_URL and the like).
    ConfigTable& alias(std::string variable);

    /// Sets the targets; returns every complaint as "file: section.key = value: must be ...".
    [[nodiscard]] std::vector<std::string> load(std::string_view toml, std::string_view file_name,
                                                Environment const& environment);
    /// Markdown table of every key: type, default, meaning.
    [[nodiscard]] std::string reference() const;

private:
    /// A value before it is understood. The environment gives text only; TOML must have the type.
    struct Given {
        enum class Kind { environment, text, integer, boolean, list, other };
        Kind kind = Kind::environment;
        std::string text;
        std::vector<std::string> items;  ///< of a list of strings
        std::string source;              ///< "gateway.toml: gateway.port" or "environment: NAME"
    };
    struct Entry {
        std::string key;
        std::string type;
        std::string default_text;
        std::string meaning;
        bool is_required = false;
        bool is_secret = false;
        std::vector<std::string> aliases;
        /// Sets the target, or says what the value must be.
        std::function<std::optional<std::string>(Given const&)> assign;
    };
    struct TomlReader;

    void add(Entry entry);
    template <class Integer>
    void bind_integer(std::string key, Integer& target, std::string meaning, Range range);
    [[nodiscard]] static std::optional<Given> from_environment(Entry const& entry,
                                                               Environment const& environment);
    [[nodiscard]] static std::vector<std::string> items_of(Given const& given);
    [[nodiscard]] static bool is_text(Given const& given);

    std::vector<Entry> entries_;
};

}  // namespace obscura::base
