#include "venue/binance_futures_codec.hpp"

#include <array>

namespace obscura::venue {
namespace {

using base::Json;
using base::Result;
using Status = ports::OrderState::Status;

/// FINISHED is not among them: filled or cancelled, as its order tells.
constexpr std::array<base::EnumName<Status>, 6> algo_status_names{{{"NEW", Status::open},
                                                                   {"TRIGGERING", Status::open},
                                                                   {"TRIGGERED", Status::open},
                                                                   {"CANCELED", Status::canceled},
                                                                   {"REJECTED", Status::rejected},
                                                                   {"EXPIRED", Status::expired}}};

constexpr std::array<base::EnumName<model::PositionSide>, 3> position_side_words{
    {{"BOTH", model::PositionSide::both},
     {"LONG", model::PositionSide::long_side},
     {"SHORT", model::PositionSide::short_side}}};

constexpr base::Decimal highest_price(10'000'000'000);

model::PositionSide read_position_side(Fields& in, std::string_view key) {
    auto const side = model::value_of(in.text(key, 8), position_side_words);
    if (!side) in.refuse(key, "is not BOTH, LONG or SHORT");
    return side.value_or(model::PositionSide::both);
}

/// The sum where it is told, else what the average price makes of it.
base::Money executed_quote(Fields& in, base::Quantity executed) {
    if (auto const sum = in.optional_decimal("cumQuote")) return base::Money{*sum};
    auto const average = in.optional_decimal("avgPrice");
    if (!average) return {};
    if (average->is_negative() || *average > highest_price) {
        in.refuse("avgPrice", "is not a price");
        return {};
    }
    return base::notional(base::Price{*average}, executed, base::Rounding::half_even);
}

/// "" while it waits; as text or as a number, and 0 for none.
std::string actual_order_id(Fields& in, Json const& json) {
    auto const& id = json["actualOrderId"];
    if (id.is_null() || id.to_text() == "") return {};
    auto text = in.number_text("actualOrderId");
    return text == "0" ? std::string() : text;
}

Status finished_status(Fields& in, ports::OrderState& order) {
    auto const quantity = in.optional_decimal("actualQty");
    if (quantity) order.executed_quantity = base::Quantity{*quantity};
    auto const price = in.optional_decimal("actualPrice");
    bool const executed = quantity ? quantity->is_positive() : price && price->is_positive();
    return executed ? Status::filled : Status::canceled;
}

Result<ports::OrderState> decode_algo_order(Json const& json) {
    Fields in(json, "algo order");
    ports::OrderState order;
    order.client_order_id = in.text("clientAlgoId");
    order.symbol = in.text_or_empty("symbol");
    if (!in.text_or_empty("side").empty()) order.side = read_side(in, "side");
    order.venue_order_id = actual_order_id(in, json);
    auto const status = in.text_or_empty("algoStatus");
    if (status.empty()) {
        // The answer to a cancel tells the ids and that all is well.
        if (json["code"].to_int64() != 200) in.refuse("algoStatus", "is missing or empty");
        order.status = Status::canceled;
    } else if (status == "FINISHED") {
        order.status = finished_status(in, order);
    } else {
        auto const known = model::value_of(status, algo_status_names);
        if (!known) in.refuse("algoStatus", "is not a known status");
        order.status = known.value_or(Status::open);
    }
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return order;
}

Result<model::Trade> decode_user_trade(Json const& json) {
    Fields in(json, "trade");
    auto trade = read_trade_row(in);
    trade.market = model::Market::futures;
    trade.side = read_side(in, "side");
    trade.is_maker = in.boolean("maker");
    trade.position_side = read_position_side(in, "positionSide");
    trade.realised_pnl = base::Money{in.decimal("realizedPnl")};
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return trade;
}

Result<ports::VenuePosition> decode_position(Json const& json) {
    Fields in(json, "position");
    ports::VenuePosition out;
    out.symbol = in.text("symbol");
    out.side = read_position_side(in, "positionSide");
    out.quantity = base::Quantity{in.decimal("positionAmt")};
    out.entry_price = base::Price{in.decimal("entryPrice")};
    out.mark_price = base::Price{in.decimal("markPrice")};
    // 0: no price would liquidate it.
    auto const liquidation = in.decimal("liquidationPrice");
    if (liquidation.is_positive()) out.liquidation_price = base::Price{liquidation};
    out.isolated_margin = base::Money{in.decimal("isolatedMargin")};
    auto const wallet = in.optional_decimal("isolatedWallet").value_or(base::Decimal{});
    bool const is_isolated = !out.isolated_margin.is_zero() || !wallet.is_zero();
    out.margin_mode = is_isolated ? model::MarginMode::isolated : model::MarginMode::cross;
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return out;
}

}  // namespace

Result<ports::OrderState> decode_futures_order(Json const& json) {
    if (json.find("algoId") != nullptr) return decode_algo_order(json);
    Fields in(json, "order");
    auto order = read_order(in);
    if (!json["status"].is_null())
        order.executed_quote = executed_quote(in, order.executed_quantity);
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return order;
}

Result<std::vector<model::Trade>> decode_futures_trades(Json const& json) {
    return decode_trade_rows(json, "userTrades", decode_user_trade);
}

Result<model::Trade> decode_futures_execution(Json const& order) {
    Fields in(order, "ORDER_TRADE_UPDATE");
    auto trade = read_execution(in);
    trade.market = model::Market::futures;
    // Both are left out when there is no commission.
    trade.fee = in.optional_decimal("n").value_or(base::Decimal{});
    trade.fee_asset = in.text_or_empty("N", 32);
    trade.position_side = read_position_side(in, "ps");
    trade.realised_pnl = base::Money{in.decimal("rp")};
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return trade;
}

Result<std::vector<ports::VenuePosition>> decode_positions(Json const& json) {
    auto const rows = rows_of(json, "positionRisk");
    if (!rows) return std::unexpected(rows.error());
    std::vector<ports::VenuePosition> out;
    out.reserve((*rows)->size());
    for (auto const& row : **rows) {
        auto position = decode_position(row);
        if (!position) return std::unexpected(position.error());
        out.push_back(std::move(*position));
    }
    return out;
}

Result<model::PositionMode> decode_position_mode(Json const& json) {
    Fields in(json, "position mode");
    bool const is_hedge = in.boolean("dualSidePosition");
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return is_hedge ? model::PositionMode::hedge : model::PositionMode::one_way;
}

Result<std::string> decode_listen_key(Json const& json) {
    Fields in(json, "listen key");
    auto key = in.text("listenKey", 256);
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return key;
}

}  // namespace obscura::venue
