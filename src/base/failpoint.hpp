#pragma once

#include <chrono>
#include <string_view>

namespace obscura::base {

/// A named step at which a fault can be injected. `base/failpoint_off.cpp` (an empty function) is
/// linked into the product; test executables link `failpoint_on.cpp`, which obeys the environment:
///   OBSCURA_FAILPOINT="<name>:<nth>:<action>", action
///     kill            raise SIGKILL here
///     report:<fifo>   write "<name>\n" to the fifo and stop (SIGSTOP) until continued
/// `nth` counts from 1. Names are listed in tests/failpoints.txt, which a test keeps true.
void failpoint(std::string_view name);

/// Whether this executable obeys OBSCURA_FAILPOINT: `obscura chaos` runs from no other.
[[nodiscard]] bool has_failpoints();

/// True in the product, always. A test executable answers false for the one safeguard that
/// OBSCURA_GUARD_OFF names, so that the fault suite can show that it would find the harm.
[[nodiscard]] bool guard(std::string_view name);

/// How far the wall clock of this host is off: nothing in the product, always. A test executable
/// reads it, in microseconds, from the first eight bytes of the file that OBSCURA_CLOCK_FILE names
/// whenever it is asked, so that the fault suite can step the clock of many processes at once.
[[nodiscard]] std::chrono::microseconds clock_step();

}  // namespace obscura::base
