#include "venue/binance_codec.hpp"

namespace obscura::venue {
namespace {

using base::Json;
using base::Result;

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
    auto trade = read_trade_row(in);
    trade.side = in.boolean("isBuyer") ? model::Side::buy : model::Side::sell;
    trade.is_maker = in.boolean("isMaker");
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return trade;
}

}  // namespace

Result<ports::OrderState> decode_order(Json const& json) {
    Fields in(json, "order");
    auto order = read_order(in);
    if (!json["status"].is_null())
        order.executed_quote = base::Money{in.decimal("cummulativeQuoteQty")};
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

Result<base::Quantity> decode_balance(Json const& json, std::string_view asset) {
    auto const rows = rows_of(json["balances"], "balances");
    if (!rows) return std::unexpected(rows.error());
    for (auto const& row : **rows) {
        Fields in(row, "balance");
        bool const is_it = in.text("asset", 32) == asset;
        auto const amount = in.decimal("free") + in.decimal("locked");
        if (auto const done = in.done(); !done) return std::unexpected(done.error());
        if (is_it) return base::Quantity{amount};
    }
    return base::Quantity{};
}

Result<std::vector<model::Trade>> decode_trades(Json const& json) {
    return decode_trade_rows(json, "myTrades", decode_trade_row);
}

Result<model::Trade> decode_execution(Json const& event) {
    Fields in(event, "executionReport");
    auto trade = read_execution(in);
    trade.fee = in.decimal("n");
    trade.fee_asset = in.text_or_empty("N", 32);
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return trade;
}

}  // namespace obscura::venue
