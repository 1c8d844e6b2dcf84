#pragma once

#include <span>
#include <string_view>

namespace obscura::citadel {

/// Whether `text` has one of `secrets` in it: as it is, in base64, or under the escapes of JSON or
/// of URLs. Those shorter than `shortest_told` are not looked for: they would be found everywhere,
/// and venues take none.
[[nodiscard]] bool tells_any(std::string_view text, std::span<std::string_view const> secrets);
inline constexpr std::size_t shortest_told = 6;

}  // namespace obscura::citadel
