#pragma once

#include "net/http.hpp"
#include "ports/signer.hpp"

#include <expected>

namespace obscura::venue {

/// The way to a venue for requests that are not handed out: citadel makes them of the item and
/// sends them itself. Event-loop thread.
class Relay {
public:
    using Answer = std::expected<net::Response, ports::RelayFailure>;

    virtual ~Relay() = default;
    /// The venue's answer to the item's operation. Never tries twice what may have been sent.
    [[nodiscard]] virtual ports::Task<Answer> send(ports::SignItem item) = 0;
};

}  // namespace obscura::venue
