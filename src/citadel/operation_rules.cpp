#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {

using base::Result;

namespace {

bool is_of(Spelling const& spelling, std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (spelling.upper && c >= 'A' && c <= 'Z') ||
               (spelling.lower && c >= 'a' && c <= 'z') ||
               (spelling.digits && c >= '0' && c <= '9') ||
               spelling.also.find(c) != std::string_view::npos;
    });
}

}  // namespace

bool fits(Spelling const& spelling, std::string_view text) {
    if (text.size() < spelling.min || text.size() > spelling.max) return false;
    if (!text.starts_with(spelling.prefix)) return false;
    text.remove_prefix(spelling.prefix.size());
    if (!text.ends_with(spelling.suffix)) return false;
    text.remove_suffix(spelling.suffix.size());
    if (spelling.between == '\0') return is_of(spelling, text);
    auto const at = text.find(spelling.between);
    return at != std::string_view::npos && is_of(spelling, text.substr(0, at)) &&
           is_of(spelling, text.substr(at + 1));
}

Result<void> check_symbol(OperationRules const& rules, std::string_view symbol) {
    if (fits(rules.symbol, symbol)) return {};
    return not_allowed("symbol", std::string(rules.symbol.says));
}

Result<void> check_order_name(OperationRules const& rules, std::string_view symbol,
                              std::string_view client_order_id) {
    if (auto good = check_symbol(rules, symbol); !good) return good;
    if (fits(rules.client_order_id, client_order_id)) return {};
    return not_allowed("client_order_id", std::string(rules.client_order_id.says));
}

namespace {

Result<void> check_order_leverage(OperationRules const& rules, model::PlaceOrder const& order) {
    if (!order.leverage) {
        bool const opens = !order.reduce_only && !closes_position(order);
        if (!rules.orders_name_leverage || !opens) return {};
        return not_allowed("leverage", "The venue's orders name it.");
    }
    if (!rules.orders_name_leverage)
        return not_allowed("leverage", "The venue's orders do not name it.");
    if (*order.leverage >= 1 && *order.leverage <= model::max_leverage) return {};
    return not_allowed("leverage", "Must be 1 to 125.");
}

}  // namespace

Result<void> check_order(OperationRules const& rules, model::Market market,
                         model::PlaceOrder const& order) {
    if (auto good = check_order_name(rules, order.symbol, order.client_order_id); !good)
        return good;
    if (!order.quantity.is_positive()) return not_allowed("quantity", "Must be greater than 0.");
    if (rules.whole_contracts && order.quantity.to_string().find('.') != std::string::npos)
        return not_allowed("quantity", "The venue counts whole contracts.");
    bool const is_limit = order.type == model::OrderType::limit;
    if (is_limit && !(order.limit_price && order.limit_price->is_positive()))
        return not_allowed("limit_price", "A limit order needs a price greater than 0.");
    if (auto good = check_order_leverage(rules, order); !good) return good;
    if (order.position_side == model::PositionSide::both) return {};
    if (market == model::Market::spot)
        return not_allowed("position_side", "Spot has no positions.");
    if (order.reduce_only)
        return not_allowed("reduce_only", "The position side says what is reduced.");
    return {};
}

Result<void> check_trades(OperationRules const& rules, model::ListTrades const& list) {
    if (auto good = check_symbol(rules, list.symbol); !good) return good;
    if (list.from_id) return not_allowed("from_id", "The venue tells trades by time or by order.");
    if (list.venue_order_id && !fits(rules.venue_order_id, *list.venue_order_id))
        return not_allowed("venue_order_id", std::string(rules.venue_order_id.says));
    if (list.limit < 1 || list.limit > 1000) return not_allowed("limit", "Must be 1 to 1000.");
    return {};
}

Result<void> check_leverage(OperationRules const& rules, model::SetLeverage const& change) {
    if (auto good = check_symbol(rules, change.symbol); !good) return good;
    if (change.leverage >= 1 && change.leverage <= model::max_leverage) return {};
    return not_allowed("leverage", "Must be 1 to 125.");
}

bool closes_position(model::PlaceOrder const& order) {
    return (order.position_side == model::PositionSide::long_side &&
            order.side == model::Side::sell) ||
           (order.position_side == model::PositionSide::short_side &&
            order.side == model::Side::buy);
}

std::string_view lower_time_in_force(model::TimeInForce tif) {
    return name_of(tif, model::time_in_force_names);
}

std::string_view upper_time_in_force(model::TimeInForce tif) {
    switch (tif) {
        case model::TimeInForce::gtc:
            return "GTC";
        case model::TimeInForce::ioc:
            return "IOC";
        case model::TimeInForce::fok:
            return "FOK";
    }
    std::unreachable();
}

}  // namespace obscura::citadel
