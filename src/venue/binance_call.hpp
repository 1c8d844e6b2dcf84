#pragma once

#include "net/client.hpp"
#include "ports/signer.hpp"

#include <expected>
#include <string>
#include <vector>

namespace obscura::venue {

/// A signed request as the client sends it.
struct SignedCall {
    std::string origin;
    net::Request request;
};
/// Refuses (as NotSent would) what is addressed outside of `rest_origins`.
[[nodiscard]] std::expected<SignedCall, std::string> to_call(
    ports::SignedRequest signed_request, std::vector<std::string> const& rest_origins);

/// unavailable "venue_not_called".
[[nodiscard]] base::Error not_called(std::string const& why);
[[nodiscard]] bool is_success(net::Response const& response);

}  // namespace obscura::venue
