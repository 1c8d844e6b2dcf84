#pragma once

#include "paper/engine/state.hpp"
#include "paper/protocol/order_request.hpp"

#include <span>
#include <string>

namespace obscura::paper {

// Orders and fills in the venue's JSON, member by member in its documented order.

[[nodiscard]] std::string render_placed(Order const& order, ResponseType type,
                                        Catalogue const& catalogue);
/// `own_id` is the canceling request's client id.
[[nodiscard]] std::string render_canceled(Order const& order, std::string_view own_id,
                                          Catalogue const& catalogue);
[[nodiscard]] std::string render_order(Order const& order, Catalogue const& catalogue);
[[nodiscard]] std::string render_orders(std::span<Order const* const> orders,
                                        Catalogue const& catalogue);

struct TradeView {
    Order const* order = nullptr;
    Fill const* fill = nullptr;
};
[[nodiscard]] std::string render_my_trades(std::span<TradeView const> trades,
                                           Catalogue const& catalogue);

/// The asset that an order's fills pay their commission in: the received one.
[[nodiscard]] std::string const& commission_asset(Order const& order, Catalogue const& catalogue);

}  // namespace obscura::paper
