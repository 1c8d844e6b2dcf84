#pragma once

#include "base/json.hpp"
#include "net/http.hpp"
#include "ports/signer.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// The text frames of citadel's `/relay` as its client writes and reads them.
namespace obscura::peers {

using ports::RelayFailure;
/// The venue's answer: its status, the headers that citadel passes on, its body.
using RelayAnswer = std::expected<net::Response, RelayFailure>;

namespace relay_wire {

inline constexpr std::string_view venue_closed = R"({"venue":"closed"})";
[[nodiscard]] std::string item_frame(ports::SignItem const& item);

struct Heard {
    std::string id;  ///< empty: about the whole relay
    RelayAnswer answer;
};
/// nullopt for what makes no sense.
[[nodiscard]] std::optional<Heard> read_frame(std::string_view text);

}  // namespace relay_wire
}  // namespace obscura::peers
