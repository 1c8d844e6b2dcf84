#pragma once

#include "base/error.hpp"
#include "base/json.hpp"

#include <string>
#include <string_view>

namespace obscura::model {

/// What stands in front of a signed receipt's text, so that no other statement reads as one.
inline constexpr std::string_view receipt_label = "obscura/receipt/v1";

/// The text that is signed of a receipt: the label, a line feed, and the receipt as canonical JSON
/// (RFC 8785). `receipt` is the document that its owner downloads, without `signature`: every
/// member of it counts. invalid_argument where a member is missing, unknown or of another type, or
/// where a number is written in another way than its canonical one. docs/receipts.md
[[nodiscard]] base::Result<std::string> receipt_text(base::Json const& receipt);

}  // namespace obscura::model
