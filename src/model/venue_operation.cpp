#include "model/venue_operation.hpp"

#include "base/decode.hpp"

namespace obscura::model {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::size_t max_symbol = 32;
constexpr std::size_t max_order_id = 64;

/// The alternatives of `VenueOperation` in its order: one list of kinds for both directions.
enum class Kind { place_order, query_order, cancel_order, list_trades, read_account, stream_login };
constexpr std::array<base::EnumName<Kind>, 6> kind_names{{{"place_order", Kind::place_order},
                                                          {"query_order", Kind::query_order},
                                                          {"cancel_order", Kind::cancel_order},
                                                          {"list_trades", Kind::list_trades},
                                                          {"read_account", Kind::read_account},
                                                          {"stream_login", Kind::stream_login}}};
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
    }
    void operator()(QueryOrder const& query) const {
        out.set("symbol", query.symbol);
        out.set("client_order_id", query.client_order_id);
    }
    void operator()(CancelOrder const& cancel) const {
        out.set("symbol", cancel.symbol);
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
};

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
            return read_named_order<CancelOrder>(in);
        case Kind::list_trades:
            return read_list_trades(in);
        case Kind::read_account:
            return ReadAccount{};
        case Kind::stream_login:
            return StreamLogin{in.text("request_id", {.max = max_order_id})};
    }
    std::unreachable();
}

}  // namespace

std::string_view kind_of(VenueOperation const& operation) {
    return kind_names[operation.index()].name;
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
