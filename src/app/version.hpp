#pragma once

namespace obscura::app {

/// Of the whole product; from CMakeLists.txt.
inline constexpr auto version = OBSCURA_VERSION;

}  // namespace obscura::app
