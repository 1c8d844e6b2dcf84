#include "paper/protocol/order_request.hpp"

#include "paper/protocol/names.hpp"

namespace obscura::paper {

SymbolId read_symbol(ParamReader& reader, Catalogue const& catalogue) {
    auto const name = reader.text("symbol");
    auto const symbol = catalogue.find_symbol(name);
    if (!symbol) reader.add_error(-1121, "Invalid symbol.");
    return symbol.value_or(SymbolId{});
}

std::string read_client_id(ParamReader& reader, std::string_view name) {
    constexpr std::size_t max_length = 36;
    constexpr std::string_view legal =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:/_-";
    auto const value = reader.optional_text(name);
    if (!value) return "";
    if (value->size() > max_length || value->find_first_not_of(legal) != std::string_view::npos) {
        reader.add_error(-1100, "Illegal characters found in parameter '" + std::string(name) +
                                    "'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.");
        return "";
    }
    return std::string(*value);
}

OrderName read_order_name(ParamReader& reader) {
    OrderName name;
    if (auto const id = reader.optional_integer("orderId", 0, INT64_MAX)) {
        name.id = OrderId(static_cast<std::uint64_t>(*id));
    }
    name.client_id = read_client_id(reader, "origClientOrderId");
    if (!name.id && name.client_id.empty()) {
        reader.add_error(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
    }
    return name;
}

namespace {

void read_market_terms(ParamReader& reader, NewOrder& order) {
    reader.must_be_absent("timeInForce");
    reader.must_be_absent("price");
    auto const quantity = reader.optional_amount("quantity");
    auto const money = reader.optional_amount("quoteOrderQty");
    if (quantity && money) reader.add_error(-1128, "Combination of optional parameters invalid.");
    if (!quantity && !money) (void)reader.amount("quantity");
    order.quantity = base::Quantity{quantity.value_or(base::Decimal{})};
    order.quote_quantity = base::Money{money.value_or(base::Decimal{})};
    if ((quantity && quantity->is_zero()) || (money && money->is_zero())) {
        reader.add_error(-1013, "Filter failure: LOT_SIZE");
    }
}

void read_limit_terms(ParamReader& reader, NewOrder& order) {
    if (order.kind == OrderKind::limit) {
        order.time_in_force = read_enum(reader, "timeInForce", time_in_force_wire_names, -1115,
                                        "Invalid timeInForce.");
    } else {
        reader.must_be_absent("timeInForce");
    }
    reader.must_be_absent("quoteOrderQty");
    order.quantity = base::Quantity{reader.amount("quantity")};
    order.price = base::Price{reader.amount("price")};
    if (order.quantity.is_zero()) reader.add_error(-1013, "Filter failure: LOT_SIZE");
    if (order.price.is_zero()) reader.add_error(-1013, "Filter failure: PRICE_FILTER");
}

}  // namespace

OrderRequest read_order(ParamReader& reader, Catalogue const& catalogue) {
    OrderRequest request;
    auto& order = request.order;
    order.symbol = read_symbol(reader, catalogue);
    order.side = read_enum(reader, "side", side_wire_names, -1117, "Invalid side.");
    order.kind = read_enum(reader, "type", kind_wire_names, -1116, "Invalid orderType.");
    if (order.kind == OrderKind::market)
        read_market_terms(reader, order);
    else
        read_limit_terms(reader, order);
    order.client_id = read_client_id(reader, "newClientOrderId");
    request.response =
        order.kind == OrderKind::limit_maker ? ResponseType::ack : ResponseType::full;
    if (auto const type = reader.optional_text("newOrderRespType")) {
        auto const value = model::value_of(*type, response_wire_names);
        if (!value)
            reader.add_error(-1130, "Data sent for parameter 'newOrderRespType' is not valid.");
        request.response = value.value_or(ResponseType::full);
    }
    for (std::string_view const name : {"selfTradePreventionMode", "strategyId", "strategyType"}) {
        reader.ignore(name);
    }
    return request;
}

}  // namespace obscura::paper
