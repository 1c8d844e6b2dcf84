#include "venue/binance_codec.hpp"

#include "venue/fields.hpp"

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

Result<Json::Array const*> rows_of(Json const& json, std::string_view what) {
    if (!json.is_array()) return unreadable(std::string(what) + " is not an array");
    if (json.as_array().size() > most_rows)
        return unreadable(std::string(what) + " has too many rows");
    return &json.as_array();
}

/// A fill inside a FULL order answer: it has no time of its own.
Result<ports::VenueFill> decode_order_fill(Json const& json, base::Timestamp at) {
    Fields in(json, "order fill");
    ports::VenueFill fill;
    fill.venue_trade_id = in.number_text("tradeId");
    fill.price = base::Price{in.positive("price")};
    fill.quantity = base::Quantity{in.positive("qty")};
    fill.fee = in.decimal("commission");
    fill.fee_asset = in.text_or_empty("commissionAsset", 32);
    fill.executed_at = at;
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return fill;
}

Result<model::Trade> decode_trade_row(Json const& json) {
    Fields in(json, "trade");
    model::Trade trade;
    trade.venue = "binance";
    trade.symbol = in.text("symbol");
    trade.venue_trade_id = in.number_text("id");
    trade.venue_order_id = in.number_text("orderId");
    trade.side = in.boolean("isBuyer") ? model::Side::buy : model::Side::sell;
    trade.price = base::Price{in.positive("price")};
    trade.quantity = base::Quantity{in.positive("qty")};
    trade.fee = in.decimal("commission");
    trade.fee_asset = in.text_or_empty("commissionAsset", 32);
    trade.is_maker = in.boolean("isMaker");
    trade.executed_at = in.unix_ms("time");
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return trade;
}

}  // namespace

Result<Json> parse_binance(std::string_view body) {
    auto json = base::parse_json(body, {.max_depth = 16, .max_members = 2'000'000});
    if (!json) return unreadable("not JSON: " + json.error().detail);
    return json;
}

Result<ports::OrderState> decode_order(Json const& json) {
    Fields in(json, "order");
    ports::OrderState order;
    order.venue_order_id = in.number_text("orderId");
    // The answer to a cancel names the cancelled order in `origClientOrderId`.
    order.client_order_id = in.text_or_empty("origClientOrderId");
    if (order.client_order_id.empty()) order.client_order_id = in.text("clientOrderId");
    order.symbol = in.text("symbol");
    if (auto const side = in.text_or_empty("side"); !side.empty()) {
        if (side != "BUY" && side != "SELL") in.refuse("side", "is not BUY or SELL");
        order.side = side == "BUY" ? model::Side::buy : model::Side::sell;
    }
    // An ACK carries neither state nor quantities: the order is open as far as it tells.
    if (auto const status = in.text_or_empty("status"); !status.empty()) {
        auto const known = model::value_of(status, status_names);
        if (!known) in.refuse("status", "is not a known order status");
        order.status = known.value_or(Status::open);
        order.executed_quantity = base::Quantity{in.decimal("executedQty")};
        order.executed_quote = base::Money{in.decimal("cummulativeQuoteQty")};
        if (order.executed_quantity.is_negative()) in.refuse("executedQty", "is negative");
    }
    auto const& fills = json["fills"];
    if (!fills.is_null()) {
        auto const rows = rows_of(fills, "order field 'fills'");
        if (!rows) return std::unexpected(rows.error());
        auto const at = (*rows)->empty() ? base::Timestamp{} : in.unix_ms("transactTime");
        for (auto const& row : **rows) {
            auto fill = decode_order_fill(row, at);
            if (!fill) return std::unexpected(fill.error());
            order.fills.push_back(std::move(*fill));
        }
    }
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return order;
}

Result<std::vector<model::Trade>> decode_trades(Json const& json) {
    auto const rows = rows_of(json, "myTrades");
    if (!rows) return std::unexpected(rows.error());
    std::vector<model::Trade> trades;
    trades.reserve((*rows)->size());
    for (auto const& row : **rows) {
        auto trade = decode_trade_row(row);
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

Result<model::Trade> decode_execution(Json const& event) {
    Fields in(event, "executionReport");
    model::Trade trade;
    trade.venue = "binance";
    trade.symbol = in.text("s");
    trade.venue_trade_id = in.number_text("t");
    trade.venue_order_id = in.number_text("i");
    auto const side = in.text("S", 8);
    if (side != "BUY" && side != "SELL") in.refuse("S", "is not BUY or SELL");
    trade.side = side == "BUY" ? model::Side::buy : model::Side::sell;
    trade.price = base::Price{in.positive("L")};
    trade.quantity = base::Quantity{in.positive("l")};
    trade.fee = in.decimal("n");
    trade.fee_asset = in.text_or_empty("N", 32);
    trade.is_maker = in.boolean("m");
    trade.executed_at = in.unix_ms("T");
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return trade;
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

}  // namespace obscura::venue
