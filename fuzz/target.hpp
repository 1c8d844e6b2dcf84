#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace obscura::fuzz {

/// What a target is made of: it feeds one input to the code under test and checks with `must` what
/// holds for all of them.
void try_input(std::string_view input);

/// Ends the process when `holds` is false, so that libFuzzer keeps the input.
inline void must(bool holds, std::string_view what) {
    if (holds) return;
    std::fprintf(stderr, "BROKEN: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

/// The first byte, which chooses, and the rest. An empty input chooses 0.
inline std::pair<unsigned, std::string_view> choice_and_rest(std::string_view input) {
    if (input.empty()) return {0, input};
    return {static_cast<unsigned char>(input[0]), input.substr(1)};
}

/// What stands before the first newline, taken off `input` with it.
inline std::string_view take_line(std::string_view& input) {
    auto const line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    return line;
}

}  // namespace obscura::fuzz
