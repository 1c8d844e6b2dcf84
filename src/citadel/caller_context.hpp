#pragma once

#include "base/decode.hpp"

#include <string>

namespace obscura::citadel {

/// Who reads a context that a caller wrote.
enum class ContextUse { seal_or_open, rewrap };

/// The member `context` of what a caller sent, empty where there is none. Those that begin with
/// "obscura/" are citadel's own: a caller who could open under one would read a private key, and
/// one who could seal under one would have citadel sign with a key of his. Whoever rewraps sees
/// nothing of what he rewraps: held keys are renewed that way. So are those of credentials with
/// limits (`limited_context`): they are made here, of the limits themselves.
[[nodiscard]] std::string read_caller_context(base::ObjectReader& in,
                                              ContextUse use = ContextUse::seal_or_open);

}  // namespace obscura::citadel
