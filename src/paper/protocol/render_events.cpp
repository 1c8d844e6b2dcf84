#include "paper/protocol/render_events.hpp"

#include "paper/protocol/json_text.hpp"
#include "paper/protocol/names.hpp"
#include "paper/protocol/render_orders.hpp"

namespace obscura::paper {
namespace {

void add_order(JsonText& json, ExecutionReport const& report) {
    auto const& order = report.order;
    bool const canceled = report.type == ExecutionType::canceled;
    json.text("c", canceled ? report.cancel_client_id : order.client_id)
        .text("S", wire(order.side))
        .text("o", wire(order.kind))
        .text("f", wire(order.time_in_force))
        .amount("q", order.quantity)
        .amount("p", order.price)
        .amount("P", base::Decimal{})
        .amount("F", base::Decimal{})
        .number("g", -1)
        .text("C", canceled ? std::string_view(order.client_id) : "")
        .text("x", wire(report.type))
        .text("X", wire(order.status))
        .text("r", "NONE")
        .number("i", static_cast<std::int64_t>(order.id.value));
}

void add_fill(JsonText& json, ExecutionReport const& report, Catalogue const& catalogue) {
    auto const fill = report.fill.value_or(Fill{});
    json.amount("l", fill.quantity)
        .amount("z", report.order.executed)
        .amount("L", fill.price)
        .amount("n", fill.commission);
    if (report.fill)
        json.text("N", commission_asset(report.order, catalogue));
    else
        json.null("N");
    json.number("T", base::to_unix_ms(report.time))
        .number("t", report.fill ? static_cast<std::int64_t>(fill.trade.value) : -1)
        .number("I", static_cast<std::int64_t>(report.execution_id))
        .flag("w", report.order.is_open())
        .flag("m", fill.is_maker)
        .flag("M", report.fill.has_value());
}

}  // namespace

std::string render_event(ExecutionReport const& report, Catalogue const& catalogue) {
    auto const& order = report.order;
    auto const fill = report.fill.value_or(Fill{});
    JsonText json(768);
    json.begin_object()
        .text("e", "executionReport")
        .number("E", base::to_unix_ms(report.time))
        .text("s", catalogue.instrument(order.symbol).symbol);
    add_order(json, report);
    add_fill(json, report, catalogue);
    json.number("O", base::to_unix_ms(order.accepted_at))
        .amount("Z", order.executed_quote)
        .amount("Y", notional(fill.price, fill.quantity, base::Rounding::toward_zero))
        .amount("Q", order.quote_quantity)
        .number("W", base::to_unix_ms(order.accepted_at))
        .text("V", "NONE")
        .end_object();
    return json.take();
}

std::string render_event(AccountPosition const& position, Catalogue const& catalogue) {
    JsonText json;
    json.begin_object()
        .text("e", "outboundAccountPosition")
        .number("E", base::to_unix_ms(position.time))
        .number("u", base::to_unix_ms(position.time))
        .begin_array("B");
    for (auto const& [asset, balance] : position.balances) {
        json.begin_object()
            .text("a", catalogue.asset(asset))
            .amount("f", balance.free)
            .amount("l", balance.locked)
            .end_object();
    }
    json.end_array().end_object();
    return json.take();
}

std::string render_event(BalanceChanged const& change, Catalogue const& catalogue) {
    JsonText json;
    json.begin_object()
        .text("e", "balanceUpdate")
        .number("E", base::to_unix_ms(change.time))
        .text("a", catalogue.asset(change.asset))
        .amount("d", change.delta)
        .number("T", base::to_unix_ms(change.time))
        .end_object();
    return json.take();
}

}  // namespace obscura::paper
