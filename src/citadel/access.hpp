#pragma once

#include "citadel/callers.hpp"

namespace obscura::citadel {

/// What a route asks of its caller (`net::Route::access`).
enum class Access : int { open, encrypt_texts, decrypt_texts, rewrap_texts, sign, open_seals };

/// forbidden "decrypt_disabled", or "forbidden".
[[nodiscard]] base::Result<void> check_access(Caller const& caller, Access access);

}  // namespace obscura::citadel
