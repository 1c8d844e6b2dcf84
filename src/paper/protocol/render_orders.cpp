#include "paper/protocol/render_orders.hpp"

#include "paper/protocol/json_text.hpp"
#include "paper/protocol/names.hpp"

namespace obscura::paper {
namespace {

std::int64_t id_of(OrderId id) { return static_cast<std::int64_t>(id.value); }
std::int64_t id_of(TradeId id) { return static_cast<std::int64_t>(id.value); }

base::Decimal value_of(Fill const& fill) {
    return notional(fill.price, fill.quantity, base::Rounding::toward_zero).value;
}

/// The members that every rendering of an order's state shares, in this order.
void add_state(JsonText& json, Order const& order) {
    json.amount("price", order.price)
        .amount("origQty", order.quantity)
        .amount("executedQty", order.executed)
        .amount("origQuoteOrderQty", order.quote_quantity)
        .amount("cummulativeQuoteQty", order.executed_quote)
        .text("status", wire(order.status))
        .text("timeInForce", wire(order.time_in_force))
        .text("type", wire(order.kind))
        .text("side", wire(order.side));
}

void add_order(JsonText& json, Order const& order, Catalogue const& catalogue) {
    json.begin_object()
        .text("symbol", catalogue.instrument(order.symbol).symbol)
        .number("orderId", id_of(order.id))
        .number("orderListId", -1)
        .text("clientOrderId", order.client_id);
    add_state(json, order);
    json.amount("stopPrice", base::Decimal{})
        .amount("icebergQty", base::Decimal{})
        .number("time", base::to_unix_ms(order.accepted_at))
        .number("updateTime", base::to_unix_ms(order.updated_at))
        .flag("isWorking", true)
        .number("workingTime", base::to_unix_ms(order.accepted_at))
        .text("selfTradePreventionMode", "NONE")
        .end_object();
}

void add_fills(JsonText& json, Order const& order, Catalogue const& catalogue) {
    json.begin_array("fills");
    for (auto const& fill : order.fills) {
        json.begin_object()
            .amount("price", fill.price)
            .amount("qty", fill.quantity)
            .amount("commission", fill.commission)
            .text("commissionAsset", commission_asset(order, catalogue))
            .number("tradeId", id_of(fill.trade))
            .end_object();
    }
    json.end_array();
}

}  // namespace

std::string const& commission_asset(Order const& order, Catalogue const& catalogue) {
    auto const& instrument = catalogue.instrument(order.symbol);
    return catalogue.asset(order.side == Side::buy ? instrument.base_asset
                                                   : instrument.quote_asset);
}

std::string render_placed(Order const& order, ResponseType type, Catalogue const& catalogue) {
    JsonText json(1024);
    json.begin_object()
        .text("symbol", catalogue.instrument(order.symbol).symbol)
        .number("orderId", id_of(order.id))
        .number("orderListId", -1)
        .text("clientOrderId", order.client_id)
        .number("transactTime", base::to_unix_ms(order.updated_at));
    if (type != ResponseType::ack) {
        add_state(json, order);
        json.number("workingTime", base::to_unix_ms(order.accepted_at));
        if (type == ResponseType::full) add_fills(json, order, catalogue);
        json.text("selfTradePreventionMode", "NONE");
    }
    json.end_object();
    return json.take();
}

std::string render_canceled(Order const& order, std::string_view own_id,
                            Catalogue const& catalogue) {
    JsonText json;
    json.begin_object()
        .text("symbol", catalogue.instrument(order.symbol).symbol)
        .text("origClientOrderId", order.client_id)
        .number("orderId", id_of(order.id))
        .number("orderListId", -1)
        .text("clientOrderId", own_id)
        .number("transactTime", base::to_unix_ms(order.updated_at));
    add_state(json, order);
    json.text("selfTradePreventionMode", "NONE").end_object();
    return json.take();
}

std::string render_order(Order const& order, Catalogue const& catalogue) {
    JsonText json;
    add_order(json, order, catalogue);
    return json.take();
}

std::string render_orders(std::span<Order const* const> orders, Catalogue const& catalogue) {
    JsonText json;
    json.begin_array();
    for (auto const* order : orders) add_order(json, *order, catalogue);
    json.end_array();
    return json.take();
}

std::string render_my_trades(std::span<TradeView const> trades, Catalogue const& catalogue) {
    JsonText json;
    json.begin_array();
    for (auto const& [order, fill] : trades) {
        json.begin_object()
            .text("symbol", catalogue.instrument(order->symbol).symbol)
            .number("id", id_of(fill->trade))
            .number("orderId", id_of(order->id))
            .number("orderListId", -1)
            .amount("price", fill->price)
            .amount("qty", fill->quantity)
            .amount("quoteQty", value_of(*fill))
            .amount("commission", fill->commission)
            .text("commissionAsset", commission_asset(*order, catalogue))
            .number("time", base::to_unix_ms(fill->time))
            .flag("isBuyer", order->side == Side::buy)
            .flag("isMaker", fill->is_maker)
            .flag("isBestMatch", true)
            .end_object();
    }
    json.end_array();
    return json.take();
}

}  // namespace obscura::paper
