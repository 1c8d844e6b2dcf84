#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>

namespace obscura::base::log {
namespace {

struct State {
    std::string service = "obscura";
    Format format = Format::readable;
    std::atomic<Level> level = Level::info;
    spdlog::logger logger{"obscura", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

    State() {
        logger.set_pattern("%v");  // lines arrive complete
        logger.set_level(spdlog::level::trace);
    }
};

State& state() {
    // Never destroyed: a thread that outlives main may still log.
    static auto* const instance = new State;
    return *instance;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
    }
    return "error";
}

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

void append_member(std::string& out, std::string_view key, std::string_view text, bool quoted) {
    out += out.empty() ? '{' : ',';
    append_json_string(out, key);
    out += ':';
    if (quoted)
        append_json_string(out, text);
    else
        out += text;
}

std::string json_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
    std::string out;
    append_member(out, "time", to_rfc3339(SystemClock{}.now()), true);
    append_member(out, "level", name_of(level), true);
    append_member(out, "service", state().service, true);
    append_member(out, "event", event, true);
    for (auto const& field : fields) append_member(out, field.key, field.text, field.quoted);
    out += '}';
    return out;
}

/// Bare words stay bare; anything that could be mistaken for more of the line is quoted.
bool is_bare(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\';
    });
}

std::string readable_line(Level level, std::string_view event,
                          std::initializer_list<Field> fields) {
    auto out = fmt::format("{} {:<5} {} {}", to_rfc3339(SystemClock{}.now()), name_of(level),
                           state().service, event);
    for (auto const& field : fields) {
        out += ' ';
        out += field.key;
        out += '=';
        if (is_bare(field.text))
            out += field.text;
        else
            append_json_string(out, field.text);
    }
    return out;
}

}  // namespace

Field::Field(std::string_view k, double v)
    : key(k), text(fmt::format("{}", v)), quoted(!std::isfinite(v)) {}

void start(std::string_view service, Level level, Format format) {
    state().service = service;
    state().format = format;
    state().level = level;
}

bool enabled(Level level) { return level >= state().level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (!enabled(level)) return;
    auto const line = state().format == Format::json ? json_line(level, event, fields)
                                                     : readable_line(level, event, fields);
    state().logger.log(spdlog_level(level), spdlog::string_view_t(line));
}

}  // namespace obscura::base::log
