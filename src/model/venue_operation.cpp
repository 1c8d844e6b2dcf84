#include "model/venue_operation.hpp"

#include "base/decode.hpp"

namespace obscura::model {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::size_t max_symbol = 32;
constexpr std::size_t max_order_id = 64;

/// The alternatives of `VenueOperation` in its order: one list of kinds for both directions.
enum class Kind {
    place_order,
    query_order,
    cancel_order,
    list_trades,
    read_account,
    stream_login,
    place_trigger_order,
    query_trigger_order,
    cancel_trigger_order,
    set_leverage,
    set_margin_mode,
    read_positions,
    read_position_mode,
    listen_key,
    read_key_rights,
};
constexpr std::array<base::EnumName<Kind>, 15> kind_names{
    {{"place_order", Kind::place_order},
     {"query_order", Kind::query_order},
     {"cancel_order", Kind::cancel_order},
     {"list_trades", Kind::list_trades},
     {"read_account", Kind::read_account},
     {"stream_login", Kind::stream_login},
     {"place_trigger_order", Kind::place_trigger_order},
     {"query_trigger_order", Kind::query_trigger_order},
     {"cancel_trigger_order", Kind::cancel_trigger_order},
     {"set_leverage", Kind::set_leverage},
     {"set_margin_mode", Kind::set_margin_mode},
     {"read_positions", Kind::read_positions},
     {"read_position_mode", Kind::read_position_mode},
     {"listen_key", Kind::listen_key},
     {"read_key_rights", Kind::read_key_rights}}};
static_assert(std::variant_size_v<VenueOperation> == kind_names.size());

struct ToJson {
    Json& out;

    void operator()(PlaceOrder const& order) const {
        out.set("symbol", order.symbol);
        out.set("side", to_string(order.side));
        out.set("order_type", to_string(order.type));
        out.set("quantity", order.quantity);
        if (order.limit_price) out.set("limit_price", *order.limit_price);
        out.set("time_in_force", name_of(order.time_in_force, time_in_force_names));
        out.set("client_order_id", order.client_order_id);
        out.set("reduce_only", order.reduce_only);
        set_position_side(order.position_side);
        if (order.leverage) out.set("leverage", *order.leverage);
    }
    void operator()(QueryOrder const& query) const {
        out.set("symbol", query.symbol);
        out.set("client_order_id", query.client_order_id);
    }
    void operator()(CancelOrder const& cancel) const {
        out.set("symbol", cancel.symbol);
        if (cancel.venue_order_id)
            out.set("venue_order_id", *cancel.venue_order_id);
        else
            out.set("client_order_id", cancel.client_order_id);
    }
    void operator()(ListTrades const& list) const {
        out.set("symbol", list.symbol);
        if (list.from_id) out.set("from_id", *list.from_id);
        if (list.venue_order_id) out.set("venue_order_id", *list.venue_order_id);
        if (list.start_time) out.set("start_time_ms", base::to_unix_ms(*list.start_time));
        out.set("limit", list.limit);
    }
    void operator()(ReadAccount const&) const {}
    void operator()(StreamLogin const& login) const { out.set("request_id", login.request_id); }
    void operator()(PlaceTriggerOrder const& order) const {
        out.set("symbol", order.symbol);
        out.set("side", to_string(order.side));
        out.set("trigger", name_of(order.trigger, trigger_kind_names));
        out.set("trigger_price", order.trigger_price);
        out.set("watches", name_of(order.watches, trigger_price_names));
        if (order.quantity) out.set("quantity", *order.quantity);
        out.set("client_order_id", order.client_order_id);
        set_position_side(order.position_side);
    }
    void operator()(QueryTriggerOrder const& query) const {
        out.set("symbol", query.symbol);
        out.set("client_order_id", query.client_order_id);
    }
    void operator()(CancelTriggerOrder const& cancel) const {
        out.set("symbol", cancel.symbol);
        out.set("client_order_id", cancel.client_order_id);
    }
    void operator()(SetLeverage const& change) const {
        out.set("symbol", change.symbol);
        out.set("leverage", change.leverage);
    }
    void operator()(SetMarginMode const& change) const {
        out.set("symbol", change.symbol);
        out.set("margin_mode", to_string(change.margin_mode));
    }
    void operator()(ReadPositions const& read) const {
        if (!read.symbol.empty()) out.set("symbol", read.symbol);
    }
    void operator()(ReadPositionMode const&) const {}
    void operator()(ReadKeyRights const&) const {}
    void operator()(ListenKey const& key) const {
        out.set("action", name_of(key.action, listen_key_action_names));
    }

