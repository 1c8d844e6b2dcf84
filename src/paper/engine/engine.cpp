#include "paper/engine/engine.hpp"

#include "paper/engine/filters.hpp"

#include <algorithm>

namespace obscura::paper {

Engine::Engine(Catalogue const& catalogue, EngineSettings settings)
    : catalogue_(catalogue),
      settings_(settings),
      state_(catalogue, settings.max_closed_orders),
      futures_(state_, settings.futures, settings.level_notional, settings.max_open_orders),
      books_(catalogue.instruments().size()),
      book_versions_(catalogue.instruments().size(), 1),
      stats_(catalogue.instruments().size()) {
    resume();
}

void Engine::resume() {
    state_.skip_reserved_trades();
    for (std::size_t i = 0; i < books_.size(); ++i)
        rebuild_book(SymbolId(static_cast<std::uint16_t>(i)));
    futures_.resume();
    next_execution_ = state_.next_order().value * 16;  // after a restart, above all given before
}

void Engine::record(Fact fact, Batch& batch) {
    state_.apply(fact);
    batch.facts.push_back(std::move(fact));
}

base::Result<AccountId> Engine::open_account(AccountOpened fact, Batch& batch) {
    if (state_.accounts().size() >= settings_.max_accounts) {
        return base::fail(base::Errc::conflict, "too_many_accounts",
                          "The venue has no room for more accounts.");
    }
    fact.account = AccountId(static_cast<std::uint32_t>(state_.accounts().size() + 1));
    auto const id = fact.account;
    record(std::move(fact), batch);
    return id;
}

base::Result<void> Engine::deposit(AccountId id, AssetId asset, base::Decimal amount,
                                   base::Timestamp now, Batch& batch) {
    auto const* account = state_.find_account(id);
    if (account == nullptr) {
        return base::fail(base::Errc::not_found, "account_not_found", "There is no such account.");
    }
    if ((account->balance(asset).free + amount).is_negative()) {
        return base::fail(base::Errc::conflict, "insufficient_balance",
                          "The account has less than that free.");
    }
    record(Deposited{id, asset, amount, now}, batch);
    batch.events.emplace_back(BalanceChanged{id, asset, amount, now});
    batch.events.emplace_back(AccountPosition{id, {{asset, account->balance(asset)}}, now});
    return {};
}

Outcome<void> Engine::check(AccountId id, NewOrder const& wanted) const {
    auto const planned = plan(*state_.find_account(id), wanted);
    if (!planned) return std::unexpected(planned.error());
    return {};
}

Outcome<Order const*> Engine::place(AccountId id, NewOrder const& wanted, base::Timestamp now,
                                    Batch& batch) {
    auto const& account = *state_.find_account(id);
    auto const planned = plan(account, wanted);
    if (!planned) return std::unexpected(planned.error());
    auto const order_id = state_.next_order();
    Order order{.id = order_id,
                .account = id,
                .symbol = wanted.symbol,
                .client_id = wanted.client_id,
                .side = wanted.side,
                .kind = wanted.kind,
                .time_in_force = wanted.time_in_force,
                .price = wanted.price,
                .quantity = planned->quantity,
                .quote_quantity = wanted.quote_quantity,
                .accepted_at = now,
                .updated_at = now};
    if (order.client_id.empty()) order.client_id = "paper_" + std::to_string(order_id.value);
    record(OrderAccepted{std::move(order)}, batch);
    report(ExecutionType::accepted, *state_.find_order(order_id), std::nullopt, "", now, batch);
    for (auto const& slice : planned->slices) fill(order_id, slice, false, now, batch);
    auto const& placed = *state_.find_order(order_id);
    if (placed.is_open() && planned->expires) close(order_id, OrderStatus::expired, "", now, batch);
    report_balances(account, wanted.symbol, now, batch);
    return &placed;
}

Outcome<Engine::Plan> Engine::plan(Account const& account, NewOrder const& wanted) const {
    if (!account.credential.can_trade) {
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    }
    auto const& instrument = catalogue_.instrument(wanted.symbol);
    auto const filters = check_filters(instrument, wanted, state_.symbol(wanted.symbol).price);
    if (!filters) return std::unexpected(filters.error());
    auto const* namesake = wanted.client_id.empty()
                               ? nullptr
                               : state_.find_order(account, wanted.symbol, wanted.client_id);
    if (namesake != nullptr && namesake->is_open()) return refuse(-2010, "Duplicate order sent.");
    auto const& market = books_[wanted.symbol.value];
    bool const is_market = wanted.kind == OrderKind::market;
    if (wanted.kind == OrderKind::limit_maker && market.crosses(wanted.side, wanted.price)) {
        return refuse(-2010, "Order would immediately match and take.");
    }
    Plan plan{.quantity = wanted.quantity,
              .slices = {},
              .expires = is_market || wanted.time_in_force != TimeInForce::gtc};
    if (wanted.quantity.is_zero()) {
        plan.slices = market.take_for(wanted.side, wanted.quote_quantity, instrument.step);
        for (auto const& slice : plan.slices) plan.quantity += slice.quantity;
        if (plan.quantity.is_zero()) return refuse(-1013, "Filter failure: LOT_SIZE");
    } else if (wanted.kind != OrderKind::limit_maker) {
        plan.slices = market.take(wanted.side, wanted.quantity, wanted.price);
    }
    if (wanted.fill_share)
        plan.slices = part_of(std::move(plan.slices), *wanted.fill_share, instrument.step);
    auto const funds = check_funds(account, wanted, plan);
    if (!funds) return std::unexpected(funds.error());
    if (wanted.time_in_force == TimeInForce::fok && !is_market) {
        base::Quantity at_once{};
        for (auto const& slice : plan.slices) at_once += slice.quantity;
        if (at_once < wanted.quantity) plan.slices.clear();
    }
    return plan;
}

Outcome<void> Engine::check_funds(Account const& account, NewOrder const& wanted,
                                  Plan const& plan) const {
    auto const& instrument = catalogue_.instrument(wanted.symbol);
    base::Money cost{};
    if (wanted.kind == OrderKind::market) {
        for (auto const& slice : plan.slices) {
            cost += notional(slice.price, slice.quantity, base::Rounding::ceiling);
        }
        cost = std::max(cost, wanted.quote_quantity);
    } else {
        cost = notional(wanted.price, wanted.quantity, base::Rounding::ceiling);
    }
    bool const buys = wanted.side == Side::buy;
    auto const& paid = account.balance(buys ? instrument.quote_asset : instrument.base_asset);
    if (paid.free < (buys ? cost.value : plan.quantity.value)) {
        return refuse(-2010, "Account has insufficient balance for requested action.");
    }
    if (plan.expires || account.open_orders.size() < settings_.max_open_orders) return {};
    auto const open = std::ranges::count_if(account.open_orders, [&](OrderId id) {
        return state_.find_order(id)->symbol == wanted.symbol;
    });
    if (static_cast<std::size_t>(open) < settings_.max_open_orders) return {};
    return refuse(-1013, "Filter failure: MAX_NUM_ORDERS");
}

Outcome<Order const*> Engine::query(AccountId account, SymbolId symbol,
                                    OrderName const& name) const {
    auto const* order =
        name.id ? state_.find_order(*name.id)
                : state_.find_order(*state_.find_account(account), symbol, name.client_id);
    if (order == nullptr || order->account != account || order->symbol != symbol) {
        return refuse(-2013, "Order does not exist.");
    }
    return order;
}

Outcome<Order const*> Engine::cancel(AccountId account, SymbolId symbol, OrderName const& name,
                                     std::string const& cancel_client_id, base::Timestamp now,
                                     Batch& batch) {
    auto const found = query(account, symbol, name);
    bool const both_agree =
        found && (!name.id || name.client_id.empty() || (*found)->client_id == name.client_id);
    if (!both_agree || !(*found)->is_open()) return refuse(-2011, "Unknown order sent.");
    auto const id = (*found)->id;
    auto const own_id = cancel_client_id.empty() ? cancel_id_of(id) : cancel_client_id;
    close(id, OrderStatus::canceled, own_id, now, batch);
    report_balances(*state_.find_account(account), symbol, now, batch);
    return state_.find_order(id);
}

}  // namespace obscura::paper
