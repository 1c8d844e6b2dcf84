#pragma once

#include <chrono>
#include <cstdint>

namespace obscura::app {

// How a good client takes the answers of a venue and a gateway that are being killed.

inline constexpr std::chrono::seconds client_patience{120};  ///< everything recovers sooner
inline constexpr std::chrono::milliseconds pause_between_tries{100};

inline constexpr std::int64_t no_such_order = -2013;
inline constexpr std::int64_t nothing_to_cancel = -2011;
/// The request lay somewhere for longer than its life.
inline constexpr std::int64_t too_late = -1021;

/// Down, busy or broken: the same again may pass.
[[nodiscard]] constexpr bool may_pass(unsigned status) { return status >= 500 || status == 429; }

}  // namespace obscura::app
