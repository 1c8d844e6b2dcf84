#pragma once

#include "paper/exchange.hpp"
#include "paper/protocol/params.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::paper {

/// What a caller must show.
enum class Security { none, key, signature };

/// One request on its way through an endpoint, whether it came by REST or by WebSocket.
struct Call {
    Exchange& exchange;
    ParamReader& params;
    base::Timestamp now{};
    Account const* account = nullptr;         ///< set unless Security::none
    std::optional<base::Decimal> fill_share;  ///< of the fault partial_fill
    std::optional<RateLimits::OrderCounts>
        order_counts;  ///< set by an endpoint that accepts orders
};

/// One route of the venue: pure from parameters to the answer's JSON. Weights are the venue's.
struct Endpoint {
    std::string_view method;
    std::string_view path;
    Security security = Security::none;
    std::string_view websocket_method;  ///< "" when the WebSocket API does not have it
    std::uint64_t (*weight)(Params const&) = nullptr;
    Outcome<std::string> (*handle)(Call&) = nullptr;

    /// Each market counts weights and orders for itself.
    [[nodiscard]] Market market() const {
        return path.starts_with("/fapi/") ? Market::futures : Market::spot;
    }
};

/// A constant weight.
template <std::uint64_t W>
[[nodiscard]] std::uint64_t weighs(Params const&) {
    return W;
}

[[nodiscard]] std::span<Endpoint const> market_endpoints();
[[nodiscard]] std::span<Endpoint const> trading_endpoints();
[[nodiscard]] std::span<Endpoint const> account_endpoints();
[[nodiscard]] std::span<Endpoint const> futures_market_endpoints();
[[nodiscard]] std::span<Endpoint const> futures_trading_endpoints();
[[nodiscard]] std::span<Endpoint const> futures_algo_endpoints();
[[nodiscard]] std::span<Endpoint const> futures_account_endpoints();

/// All of them.
[[nodiscard]] std::vector<Endpoint> all_endpoints();

}  // namespace obscura::paper
