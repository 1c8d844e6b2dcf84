#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http.hpp"
#include "ports/signer.hpp"

#include <string>
#include <string_view>
#include <variant>

/// The text frames of `/relay`. Binary frames are the venue's bytes.
namespace obscura::citadel {

/// What became of an item that has no answer of the venue's.
enum class RelayOutcome { refused, not_sent, unknown };

/// The caller's connection to the venue has ended.
struct VenueClosed {};
using RelayFrame = std::variant<ports::SignItem, VenueClosed>;

/// `{"item": {...as in /sign...}}` or `{"venue": "closed"}`. The error's id, where the frame has
/// one, is given back in `id`: then one item is wrong, and not the caller.
[[nodiscard]] base::Result<RelayFrame> relay_frame(std::string_view text,
                                                   base::Timestamp default_not_after,
                                                   std::string& id);

/// `{"id","status","headers","body"}`.
[[nodiscard]] std::string relay_answer(std::string_view id, net::Response const& response);
/// `{"id","outcome","error"}`; without an id it is about the whole relay.
[[nodiscard]] std::string relay_failure(std::string_view id, RelayOutcome outcome,
                                        base::Error const& error);

/// The fields of a venue's answer that a caller needs: what it may still ask, when, how to read the
/// body. Cookies and whatever else names the account stay here.
[[nodiscard]] net::Headers relayed_headers(net::Headers const& headers);

}  // namespace obscura::citadel
