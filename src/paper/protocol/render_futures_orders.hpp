#pragma once

#include "paper/engine/futures/state.hpp"
#include "paper/protocol/render_orders.hpp"

#include <span>
#include <string>

namespace obscura::paper {

// The futures market's orders and fills in the venue's JSON.

/// ACK shows the order as it was accepted, RESULT as it stands.
[[nodiscard]] std::string render_futures_placed(Order const& order, ResponseType type,
                                                Catalogue const& catalogue);
[[nodiscard]] std::string render_futures_order(Order const& order, Catalogue const& catalogue);
[[nodiscard]] std::string render_futures_orders(std::span<Order const* const> orders,
                                                Catalogue const& catalogue);
[[nodiscard]] std::string render_user_trades(std::span<TradeView const> trades,
                                             Catalogue const& catalogue);
[[nodiscard]] std::string render_algo(AlgoOrder const& algo, FuturesState const& state);
[[nodiscard]] std::string render_algos(std::span<AlgoOrder const* const> algos,
                                       FuturesState const& state);

/// 0 before anything is executed.
[[nodiscard]] base::Price average_of(Order const& order);

}  // namespace obscura::paper
