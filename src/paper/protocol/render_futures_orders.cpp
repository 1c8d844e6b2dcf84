#include "paper/protocol/render_futures_orders.hpp"

#include "paper/protocol/futures_names.hpp"
#include "paper/protocol/json_text.hpp"

namespace obscura::paper {
namespace {

std::int64_t number_of(OrderId id) { return static_cast<std::int64_t>(id.value); }

/// The members that every rendering of an order shares.
void add_terms(JsonText& json, Order const& order, Catalogue const& catalogue) {
    auto const type = futures_type(order);
    json.number("orderId", number_of(order.id))
        .text("symbol", catalogue.instrument(order.symbol).symbol)
        .text("status", wire(order.status))
        .text("clientOrderId", order.client_id)
        .amount("price", order.price)
        .amount("avgPrice", average_of(order))
        .amount("origQty", order.quantity)
        .amount("executedQty", order.executed)
        .amount("cumQuote", order.executed_quote)
        .text("timeInForce", futures_time_in_force(order))
        .text("type", type)
        .flag("reduceOnly", order.contract.reduce_only)
        .flag("closePosition", false)
        .text("side", wire(order.side))
        .text("positionSide", wire(order.contract.position_side))
        .amount("stopPrice", base::Decimal{})
        .text("workingType", "CONTRACT_PRICE")
        .flag("priceProtect", false)
        .text("origType", type)
        .text("priceMatch", "NONE")
        .text("selfTradePreventionMode", "NONE")
        .number("goodTillDate", 0);
}

void add_futures_order(JsonText& json, Order const& order, Catalogue const& catalogue) {
    json.begin_object();
    add_terms(json, order, catalogue);
    json.number("time", base::to_unix_ms(order.accepted_at))
        .number("updateTime", base::to_unix_ms(order.updated_at))
        .end_object();
}

void add_algo(JsonText& json, AlgoOrder const& algo, FuturesState const& state) {
    auto const& terms = algo.terms;
    auto const* order = state.orders().find(algo.order);
    bool const became = algo.order.value != 0;
    json.begin_object()
        .number("algoId", static_cast<std::int64_t>(algo.id.value))
        .text("clientAlgoId", terms.client_id)
        .text("algoType", "CONDITIONAL")
        .text("orderType", wire(terms.kind))
        .text("symbol", state.catalogue().instrument(terms.symbol).symbol)
        .text("side", wire(terms.side))
        .text("positionSide", wire(terms.position_side))
        .text("timeInForce", wire(terms.time_in_force))
        .amount("quantity", terms.quantity)
        .text("algoStatus", wire(algo.status))
        .text("actualOrderId", became ? std::to_string(algo.order.value) : "")
        .amount("actualPrice", order == nullptr ? base::Price{} : average_of(*order))
        .amount("actualQty", order == nullptr ? base::Quantity{} : order->executed)
        .amount("triggerPrice", terms.trigger)
        .amount("price", base::Decimal{})
        .null("icebergQuantity")
        .text("selfTradePreventionMode", "NONE")
        .text("workingType", wire(terms.working_type))
        .text("priceMatch", "NONE")
        .flag("closePosition", terms.close_position)
        .flag("priceProtect", terms.price_protect)
        .flag("reduceOnly", terms.reduce_only)
        .number("createTime", base::to_unix_ms(algo.created_at))
        .number("updateTime", base::to_unix_ms(algo.updated_at))
        .number("triggerTime", base::to_unix_ms(algo.triggered_at))
        .number("goodTillDate", 0)
        .end_object();
}

}  // namespace

base::Price average_of(Order const& order) {
    if (order.executed.is_zero()) return {};
    return average_price(order.executed_quote, order.executed, base::Rounding::half_even);
}

std::string render_futures_placed(Order const& order, ResponseType type,
                                  Catalogue const& catalogue) {
    auto shown = order;
    if (type == ResponseType::ack) {
        shown.status = OrderStatus::open;
        shown.executed = {};
        shown.executed_quote = {};
        shown.updated_at = order.accepted_at;
    }
    JsonText json(1024);
    json.begin_object();
    add_terms(json, shown, catalogue);
    json.amount("cumQty", shown.executed)
        .number("updateTime", base::to_unix_ms(shown.updated_at))
        .end_object();
    return json.take();
}

std::string render_futures_order(Order const& order, Catalogue const& catalogue) {
    JsonText json(1024);
    add_futures_order(json, order, catalogue);
    return json.take();
}

std::string render_futures_orders(std::span<Order const* const> orders,
                                  Catalogue const& catalogue) {
    JsonText json(4096);
    json.begin_array();
    for (auto const* order : orders) add_futures_order(json, *order, catalogue);
    json.end_array();
    return json.take();
}

std::string render_user_trades(std::span<TradeView const> trades, Catalogue const& catalogue) {
    JsonText json(4096);
    json.begin_array();
    for (auto const& [order, fill] : trades) {
        auto const& instrument = catalogue.instrument(order->symbol);
        json.begin_object()
            .text("symbol", instrument.symbol)
            .number("id", static_cast<std::int64_t>(fill->trade.value))
            .number("orderId", number_of(order->id))
            .text("side", wire(order->side))
            .amount("price", fill->price)
            .amount("qty", fill->quantity)
            .amount("realizedPnl", fill->realised)
            .amount("quoteQty", notional(fill->price, fill->quantity, base::Rounding::toward_zero))
            .amount("commission", fill->commission)
            .text("commissionAsset", catalogue.asset(instrument.quote_asset))
            .number("time", base::to_unix_ms(fill->time))
            .text("positionSide", wire(order->contract.position_side))
            .flag("buyer", order->side == Side::buy)
            .flag("maker", fill->is_maker)
            .end_object();
    }
    json.end_array();
    return json.take();
}

std::string render_algo(AlgoOrder const& algo, FuturesState const& state) {
    JsonText json(1024);
    add_algo(json, algo, state);
    return json.take();
}

std::string render_algos(std::span<AlgoOrder const* const> algos, FuturesState const& state) {
    JsonText json(2048);
    json.begin_array();
    for (auto const* algo : algos) add_algo(json, *algo, state);
    json.end_array();
    return json.take();
}

}  // namespace obscura::paper
