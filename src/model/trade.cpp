#include "model/trade.hpp"

#include "base/decode.hpp"

namespace obscura::model {
namespace {

enum class Via { stream, backfill };
constexpr std::array<base::EnumName<Via>, 2> via_names{
    {{"stream", Via::stream}, {"backfill", Via::backfill}}};

std::string_view via_of(Trade const& trade) {
    return name_of(trade.via_backfill ? Via::backfill : Via::stream, via_names);
}

/// The members that both forms share, in their order.
void add_facts(base::Json::Object& out, Trade const& t) {
    out.emplace_back("connection_id", t.connection.to_string());
    out.emplace_back("venue", t.venue);
    out.emplace_back("environment", to_string(t.environment));
    out.emplace_back("market", to_string(t.market));
    out.emplace_back("symbol", t.symbol);
    out.emplace_back("venue_trade_id", t.venue_trade_id);
    out.emplace_back("venue_order_id", t.venue_order_id);
    out.emplace_back("side", to_string(t.side));
    out.emplace_back("price", t.price);
    out.emplace_back("quantity", t.quantity);
    out.emplace_back("fee", t.fee);
    out.emplace_back("fee_asset", t.fee_asset);
    out.emplace_back("is_maker", t.is_maker);
    if (t.market != Market::futures) return;
    out.emplace_back("position_side", to_string(t.position_side));
    if (t.realised_pnl) out.emplace_back("realised_pnl", *t.realised_pnl);
}

}  // namespace

std::string venue_identity(Trade const& trade) {
    std::string out = trade.connection.to_string();
    out += ':';
    out += to_string(trade.market);
    out += ':';
    out += trade.symbol;
    out += ':';
    out += trade.venue_trade_id;
    return out;
}

base::Json to_json(Trade const& trade) {
    base::Json::Object out;
    out.reserve(20);
    out.emplace_back("trade_id", trade.id.to_string());
    out.emplace_back("tenant_id", trade.tenant.to_string());
    add_facts(out, trade);
    out.emplace_back("executed_at", base::to_unix_us(trade.executed_at));
    out.emplace_back("received_at", base::to_unix_us(trade.received_at));
    out.emplace_back("via", via_of(trade));
    return base::Json(std::move(out));
}

base::Result<Trade> trade_from_json(base::Json const& json) {
    base::ObjectReader in(json);
    // As far as adapters read amounts: what one of them took must come through.
    base::DecimalRule const any{.max = base::Decimal(1'000'000'000'000'000)};
    base::DecimalRule const positive{.max = any.max, .positive = true};
    Trade t;
    t.id = TradeId{in.uuid("trade_id")};
    t.tenant = TenantId{in.uuid("tenant_id")};
    t.connection = ConnectionId{in.uuid("connection_id")};
    t.venue = in.text("venue", {.max = 32});
    t.environment = in.one_of("environment", environment_names);
    t.market = in.one_of("market", market_names);
    t.symbol = in.text("symbol", {.max = 64});
    t.venue_trade_id = in.text("venue_trade_id", {.max = 64});
    t.venue_order_id = in.text("venue_order_id", {.max = 64});
    t.side = in.one_of("side", side_names);
    t.price = base::Price{in.decimal("price", positive)};
    t.quantity = base::Quantity{in.decimal("quantity", positive)};
    t.fee = in.decimal("fee", any);  // a rebate is negative
    t.fee_asset = in.text("fee_asset", {.min = 0, .max = 32});
    t.is_maker = in.boolean("is_maker");
    if (t.market == Market::futures) {
        t.position_side = in.one_of("position_side", position_side_names);
        if (auto const pnl = in.optional_decimal("realised_pnl", any))
            t.realised_pnl = base::Money{*pnl};
    }
    base::IntegerRule const microseconds{.min = 0, .max = 4'102'444'800'000'000};  // until 2100
    t.executed_at = base::from_unix_us(in.integer("executed_at", microseconds));
    t.received_at = base::from_unix_us(in.integer("received_at", microseconds));
    t.via_backfill = in.one_of("via", via_names) == Via::backfill;
    if (auto const done = in.finish(); !done) return std::unexpected(done.error());
    return t;
}

base::Json trade_document(Trade const& trade) {
    base::Json::Object out;
    out.reserve(19);
    out.emplace_back("id", trade.id.to_string());
    add_facts(out, trade);
    out.emplace_back("executed_at", base::to_rfc3339(trade.executed_at));
    out.emplace_back("received_at", base::to_rfc3339(trade.received_at));
    out.emplace_back("via", via_of(trade));
    return base::Json(std::move(out));
}

}  // namespace obscura::model
