#pragma once

#include "paper/engine/facts.hpp"

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::paper {

/// Facts as text: one line per batch, "<crc32 hex> <fact>|<fact>...\n", fields separated by spaces,
/// texts percent-encoded. Written without a JSON tree: it is on the way of every order.
void append_line(std::string& out, std::span<Fact const> facts);

/// The facts of a line (without its '\n'); the error says what is wrong with it.
[[nodiscard]] std::expected<std::vector<Fact>, std::string> parse_line(std::string_view line);

}  // namespace obscura::paper
