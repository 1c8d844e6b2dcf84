#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "model/venue_operation.hpp"

#include <cstdint>
#include <string_view>

namespace obscura::citadel {

/// The number that a symbol is: Hyperliquid signs numbers and no names, so that the operation, and
/// what an account's owner allows, name the asset by its number in the venue's own lists ("4";
/// 10000 and more on spot, 110000 and more at exchanges of builders). invalid_argument for another
/// text, one with leading zeros, and the number of another market.
[[nodiscard]] base::Result<std::uint32_t> hyperliquid_asset(model::Market market,
                                                            std::string_view symbol);
/// Of an exchange that somebody else runs there: asked for by its name, which the number is not.
[[nodiscard]] bool is_of_hyperliquids_builders(std::uint32_t asset);
/// "0x" and 32 hex digits in lower case.
[[nodiscard]] base::Result<void> check_hyperliquid_order_id(std::string_view client_order_id);

/// What Hyperliquid is to do, as its clients write it; the order of the members is part of what is
/// signed. Orders, their cancellation and leverage (with isolated margin) have such an action, and
/// nothing else ever gets one: "not_supported" (questions are not signed there). invalid_argument
/// for what the venue has no words for: market orders, fill-or-kill, hedge mode, more than 8
/// decimal places, another form of ids.
[[nodiscard]] base::Result<base::Json> hyperliquid_action(model::Market market,
                                                          model::VenueOperation const& operation);

}  // namespace obscura::citadel