    /// Left out where there is only one.
    void set_position_side(PositionSide side) const {
        if (side != PositionSide::both) out.set("position_side", to_string(side));
    }
};

PositionSide read_position_side(ObjectReader& in) {
    return in.optional_one_of("position_side", position_side_names).value_or(PositionSide::both);
}

PlaceOrder read_place_order(ObjectReader& in) {
    PlaceOrder order;
    order.symbol = in.text("symbol", {.max = max_symbol});
    order.side = in.one_of("side", side_names);
    order.type = in.one_of("order_type", order_type_names);
    order.quantity = base::Quantity{in.decimal("quantity", {.positive = true})};
    if (auto const price = in.optional_decimal("limit_price", {.positive = true})) {
        order.limit_price = base::Price{*price};
    }
    order.time_in_force =
        in.optional_one_of("time_in_force", time_in_force_names).value_or(TimeInForce::gtc);
    order.client_order_id = in.text("client_order_id", {.max = max_order_id});
    order.reduce_only = in.optional_boolean("reduce_only").value_or(false);
    order.position_side = read_position_side(in);
    if (order.reduce_only && order.position_side != PositionSide::both) {
        in.add_error("reduce_only", "not_allowed", "The position side says what is reduced.");
    }
    if (auto const leverage = in.optional_integer("leverage", {.min = 1, .max = max_leverage}))
        order.leverage = static_cast<int>(*leverage);
    bool const is_limit = order.type == OrderType::limit;
    if (is_limit && !order.limit_price) {
        in.add_error("limit_price", "required", "A limit order needs a price.");
    }
    if (!is_limit && order.limit_price) {
        in.add_error("limit_price", "not_allowed", "A market order has no price.");
    }
    return order;
}

ListTrades read_list_trades(ObjectReader& in) {
    ListTrades list;
    list.symbol = in.text("symbol", {.max = max_symbol});
    list.from_id = in.optional_integer("from_id");
    list.venue_order_id = in.optional_text("venue_order_id", {.max = max_order_id});
    // Up to year 2200, so that microseconds stay far from overflow.
    if (auto const ms = in.optional_integer("start_time_ms", {.max = 7'258'118'400'000})) {
        list.start_time = base::from_unix_ms(*ms);
    }
    list.limit = static_cast<int>(
        in.optional_integer("limit", {.min = 1, .max = 1000}).value_or(list.limit));
    return list;
}

PlaceTriggerOrder read_trigger_order(ObjectReader& in) {
    PlaceTriggerOrder order;
    order.symbol = in.text("symbol", {.max = max_symbol});
    order.side = in.one_of("side", side_names);
    order.trigger = in.one_of("trigger", trigger_kind_names);
    order.trigger_price = base::Price{in.decimal("trigger_price", {.positive = true})};
    order.watches = in.optional_one_of("watches", trigger_price_names).value_or(order.watches);
    if (auto const quantity = in.optional_decimal("quantity", {.positive = true})) {
        order.quantity = base::Quantity{*quantity};
    }
    order.client_order_id = in.text("client_order_id", {.max = max_order_id});
    order.position_side = read_position_side(in);
    return order;
}

SetLeverage read_leverage(ObjectReader& in) {
    return {.symbol = in.text("symbol", {.max = max_symbol}),
            .leverage = static_cast<int>(in.integer("leverage", {.min = 1, .max = max_leverage}))};
}

/// By one of its two names.
CancelOrder read_cancel(ObjectReader& in) {
    CancelOrder cancel{.symbol = in.text("symbol", {.max = max_symbol}), .client_order_id = {}};
    cancel.venue_order_id = in.optional_text("venue_order_id", {.max = max_order_id});
    if (!cancel.venue_order_id) {
        cancel.client_order_id = in.text("client_order_id", {.max = max_order_id});
    } else if (in.optional_text("client_order_id", {.max = max_order_id})) {
        in.add_error("venue_order_id", "not_allowed", "Name the order by one of its ids.");
    }
    return cancel;
}

template <class Named>
Named read_named_order(ObjectReader& in) {
    return {.symbol = in.text("symbol", {.max = max_symbol}),
            .client_order_id = in.text("client_order_id", {.max = max_order_id})};
}

VenueOperation read_operation(Kind kind, ObjectReader& in) {
    switch (kind) {
        case Kind::place_order:
            return read_place_order(in);
        case Kind::query_order:
            return read_named_order<QueryOrder>(in);
        case Kind::cancel_order:
            return read_cancel(in);
        case Kind::list_trades:
            return read_list_trades(in);
        case Kind::read_account:
            return ReadAccount{};
        case Kind::stream_login:
            return StreamLogin{in.text("request_id", {.max = max_order_id})};
        case Kind::place_trigger_order:
            return read_trigger_order(in);
        case Kind::query_trigger_order:
            return read_named_order<QueryTriggerOrder>(in);
        case Kind::cancel_trigger_order:
            return read_named_order<CancelTriggerOrder>(in);
        case Kind::set_leverage:
            return read_leverage(in);
        case Kind::set_margin_mode:
            return SetMarginMode{in.text("symbol", {.max = max_symbol}),
                                 in.one_of("margin_mode", margin_mode_names)};
        case Kind::read_positions:
            return ReadPositions{in.optional_text("symbol", {.max = max_symbol}).value_or("")};
        case Kind::read_position_mode:
            return ReadPositionMode{};
        case Kind::read_key_rights:
            return ReadKeyRights{};
        case Kind::listen_key:
            return ListenKey{in.one_of("action", listen_key_action_names)};
    }
    std::unreachable();
}

}  // namespace

std::string_view kind_of(VenueOperation const& operation) {
    return kind_names[operation.index()].name;
}

bool is_trading(VenueOperation const& operation) {
    return std::holds_alternative<PlaceOrder>(operation) ||
           std::holds_alternative<CancelOrder>(operation) ||
           std::holds_alternative<PlaceTriggerOrder>(operation) ||
           std::holds_alternative<CancelTriggerOrder>(operation) ||
           std::holds_alternative<SetLeverage>(operation) ||
           std::holds_alternative<SetMarginMode>(operation);
}

base::Json to_json(VenueOperation const& operation) {
    auto out = Json::object({{"kind", kind_of(operation)}});
    std::visit(ToJson{out}, operation);
    return out;
}

base::Result<VenueOperation> operation_from_json(base::Json const& json,
                                                 std::string const& pointer) {
    ObjectReader in(json, pointer);
    auto const kind = in.optional_one_of("kind", kind_names, true);
    if (!kind) {
        auto found = in.errors();
        // Which fields there may be is not known without a kind.
        std::erase_if(found, [](auto const& e) { return e.code == "unknown_field"; });
        auto error = base::field_error("", "", "");
        error.fields = std::move(found);
        return std::unexpected(std::move(error));
    }
    auto operation = read_operation(*kind, in);
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return operation;
}

}  // namespace obscura::model
