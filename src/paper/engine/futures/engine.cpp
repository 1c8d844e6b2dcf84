#include "paper/engine/futures/engine.hpp"

#include "paper/engine/futures/brackets.hpp"
#include "paper/engine/futures/filters.hpp"
#include "paper/engine/futures/position.hpp"

#include <algorithm>

// What accounts ask for: orders.

namespace obscura::paper {
namespace {

/// Whether the order can only ever reduce a position.
bool is_reduction(NewOrder const& order) {
    auto const& terms = order.contract;
    return terms.reduce_only ||
           (terms.position_side == PositionSide::long_side && order.side == Side::sell) ||
           (terms.position_side == PositionSide::short_side && order.side == Side::buy);
}

base::Quantity total(std::vector<Slice> const& slices) {
    base::Quantity sum{};
    for (auto const& slice : slices) sum += slice.quantity;
    return sum;
}

}  // namespace

FuturesEngine::FuturesEngine(State& state, FuturesSettings settings, base::Money level_notional,
                             std::size_t max_open_orders)
    : state_(state),
      settings_(settings),
      level_notional_(level_notional),
      max_open_orders_(max_open_orders),
      books_(state.futures().catalogue().instruments().size()) {}

void FuturesEngine::record(Fact fact, Batch& batch) {
    state_.apply(fact);
    batch.facts.push_back(std::move(fact));
}

base::Result<void> FuturesEngine::deposit(AccountId id, base::Decimal amount, base::Timestamp now,
                                          Batch& batch) {
    if (state_.find_account(id) == nullptr) {
        return base::fail(base::Errc::not_found, "account_not_found", "There is no such account.");
    }
    auto const& account = state().account(id);
    if (amount.is_negative() && margin_of(state(), account, marks()).available < -amount) {
        return base::fail(base::Errc::conflict, "insufficient_balance",
                          "The account has less than that free.");
    }
    record(FuturesDeposited{id, amount, now}, batch);
    auto const reason =
        amount.is_negative() ? AccountUpdateReason::withdraw : AccountUpdateReason::deposit;
    report_account(account, reason, {}, amount, now, batch);
    return {};
}

Outcome<void> FuturesEngine::check(AccountId id, NewOrder const& wanted) const {
    auto const planned = plan(state().account(id), wanted);
    if (!planned) return std::unexpected(planned.error());
    return {};
}

Outcome<Order const*> FuturesEngine::place(AccountId id, NewOrder const& wanted,
                                           base::Timestamp now, Batch& batch) {
    auto const& account = state().account(id);
    auto const planned = plan(account, wanted);
    if (!planned) return std::unexpected(planned.error());
    return &carry_out(account, wanted, *planned, now, batch);
}

Order const& FuturesEngine::carry_out(FuturesAccount const& account, NewOrder const& wanted,
                                      Plan const& plan, base::Timestamp now, Batch& batch) {
    auto const id = state().orders().next_id();
    Order order{.id = id,
                .account = account.id,
                .symbol = wanted.symbol,
                .client_id = wanted.client_id,
                .side = wanted.side,
                .kind = wanted.kind,
                .time_in_force = wanted.time_in_force,
                .price = wanted.price,
                .quantity = plan.quantity,
                .accepted_at = now,
                .updated_at = now,
                .contract = wanted.contract};
    order.contract.leverage = account.terms_of(wanted.symbol).leverage;
    if (order.client_id.empty()) order.client_id = "paper_" + std::to_string(id.value);
    record(FuturesAccepted{std::move(order)}, batch);
    auto const& placed = *state().orders().find(id);
    report(ExecutionType::accepted, placed, std::nullopt, now, batch);
    for (auto const& slice : plan.slices) {
        fill(id, slice, settings_.taker_fee, false, now, batch);
    }
    if (placed.is_open() && plan.expires) close(id, OrderStatus::expired, now, batch);
    if (!plan.slices.empty()) {
        settle(account, {wanted.symbol, wanted.contract.position_side}, now, batch);
    }
    return placed;
}

Outcome<void> FuturesEngine::check_terms(FuturesAccount const& account,
                                         NewOrder const& wanted) const {
    if (!state_.find_account(account.id)->credential.can_trade) {
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    }
    auto const& terms = wanted.contract;
    if ((terms.position_side == PositionSide::both) == account.hedge) {
        return refuse(-4061, "Order's position side does not match user's setting.");
    }
    if (account.hedge && terms.reduce_only) {
        return refuse(-1106, "Parameter 'reduceonly' sent when not required.");
    }
    auto const& instrument = catalogue().instrument(wanted.symbol);
    auto const filters = check_futures_filters(instrument, wanted);
    if (!filters) return filters;
    auto const* namesake = wanted.client_id.empty()
                               ? nullptr
                               : state().orders().find(account, wanted.symbol, wanted.client_id);
    if (namesake != nullptr && namesake->is_open()) {
        return refuse(-4116, "ClientOrderId is duplicated.");
    }
    if (is_reduction(wanted)) return {};
    return check_futures_value(instrument, wanted, mark_price(wanted.symbol));
}

Outcome<FuturesEngine::Plan> FuturesEngine::plan(FuturesAccount const& account,
                                                 NewOrder const& wanted) const {
    auto const terms = check_terms(account, wanted);
    if (!terms) return std::unexpected(terms.error());
    bool const is_market = wanted.kind == OrderKind::market;
    auto const& market = books_[wanted.symbol.value];
    if (wanted.kind == OrderKind::limit_maker && market.crosses(wanted.side, wanted.price)) {
        return refuse(
            -5022,
            "Due to the order could not be executed as maker, the Post Only order will be "
            "rejected. The order will not be recorded in the order history.");
    }
    auto quantity = wanted.quantity;
    if (is_reduction(wanted)) {
        auto const held = account.position({wanted.symbol, wanted.contract.position_side});
        auto const most = closable(held, wanted.side);
        // One-way orders are cut down to the position; those of hedge mode must not be larger.
        if (most.is_zero() || (account.hedge && quantity > most)) {
            return refuse(-2022, "ReduceOnly Order is rejected.");
        }
        quantity = std::min(quantity, most);
    }
    Plan plan{.slices = {},
              .expires = is_market || wanted.time_in_force != TimeInForce::gtc,
              .quantity = quantity};
    if (wanted.kind != OrderKind::limit_maker) {
        plan.slices = market.take(wanted.side, quantity, wanted.price);
    }
    if (wanted.fill_share) {
        auto const step = catalogue().instrument(wanted.symbol).step;
        plan.slices = part_of(std::move(plan.slices), *wanted.fill_share, step);
    }
    bool const whole = wanted.time_in_force == TimeInForce::fok && !is_market;
    if (whole && total(plan.slices) < quantity) {
        return refuse(-5021,
                      "Due to the order could not be filled immediately, the FOK order has been "
                      "rejected. The order will not be recorded in the order history.");
    }
    if (!plan.expires) {
        auto const room = check_room(account, wanted);
        if (!room) return std::unexpected(room.error());
    }
    if (!is_reduction(wanted)) {
        auto const margin = check_margin(account, wanted, plan);
        if (!margin) return std::unexpected(margin.error());
        auto const isolated = check_isolated(account, wanted, plan);
        if (!isolated) return std::unexpected(isolated.error());
    }
    return plan;
}

Outcome<void> FuturesEngine::check_room(FuturesAccount const& account,
                                        NewOrder const& wanted) const {
    auto const open = std::ranges::count_if(account.open_orders, [&](OrderId id) {
        return state().orders().find(id)->symbol == wanted.symbol;
    });
    if (static_cast<std::size_t>(open) < max_open_orders_) return {};
    return refuse(-2025, "Reach max open order limit.");
}

Outcome<void> FuturesEngine::check_margin(FuturesAccount const& account, NewOrder const& wanted,
                                          Plan const& plan) const {
    auto const side = wanted.contract.position_side;
    auto const mark = mark_price(wanted.symbol);
    auto const leverage = account.terms_of(wanted.symbol).leverage;
    auto const before = exposure_of(state(), account, {wanted.symbol, side}, mark);
    base::Money value{};
    base::Money lost_at_once{};  // by trading beside the mark price
    for (auto const& slice : plan.slices) {
        value += notional(slice.price, slice.quantity, base::Rounding::ceiling);
        auto const apart = wanted.side == Side::buy ? slice.price - mark : mark - slice.price;
        if (!apart.is_positive()) continue;
        lost_at_once += notional(apart, slice.quantity, base::Rounding::ceiling);
    }
    if (!plan.expires) value = notional(wanted.price, wanted.quantity, base::Rounding::ceiling);
    auto after = before;
    (wanted.side == Side::buy ? after.buys : after.sells) += value;
    auto const added = order_margin(after, side, leverage) - order_margin(before, side, leverage);
    if (!added.is_positive()) return {};
    if (largest_value(after, side) > max_notional(wanted.symbol, leverage)) {
        return refuse(-2027, "Exceeded the maximum allowable position at current leverage.");
    }
    auto const available = margin_of(state(), account, marks()).available;
    if (available >= (added + lost_at_once).value) return {};
    return refuse(-2019, "Margin is insufficient.");
}

Outcome<void> FuturesEngine::check_isolated(FuturesAccount const& account, NewOrder const& wanted,
                                            Plan const& plan) const {
    auto const terms = account.terms_of(wanted.symbol);
    if (terms.margin_mode == MarginMode::cross) return {};
    PositionKey const key{wanted.symbol, wanted.contract.position_side};
    auto const held = account.position(key);
    PositionOutcome outcome{.position = held, .realised = {}};
    base::Money realised{};
    for (auto const& slice : plan.slices) {
        outcome = after_fill(outcome.position, wanted.side, slice.price, slice.quantity, terms);
        realised += outcome.realised;
    }
    auto const mark = mark_price(wanted.symbol);
    auto const before = exposure_of(state(), account, key, mark);
    auto after = before;
    after.position = signed_value(outcome.position, mark);
    auto const more = outcome.position.isolated - held.isolated - realised +
                      order_margin(after, key.side, terms.leverage) -
                      order_margin(before, key.side, terms.leverage);
    if (margin_of(state(), account, marks()).available >= more.value) return {};
    return refuse(-2019, "Margin is insufficient.");
}

Outcome<Order const*> FuturesEngine::query(AccountId id, SymbolId symbol,
                                           OrderName const& name) const {
    auto const& orders = state().orders();
    auto const* order =
        name.id ? orders.find(*name.id) : orders.find(state().account(id), symbol, name.client_id);
    if (order == nullptr || order->account != id || order->symbol != symbol) {
        return refuse(-2013, "Order does not exist.");
    }
    return order;
}

Outcome<Order const*> FuturesEngine::cancel(AccountId id, SymbolId symbol, OrderName const& name,
                                            base::Timestamp now, Batch& batch) {
    auto const found = query(id, symbol, name);
    if (!found || !(*found)->is_open()) return refuse(-2011, "Unknown order sent.");
    close((*found)->id, OrderStatus::canceled, now, batch);
    return *found;
}

}  // namespace obscura::paper
