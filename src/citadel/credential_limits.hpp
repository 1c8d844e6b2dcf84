#pragma once

#include "model/venue_operation.hpp"
#include "ports/credential_seal.hpp"

#include <string>
#include <string_view>

namespace obscura::citadel {

/// The field beside a credential's others that holds what its owner allows.
inline constexpr std::string_view limits_field = "limits";

/// The context of a credential's other fields where it has limits: with their text in it, so that
/// whoever leaves the limits out, or puts others in their place, has fields that do not open.
/// `limits` itself is under the plain context.
[[nodiscard]] std::string limited_context(std::string_view context, std::string_view limits);
/// Whether it is one of those, of a connection. A caller who could name it would have the fields
/// opened without the limits: their text is no secret.
[[nodiscard]] bool is_limited_context(std::string_view context);

/// invalid_argument "limit_symbol" for an order, or a setting of orders, in a symbol that is not in
/// the list. The notionals are `NotionalLedger`'s.
[[nodiscard]] base::Result<void> check_limits(ports::CredentialLimits const& limits,
                                              model::VenueOperation const& operation);

}  // namespace obscura::citadel
