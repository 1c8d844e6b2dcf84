#include "paper/protocol/render_futures_events.hpp"

#include "paper/protocol/futures_names.hpp"
#include "paper/protocol/json_text.hpp"
#include "paper/protocol/render_futures_orders.hpp"

namespace obscura::paper {
namespace {

constexpr std::string_view margin_asset = "USDT";

JsonText& begin(JsonText& json, char const* type, base::Timestamp time) {
    return json.begin_object()
        .text("e", type)
        .number("E", base::to_unix_ms(time))
        .number("T", base::to_unix_ms(time));
}

void add_execution(JsonText& json, FuturesReport const& report) {
    auto const& order = report.order;
    auto const fill = report.fill.value_or(Fill{});
    bool const liquidates = order.contract.liquidates && report.fill;
    json.text("x", liquidates ? "CALCULATED" : wire(report.type))
        .text("X", wire(order.status))
        .number("i", static_cast<std::int64_t>(order.id.value))
        .amount("l", fill.quantity)
        .amount("z", order.executed)
        .amount("L", fill.price);
    if (report.fill) json.amount("n", fill.commission).text("N", margin_asset);
    json.number("T", base::to_unix_ms(report.time))
        .number("t", static_cast<std::int64_t>(fill.trade.value))
        .amount("b", base::Decimal{})
        .amount("a", base::Decimal{})
        .flag("m", fill.is_maker)
        .flag("R", order.contract.reduce_only)
        .text("wt", "CONTRACT_PRICE")
        .text("ot", futures_type(order))
        .text("ps", wire(order.contract.position_side))
        .flag("cp", false)
        .amount("rp", fill.realised)
        .flag("pP", false)
        .number("si", 0)
        .number("ss", 0)
        .text("V", "NONE")
        .text("pm", "NONE")
        .number("gtd", 0);
}

void add_position(JsonText& json, ShownPosition const& shown, Catalogue const& catalogue) {
    auto const& position = shown.position;
    json.begin_object()
        .text("s", catalogue.instrument(shown.key.symbol).symbol)
        .amount("pa", position.quantity)
        .amount("ep", position.entry_price())
        .amount("bep", position.entry_price())
        .amount("cr", position.realised)
        .amount("up", shown.unrealised)
        .text("mt", lower_margin_type(shown.margin_mode))
        .amount("iw", position.isolated)
        .text("ps", wire(shown.key.side))
        .text("ma", margin_asset)
        .end_object();
}

}  // namespace

std::string render_event(FuturesReport const& report, Catalogue const& catalogue) {
    auto const& order = report.order;
    JsonText json(1024);
    begin(json, "ORDER_TRADE_UPDATE", report.time)
        .begin_object("o")
        .text("s", catalogue.instrument(order.symbol).symbol)
        .text("c", order.client_id)
        .text("S", wire(order.side))
        .text("o", futures_type(order))
        .text("f", futures_time_in_force(order))
        .amount("q", order.quantity)
        .amount("p", order.price)
        .amount("ap", average_of(order))
        .amount("sp", base::Decimal{});
    add_execution(json, report);
    json.end_object().end_object();
    return json.take();
}

std::string render_event(FuturesAccountUpdate const& update, Catalogue const& catalogue) {
    JsonText json(1024);
    begin(json, "ACCOUNT_UPDATE", update.time)
        .begin_object("a")
        .text("m", wire(update.reason))
        .begin_array("B")
        .begin_object()
        .text("a", margin_asset)
        .amount("wb", update.wallet)
        .amount("cw", update.cross_wallet)
        .amount("bc", update.change)
        .end_object()
        .end_array()
        .begin_array("P");
    for (auto const& shown : update.positions) add_position(json, shown, catalogue);
    json.end_array().end_object().end_object();
    return json.take();
}

std::string render_event(LeverageChanged const& change, Catalogue const& catalogue) {
    JsonText json;
    begin(json, "ACCOUNT_CONFIG_UPDATE", change.time)
        .begin_object("ac")
        .text("s", catalogue.instrument(change.symbol).symbol)
        .number("l", change.leverage)
        .end_object()
        .end_object();
    return json.take();
}

std::string render_event(AlgoReport const& report, Catalogue const& catalogue) {
    auto const& algo = report.algo;
    auto const& terms = algo.terms;
    bool const became = algo.order.value != 0;
    JsonText json(1024);
    begin(json, "ALGO_UPDATE", report.time)
        .begin_object("o")
        .text("caid", terms.client_id)
        .number("aid", static_cast<std::int64_t>(algo.id.value))
        .text("at", "CONDITIONAL")
        .text("o", wire(terms.kind))
        .text("s", catalogue.instrument(terms.symbol).symbol)
        .text("S", wire(terms.side))
        .text("ps", wire(terms.position_side))
        .text("f", wire(terms.time_in_force))
        .amount("q", terms.quantity)
        .text("X", report.triggering ? "TRIGGERING" : wire(algo.status))
        .text("ai", became ? std::to_string(algo.order.value) : "")
        .amount("ap", report.average)
        .amount("aq", report.executed)
        .text("act", became ? "MARKET" : "0")
        .amount("tp", terms.trigger)
        .amount("p", base::Decimal{})
        .text("V", "NONE")
        .text("wt", wire(terms.working_type))
        .text("pm", "NONE")
        .flag("cp", terms.close_position)
        .flag("pP", terms.price_protect)
        .flag("R", terms.reduce_only)
        .number("tt", base::to_unix_ms(algo.triggered_at))
        .number("gtd", 0)
        .text("rm", algo.reason)
        .end_object()
        .end_object();
    return json.take();
}

std::string render_event(ListenKeyExpired const& expiry, Catalogue const&) {
    JsonText json;
    json.begin_object()
        .text("e", "listenKeyExpired")
        .number("E", base::to_unix_ms(expiry.time))
        .text("listenKey", expiry.key)
        .end_object();
    return json.take();
}

}  // namespace obscura::paper
