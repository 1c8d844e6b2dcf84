#include "paper/ledger.hpp"

#include "paper/protocol/json_text.hpp"
#include "paper/protocol/names.hpp"
#include "paper/protocol/render_orders.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

template <class Tag, class T>
std::string text_of(base::Strong<Tag, T> id) {
    return std::to_string(id.value);
}

void add_fill(JsonText& json, Fill const& fill, std::string const& asset) {
    json.begin_object()
        .text("trade_id", text_of(fill.trade))
        .text("price", fill.price.to_string())
        .text("quantity", fill.quantity.to_string())
        .text("commission", fill.commission.to_string())
        .text("commission_asset", asset)
        .flag("maker", fill.is_maker)
        .text("time", base::to_rfc3339(fill.time))
        .end_object();
}

void add_order(JsonText& json, Order const& order, State const& state) {
    auto const& catalogue = state.catalogue();
    json.begin_object()
        .text("order_id", text_of(order.id))
        .text("account_id", text_of(order.account))
        .text("label", state.find_account(order.account)->label)
        .text("symbol", catalogue.instrument(order.symbol).symbol)
        .text("client_order_id", order.client_id)
        .text("side", wire(order.side))
        .text("type", wire(order.kind))
        .text("time_in_force", wire(order.time_in_force))
        .text("status", wire(order.status))
        .text("price", order.price.to_string())
        .text("quantity", order.quantity.to_string())
        .text("quote_quantity", order.quote_quantity.to_string())
        .text("executed_quantity", order.executed.to_string())
        .text("executed_quote", order.executed_quote.to_string())
        .text("accepted_at", base::to_rfc3339(order.accepted_at))
        .text("updated_at", base::to_rfc3339(order.updated_at))
        .begin_array("fills");
    for (auto const& fill : order.fills) add_fill(json, fill, commission_asset(order, catalogue));
    json.end_array().end_object();
}

void add_balances(JsonText& json, Account const& account, Catalogue const& catalogue) {
    for (std::size_t i = 0; i < account.balances.size(); ++i) {
        auto const& balance = account.balances[i];
        if (balance.free.is_zero() && balance.locked.is_zero()) continue;
        json.begin_object()
            .text("account_id", text_of(account.id))
            .text("label", account.label)
            .text("asset", catalogue.assets()[i])
            .text("free", balance.free.to_string())
            .text("locked", balance.locked.to_string())
            .end_object();
    }
}

std::vector<Order const*> select(State const& state, LedgerQuery const& query) {
    std::vector<Order const*> orders;
    for (auto const& account : state.accounts()) {
        if (query.account && account.id != *query.account) continue;
        for (auto at = std::ranges::upper_bound(account.orders, query.after);
             at != account.orders.end(); ++at) {
            if (auto const* order = state.find_order(*at)) orders.push_back(order);
        }
    }
    std::ranges::sort(orders, {}, &Order::id);
    return orders;
}

}  // namespace

std::string render_ledger(State const& state, LedgerQuery const& query) {
    auto const orders = select(state, query);
    auto const shown = std::min(orders.size(), query.limit);
    JsonText json(4096 + shown * 640);
    json.begin_object().begin_array("orders");
    for (std::size_t i = 0; i < shown; ++i) add_order(json, *orders[i], state);
    json.end_array().begin_array("balances");
    for (auto const& account : state.accounts()) {
        if (!query.account || account.id == *query.account)
            add_balances(json, account, state.catalogue());
    }
    json.end_array()
        .number("order_count", static_cast<std::int64_t>(shown))
        .number("evicted_orders", static_cast<std::int64_t>(state.evicted_orders()));
    if (shown < orders.size())
        json.text("next_after", text_of(orders[shown - 1]->id));
    else
        json.null("next_after");
    json.end_object();
    return json.take();
}

}  // namespace obscura::paper
