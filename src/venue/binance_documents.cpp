#include "venue/binance_documents.hpp"

#include <algorithm>
#include <array>

namespace obscura::venue {
namespace {

using base::Json;
using base::Result;

constexpr std::size_t most_rows = 20'000;

using Status = ports::OrderState::Status;
constexpr std::array<base::EnumName<Status>, 9> status_names{
    {{"NEW", Status::open},
     {"PENDING_NEW", Status::open},
     {"PENDING_CANCEL", Status::open},
     {"PARTIALLY_FILLED", Status::partially_filled},
     {"FILLED", Status::filled},
     {"CANCELED", Status::canceled},
     {"REJECTED", Status::rejected},
     {"EXPIRED", Status::expired},
     {"EXPIRED_IN_MATCH", Status::expired}}};

}  // namespace

Result<Json> parse_binance(std::string_view body) {
    auto json = base::parse_json(body, {.max_depth = 16, .max_members = 2'000'000});
    if (!json) return unreadable("not JSON: " + json.error().detail);
    return json;
}

Result<Json::Array const*> rows_of(Json const& json, std::string_view what) {
    if (!json.is_array()) return unreadable(std::string(what) + " is not an array");
    if (json.as_array().size() > most_rows)
        return unreadable(std::string(what) + " has too many rows");
    return &json.as_array();
}

Result<std::vector<std::pair<std::string, base::Price>>> decode_prices(Json const& json) {
    std::vector<std::pair<std::string, base::Price>> prices;
    auto const read = [&](Json const& row) -> Result<void> {
        Fields in(row, "ticker");
        auto symbol = in.text("symbol");
        auto const price = base::Price{in.decimal("price")};
        if (auto const done = in.done(); !done) return done;
        // Symbols that never traded have the price 0.
        if (price.is_positive()) prices.emplace_back(std::move(symbol), price);
        return {};
    };
    if (json.is_object()) {
        if (auto const done = read(json); !done) return std::unexpected(done.error());
        return prices;
    }
    auto const rows = rows_of(json, "ticker/price");
    if (!rows) return std::unexpected(rows.error());
    for (auto const& row : **rows)
        if (auto const done = read(row); !done) return std::unexpected(done.error());
    return prices;
}

Result<base::Timestamp> decode_time(Json const& json) {
    Fields in(json, "time");
    auto const told = in.unix_ms("serverTime");
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return told;
}

model::Side read_side(Fields& in, std::string_view key) {
    auto const side = in.text(key, 8);
    if (side != "BUY" && side != "SELL") in.refuse(key, "is not BUY or SELL");
    return side == "BUY" ? model::Side::buy : model::Side::sell;
}

ports::OrderState read_order(Fields& in) {
    ports::OrderState order;
    order.venue_order_id = in.number_text("orderId");
    // The answer to a cancel of spot names the cancelled order in `origClientOrderId`.
    order.client_order_id = in.text_or_empty("origClientOrderId");
    if (order.client_order_id.empty()) order.client_order_id = in.text("clientOrderId");
    order.symbol = in.text("symbol");
    if (!in.text_or_empty("side").empty()) order.side = read_side(in, "side");
    if (auto const status = in.text_or_empty("status"); !status.empty()) {
        auto const known = model::value_of(status, status_names);
        if (!known) in.refuse("status", "is not a known order status");
        order.status = known.value_or(Status::open);
        order.executed_quantity = base::Quantity{in.decimal("executedQty")};
        if (order.executed_quantity.is_negative()) in.refuse("executedQty", "is negative");
    }
    return order;
}

model::Trade read_trade_row(Fields& in) {
    model::Trade trade;
    trade.venue = "binance";
    trade.symbol = in.text("symbol");
    trade.venue_trade_id = in.number_text("id");
    trade.venue_order_id = in.number_text("orderId");
    trade.price = base::Price{in.positive("price")};
    trade.quantity = base::Quantity{in.positive("qty")};
    trade.fee = in.decimal("commission");
    trade.fee_asset = in.text_or_empty("commissionAsset", 32);
    trade.executed_at = in.unix_ms("time");
    return trade;
}

model::Trade read_execution(Fields& in) {
    model::Trade trade;
    trade.venue = "binance";
    trade.symbol = in.text("s");
    trade.venue_trade_id = in.number_text("t");
    trade.venue_order_id = in.number_text("i");
    trade.side = read_side(in, "S");
    trade.price = base::Price{in.positive("L")};
    trade.quantity = base::Quantity{in.positive("l")};
    trade.is_maker = in.boolean("m");
    trade.executed_at = in.unix_ms("T");
    return trade;
}

Result<std::vector<model::Trade>> decode_trade_rows(
    Json const& json, std::string_view what, Result<model::Trade> (*decode_row)(Json const&)) {
    auto const rows = rows_of(json, what);
    if (!rows) return std::unexpected(rows.error());
    std::vector<model::Trade> trades;
    trades.reserve((*rows)->size());
    for (auto const& row : **rows) {
        auto trade = decode_row(row);
        if (!trade) return std::unexpected(trade.error());
        trades.push_back(std::move(*trade));
    }
    // Ids are digits without leading zeros: longer is greater.
    std::ranges::sort(trades, [](model::Trade const& a, model::Trade const& b) {
        auto const& x = a.venue_trade_id;
        auto const& y = b.venue_trade_id;
        return x.size() != y.size() ? x.size() < y.size() : x < y;
    });
    return trades;
}

}  // namespace obscura::venue
