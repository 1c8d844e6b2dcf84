#pragma once

#include "citadel/venue_request.hpp"

#include <chrono>
#include <string_view>

namespace obscura::citadel {

/// The message that logs into the private stream of a venue which wants the passphrase as it is and
/// signs a look at `path`: OKX, and Bitget after it. `stamp_age`: how old its time stamp may be.
/// invalid_argument for a request's id that is none; the message has no member for it.
[[nodiscard]] base::Result<ports::SignedRequest> passphrase_login(SigningTask const& task,
                                                                  model::StreamLogin const& login,
                                                                  std::string_view path,
                                                                  std::chrono::seconds stamp_age);

}  // namespace obscura::citadel
