#include "paper/ledger.hpp"

#include "paper/engine/futures/margin.hpp"
#include "paper/protocol/futures_names.hpp"
#include "paper/protocol/json_text.hpp"
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

void add_order(JsonText& json, Order const& order, State const& state, Market market) {
    // Names and assets are the same on both markets.
    auto const& catalogue = state.catalogue();
    auto const& instrument = catalogue.instrument(order.symbol);
    bool const futures = market == Market::futures;
    json.begin_object()
        .text("order_id", text_of(order.id))
        .text("account_id", text_of(order.account))
        .text("label", state.find_account(order.account)->label)
        .text("symbol", instrument.symbol)
        .text("client_order_id", order.client_id)
        .text("side", wire(order.side))
        .text("type", futures ? futures_type(order) : wire(order.kind))
        .text("time_in_force", futures ? futures_time_in_force(order) : wire(order.time_in_force))
        .text("status", wire(order.status))
        .text("price", order.price.to_string())
        .text("quantity", order.quantity.to_string())
        .text("quote_quantity", order.quote_quantity.to_string())
        .text("executed_quantity", order.executed.to_string())
        .text("executed_quote", order.executed_quote.to_string())
        .text("accepted_at", base::to_rfc3339(order.accepted_at))
        .text("updated_at", base::to_rfc3339(order.updated_at));
    if (futures) {
        json.text("position_side", wire(order.contract.position_side))
            .flag("reduce_only", order.contract.reduce_only)
            .number("leverage", order.contract.leverage);
    }
    json.begin_array("fills");
    auto const& asset =
        futures ? catalogue.asset(instrument.quote_asset) : commission_asset(order, catalogue);
    for (auto const& fill : order.fills) add_fill(json, fill, asset);
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

void add_wallet(JsonText& json, FuturesAccount const& account, State const& state,
                MarkPrices const& marks) {
    if (account.wallet.is_zero()) return;
    auto const figures = margin_of(state.futures(), account, marks);
    json.begin_object()
        .text("account_id", text_of(account.id))
        .text("label", state.find_account(account.id)->label)
        .text("asset", "USDT")
        .text("free", figures.available.to_string())
        .text("locked", (figures.wallet - figures.available).to_string())
        .end_object();
}

void add_positions(JsonText& json, FuturesAccount const& account, State const& state) {
    for (auto const& [key, position] : account.positions) {
        auto const terms = account.terms_of(key.symbol);
        json.begin_object()
            .text("account_id", text_of(account.id))
            .text("label", state.find_account(account.id)->label)
            .text("symbol", state.catalogue().instrument(key.symbol).symbol)
            .text("position_side", wire(key.side))
            .text("quantity", position.quantity.to_string())
            .text("entry_price", position.entry_price().to_string())
            .text("margin_mode", lower_margin_type(terms.margin_mode))
            .number("leverage", terms.leverage)
            .text("isolated_margin", position.isolated.to_string())
            .end_object();
    }
}

void add_selected(std::vector<Order const*>& selected, AccountOrders const& owner,
                  OrderStore const& orders, OrderId after) {
    for (auto at = std::ranges::upper_bound(owner.orders, after); at != owner.orders.end(); ++at) {
        if (auto const* order = orders.find(*at)) selected.push_back(order);
    }
}

std::vector<Order const*> select(State const& state, LedgerQuery const& query) {
    std::vector<Order const*> selected;
    for (auto const& account : state.accounts()) {
        if (query.account && account.id != *query.account) continue;
        auto const& futures = state.futures();
        if (query.market == Market::spot)
            add_selected(selected, account, state.orders(), query.after);
        else
            add_selected(selected, futures.account(account.id), futures.orders(), query.after);
    }
    std::ranges::sort(selected, {}, &Order::id);
    return selected;
}

/// Balances, and of futures positions.
void add_holdings(JsonText& json, State const& state, LedgerQuery const& query) {
    auto const is_wanted = [&](AccountId id) { return !query.account || id == *query.account; };
    json.begin_array("balances");
    if (query.market == Market::spot) {
        for (auto const& account : state.accounts()) {
            if (is_wanted(account.id)) add_balances(json, account, state.catalogue());
        }
        json.end_array();
        return;
    }
    auto const& accounts = state.futures().accounts();
    MarkPrices marks;
    for (std::size_t i = 0; i < state.catalogue().instruments().size(); ++i) {
        marks.push_back(state.symbol(SymbolId(static_cast<std::uint16_t>(i))).price);
    }
    for (auto const& account : accounts) {
        if (is_wanted(account.id)) add_wallet(json, account, state, marks);
    }
    json.end_array().begin_array("positions");
    for (auto const& account : accounts) {
        if (is_wanted(account.id)) add_positions(json, account, state);
    }
    json.end_array();
}

}  // namespace

std::string render_ledger(State const& state, LedgerQuery const& query) {
    auto const orders = select(state, query);
    auto const shown = std::min(orders.size(), query.limit);
    JsonText json(4096 + shown * 640);
    json.begin_object().begin_array("orders");
    for (std::size_t i = 0; i < shown; ++i) add_order(json, *orders[i], state, query.market);
    json.end_array();
    add_holdings(json, state, query);
    auto const evicted =
        query.market == Market::spot ? state.evicted_orders() : state.futures().orders().evicted();
    json.number("order_count", static_cast<std::int64_t>(shown))
        .number("evicted_orders", static_cast<std::int64_t>(evicted));
    if (shown < orders.size())
        json.text("next_after", text_of(orders[shown - 1]->id));
    else
        json.null("next_after");
    json.end_object();
    return json.take();
}

}  // namespace obscura::paper
