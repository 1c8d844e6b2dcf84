#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace obscura::app {

/// What a good receipt was found to be.
struct CheckedReceipt {
    std::string id;
    std::string key_id;
    std::optional<base::Timestamp> key_retired_at;
};

/// A receipt as `GET /v2/receipts/{id}` answers, against the keys of
/// `/.well-known/obscura-receipt-keys`. The error's reason is the check that failed: "document" (no
/// receipt, or a member that is missing, unknown or of another form), "unsigned", "keys" (no list
/// of keys), "key" (not in the list), "key_validity" (made after the key was retired), "signature".
[[nodiscard]] base::Result<CheckedReceipt> check_receipt(std::string_view receipt,
                                                         std::string_view keys);

}  // namespace obscura::app
