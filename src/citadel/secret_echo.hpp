#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// Whether `text` has one of `secrets` in it: as it is, in hex, in base64 however it is cut, or
/// under the escapes of JSON or of URLs. Those shorter than `shortest_told` are not looked for:
/// they would be found everywhere, and venues take none.
[[nodiscard]] bool tells_any(std::string_view text, std::span<std::string_view const> secrets);
inline constexpr std::size_t shortest_told = 6;
/// What else `text` may be read as: without the escapes of JSON and of URLs, of both or of URLs
/// alone. Empty where it has none. Of a text with secrets each wants wiping.
[[nodiscard]] std::vector<std::string> readings_of(std::string_view text);

}  // namespace obscura::citadel
