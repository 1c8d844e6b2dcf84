#pragma once

#include "base/error.hpp"

namespace obscura::citadel {

/// From here on the kernel lets this process, all its threads, do what citadel does and nothing
/// else: sockets, its own files, memory that is not both writable and executable. Starting a
/// program, looking into another process and loading code into the kernel end it at once (SIGSYS);
/// other calls are refused with EPERM. It cannot be taken back. unavailable where the kernel does
/// not let a filter be set; the process then goes on without.
[[nodiscard]] base::Result<void> restrict_system_calls();

}  // namespace obscura::citadel
