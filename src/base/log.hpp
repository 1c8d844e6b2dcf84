#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

/// Structured logs behind a facade: spdlog stays in log.cpp. Any thread.
namespace obscura::base::log {

enum class Level { debug, info, warn, error };
enum class Format { readable, json };

/// One `key=value` of a log line. Secrets have no conversion to it.
struct Field {
    std::string_view key;
    std::string text;
    bool quoted = true;  ///< false for numbers and booleans

    Field(std::string_view k, std::string_view v) : key(k), text(v) {}
    Field(std::string_view k, char const* v) : key(k), text(v) {}
    Field(std::string_view k, std::string const& v) : key(k), text(v) {}
    Field(std::string_view k, bool v) : key(k), text(v ? "true" : "false"), quoted(false) {}
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    Field(std::string_view k, I v) : key(k), text(std::to_string(v)), quoted(false) {}
    Field(std::string_view k, double v);
};

/// Call once, before the first line. `service` is printed on every line.
void start(std::string_view service, Level level, Format format);
[[nodiscard]] bool enabled(Level level);

/// `event` is a stable dotted name ("copy.unknown"); `fields` say the rest.
void write(Level level, std::string_view event, std::initializer_list<Field> fields);
inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::debug)) write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::error, event, fields);
}

}  // namespace obscura::base::log
