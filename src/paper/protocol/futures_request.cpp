#include "paper/protocol/futures_request.hpp"

#include "paper/protocol/futures_names.hpp"

namespace obscura::paper {
namespace {

constexpr std::string_view post_only = "GTX";

PositionSide read_position_side(ParamReader& reader) {
    auto const text = reader.optional_text("positionSide");
    if (!text) return PositionSide::both;
    auto const side = model::value_of(*text, position_side_wire_names);
    if (!side) reader.add_error(-4060, "Invalid position side.");
    return side.value_or(PositionSide::both);
}

/// Types that wait for a price have an endpoint of their own.
OrderKind read_kind(ParamReader& reader) {
    auto const text = reader.text("type");
    if (text == "LIMIT") return OrderKind::limit;
    if (text == "MARKET") return OrderKind::market;
    bool const waits = text == "STOP" || text == "STOP_MARKET" || text == "TAKE_PROFIT" ||
                       text == "TAKE_PROFIT_MARKET" || text == "TRAILING_STOP_MARKET";
    if (waits) {
        reader.add_error(
            -4120,
            "Order type not supported for this endpoint. Please use the Algo Order API "
            "endpoints instead.");
    }
    reader.add_error(-1116, "Invalid orderType.");
    return OrderKind::market;
}

void read_limit(ParamReader& reader, NewOrder& order) {
    auto const text = reader.text("timeInForce");
    if (text == post_only) {
        order.kind = OrderKind::limit_maker;
    } else {
        auto const value = model::value_of(text, time_in_force_wire_names);
        if (!value) reader.add_error(-1115, "Invalid timeInForce.");
        order.time_in_force = value.value_or(TimeInForce::gtc);
    }
    order.price = base::Price{reader.amount("price")};
}

ResponseType read_response(ParamReader& reader) {
    auto const text = reader.optional_text("newOrderRespType");
    if (!text || *text == "ACK") return ResponseType::ack;
    if (*text != "RESULT") {
        reader.add_error(-1130, "Data sent for parameter 'newOrderRespType' is not valid.");
    }
    return ResponseType::result;
}

void ignore_all(ParamReader& reader, std::initializer_list<std::string_view> names) {
    for (auto const name : names) reader.ignore(name);
}

}  // namespace

OrderRequest read_futures_order(ParamReader& reader, Catalogue const& catalogue) {
    OrderRequest request;
    auto& order = request.order;
    order.symbol = read_symbol(reader, catalogue);
    order.side = read_enum(reader, "side", side_wire_names, -1117, "Invalid side.");
    order.contract.position_side = read_position_side(reader);
    order.kind = read_kind(reader);
    if (order.kind == OrderKind::limit) {
        read_limit(reader, order);
    } else {
        reader.must_be_absent("timeInForce");
        reader.must_be_absent("price");
    }
    order.quantity = base::Quantity{reader.amount("quantity")};
    auto const reduce_only = reader.optional_boolean("reduceOnly");
    order.contract.reduce_only = reduce_only.value_or(false);
    if (reader.optional_boolean("closePosition").value_or(false)) {
        reader.add_error(-4136,
                         "Target strategy invalid for orderType " +
                             std::string(order.kind == OrderKind::market ? "MARKET" : "LIMIT") +
                             ",closePosition true");
    }
    order.client_id = read_client_id(reader, "newClientOrderId");
    request.response = read_response(reader);
    ignore_all(reader, {"workingType", "priceProtect", "selfTradePreventionMode"});
    return request;
}

NewAlgoOrder read_algo_order(ParamReader& reader, Catalogue const& catalogue) {
    NewAlgoOrder order;
    if (reader.text("algoType") != "CONDITIONAL") {
        reader.add_error(-1130, "Data sent for parameter 'algoType' is not valid.");
    }
    order.symbol = read_symbol(reader, catalogue);
    order.side = read_enum(reader, "side", side_wire_names, -1117, "Invalid side.");
    order.kind = read_enum(reader, "type", algo_kind_wire_names, -1116, "Invalid orderType.");
    order.position_side = read_position_side(reader);
    if (auto const text = reader.optional_text("timeInForce")) {
        auto const value = model::value_of(*text, time_in_force_wire_names);
        if (!value) reader.add_error(-1115, "Invalid timeInForce.");
        order.time_in_force = value.value_or(TimeInForce::gtc);
    }
    if (auto const text = reader.optional_text("workingType")) {
        auto const value = model::value_of(*text, working_type_wire_names);
        if (!value) reader.add_error(-4031, "Invalid working type.");
        order.working_type = value.value_or(WorkingType::contract_price);
    }
    order.trigger = base::Price{reader.amount("triggerPrice")};
    order.close_position = reader.optional_boolean("closePosition").value_or(false);
    auto const reduce_only = reader.optional_boolean("reduceOnly");
    order.reduce_only = reduce_only.value_or(false);
    if (order.close_position && reduce_only) {
        reader.add_error(-1106, "Parameter 'reduceonly' sent when not required.");
    }
    auto const quantity = reader.optional_amount("quantity");
    if (order.close_position && quantity && quantity->is_positive()) {
        reader.add_error(-4137, "Quantity must be zero with closePosition equals true");
    }
    if (!order.close_position) order.quantity = base::Quantity{reader.amount("quantity")};
    order.price_protect = reader.optional_boolean("priceProtect").value_or(false);
    order.client_id = read_client_id(reader, "clientAlgoId");
    (void)read_response(reader);
    reader.ignore("selfTradePreventionMode");
    return order;
}

}  // namespace obscura::paper
