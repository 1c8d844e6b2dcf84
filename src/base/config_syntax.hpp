#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::base {

struct SyntaxComplaint {
    std::size_t line = 1;
    std::string must;  ///< what to change
};

/// Holds a file to the part of TOML that a configuration needs: `[tables]`, keys of ASCII letters,
/// and on one line each texts, numbers, true or false, or lists of those. toml++ is strict about
/// what is inside a value but not proof against malformed keys and letters beyond ASCII outside
/// texts (it asserts, or leaves what C++ defines), so that nothing else reaches it.
[[nodiscard]] std::optional<SyntaxComplaint> check_config_syntax(std::string_view toml);

}  // namespace obscura::base
