// Hyperliquid's exchange endpoint: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api.
#include "citadel/hyperliquid_action.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;

std::unexpected<base::Error> not_allowed(std::string_view member, std::string detail) {
    return std::unexpected(
        base::field_error("/operation/" + std::string(member), "not_allowed", std::move(detail)));
}

/// "0x" and 32 digits in lower case: 128 bits, and one text for each.
bool is_client_order_id(std::string_view text) {
    return text.size() == 34 && text.starts_with("0x") &&
           std::ranges::all_of(text.substr(2), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Result<void> check_client_order_id(std::string_view text) {
    if (is_client_order_id(text)) return {};
    return not_allowed("client_order_id", "Must be 0x and 32 of 0-9 and a-f.");
}

bool has_8_places(base::Decimal value) {
    static_assert(base::Decimal::places == 12);
    return value.raw() % 10'000 == 0;
}

Result<std::string_view> time_in_force(model::TimeInForce tif) {
    switch (tif) {
        case model::TimeInForce::gtc:
            return "Gtc";
        case model::TimeInForce::ioc:
            return "Ioc";
        case model::TimeInForce::fok:
            return not_allowed("time_in_force", "Hyperliquid knows no fill-or-kill.");
    }
    std::unreachable();
}

Result<void> check_order(model::PlaceOrder const& order) {
    if (auto good = check_client_order_id(order.client_order_id); !good) return good;
    if (order.type != model::OrderType::limit)
        return not_allowed("type", "Hyperliquid has limit orders only; ioc fills at once.");
    if (order.position_side != model::PositionSide::both)
        return not_allowed("position_side", "Hyperliquid has no hedge mode.");
    if (!order.quantity.is_positive() || !has_8_places(order.quantity.value))
        return not_allowed("quantity", "Must be greater than 0, with at most 8 decimal places.");
    if (!order.limit_price || !order.limit_price->is_positive() ||
        !has_8_places(order.limit_price->value))
        return not_allowed("limit_price", "Must be greater than 0, with at most 8 decimal places.");
    return {};
}

Result<Json> action(std::uint32_t asset, model::PlaceOrder const& order) {
    if (auto good = check_order(order); !good) return std::unexpected(std::move(good.error()));
    auto const tif = time_in_force(order.time_in_force);
    if (!tif) return std::unexpected(tif.error());
    auto wire = Json::object({{"a", asset},
                              {"b", order.side == model::Side::buy},
                              {"p", order.limit_price->to_string()},
                              {"s", order.quantity.to_string()},
                              {"r", order.reduce_only},
                              {"t", Json::object({{"limit", Json::object({{"tif", *tif}})}})},
                              {"c", order.client_order_id}});
    return Json::object(
        {{"type", "order"}, {"orders", Json::array({std::move(wire)})}, {"grouping", "na"}});
}

Result<Json> action(std::uint32_t asset, model::CancelOrder const& cancel) {
    if (auto good = check_client_order_id(cancel.client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    auto wire = Json::object({{"asset", asset}, {"cloid", cancel.client_order_id}});
    return Json::object({{"type", "cancelByCloid"}, {"cancels", Json::array({std::move(wire)})}});
}

template <class Other>
Result<Json> action(std::uint32_t, Other const&) {
    return base::fail(base::Errc::invalid_argument, "not_supported",
                      "Only orders and their cancellation are signed for Hyperliquid.");
}

}  // namespace

Result<Json> hyperliquid_action(std::uint32_t asset, model::VenueOperation const& operation) {
    return std::visit([&](auto const& typed) { return action(asset, typed); }, operation);
}

}  // namespace obscura::citadel
