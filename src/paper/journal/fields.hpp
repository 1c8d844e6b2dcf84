#pragma once

#include "paper/engine/facts.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace obscura::paper {

/// An order fills once a price step at most after its first `Book::depth` fills; this is years.
inline constexpr std::size_t max_fills = 1'000'000;

// One list of fields per kind of fact, for both directions: the order is the format.

template <class V, class F>
void visit_fields(V& visit, F& fill)
    requires std::is_same_v<std::remove_const_t<F>, Fill>
{
    visit(fill.trade), visit(fill.price), visit(fill.quantity), visit(fill.commission);
    visit(fill.is_maker), visit(fill.time);
}
template <class V, class O>
void visit_fields(V& visit, O& order)
    requires std::is_same_v<std::remove_const_t<O>, Order>
{
    visit(order.id), visit(order.account), visit(order.symbol), visit(order.client_id);
    visit(order.side), visit(order.kind), visit(order.time_in_force), visit(order.price);
    visit(order.quantity), visit(order.quote_quantity), visit(order.accepted_at);
}
template <class V, class O>
void visit_progress(V& visit, O& order) {
    visit(order.executed), visit(order.executed_quote), visit(order.status);
    visit(order.updated_at);
    std::size_t count = order.fills.size();
    visit(count);
    if constexpr (!std::is_const_v<O>) order.fills.resize(std::min(count, max_fills));
}
template <class V, class C>
void visit_contract(V& visit, C& terms) {
    visit(terms.position_side), visit(terms.reduce_only), visit(terms.liquidates);
    visit(terms.leverage);
}
template <class V, class A>
void visit_algo(V& v, A& algo) {
    auto& t = algo.terms;
    v(algo.id), v(algo.account), v(t.symbol), v(t.side), v(t.kind), v(t.working_type);
    v(t.time_in_force), v(t.position_side), v(t.reduce_only), v(t.close_position);
    v(t.price_protect), v(t.trigger), v(t.quantity), v(t.client_id);
    v(algo.status), v(algo.order), v(algo.reason), v(algo.created_at), v(algo.updated_at);
    v(algo.triggered_at);
}
template <class V, class F>
void futures_fields(V& v, F& f) {
    using Kind = std::remove_const_t<F>;
    if constexpr (std::is_same_v<Kind, FuturesDeposited>) {
        v(f.account), v(f.amount), v(f.time);
    } else if constexpr (std::is_same_v<Kind, LeverageSet>) {
        v(f.account), v(f.symbol), v(f.leverage);
    } else if constexpr (std::is_same_v<Kind, MarginModeSet>) {
        v(f.account), v(f.symbol), v(f.mode);
    } else if constexpr (std::is_same_v<Kind, PositionModeSet>) {
        v(f.account), v(f.hedge);
    } else if constexpr (std::is_same_v<Kind, FuturesAccepted>) {
        visit_fields(v, f.order), visit_contract(v, f.order.contract);
    } else if constexpr (std::is_same_v<Kind, FuturesFilled>) {
        v(f.order), visit_fields(v, f.fill), v(f.fill.realised);
    } else if constexpr (std::is_same_v<Kind, FuturesClosed>) {
        v(f.order), v(f.status), v(f.time);
    } else if constexpr (std::is_same_v<Kind, AlgoAccepted>) {
        visit_algo(v, f.algo);
    } else if constexpr (std::is_same_v<Kind, AlgoChanged>) {
        v(f.algo), v(f.status), v(f.order), v(f.reason), v(f.time);
    } else if constexpr (std::is_same_v<Kind, FundingPaid>) {
        v(f.account), v(f.position.symbol), v(f.position.side), v(f.amount), v(f.time);
    } else if constexpr (std::is_same_v<Kind, FundingSettled>) {
        v(f.round);
    } else if constexpr (std::is_same_v<Kind, InsuranceCleared>) {
        v(f.account), v(f.symbol), v(f.amount), v(f.time);
    } else if constexpr (std::is_same_v<Kind, ListenKeySet>) {
        v(f.account), v(f.key), v(f.expires_at);
    } else if constexpr (std::is_same_v<Kind, FuturesRestored>) {
        auto& o = f.order;
        visit_fields(v, o), visit_contract(v, o.contract), visit_progress(v, o);
        for (auto& fill : o.fills) visit_fields(v, fill), v(fill.realised);
    } else if constexpr (std::is_same_v<Kind, WalletRestored>) {
        v(f.account), v(f.wallet), v(f.updated_at);
    } else if constexpr (std::is_same_v<Kind, PositionRestored>) {
        auto& p = f.position;
        v(f.account), v(f.key.symbol), v(f.key.side), v(p.quantity), v(p.cost), v(p.isolated);
        v(p.realised), v(p.updated_at);
    } else if constexpr (std::is_same_v<Kind, IncomeRestored>) {
        auto& i = f.income;
        v(f.account), v(i.id), v(i.kind), v(i.symbol), v(i.amount), v(i.trade), v(i.time);
    } else if constexpr (std::is_same_v<Kind, FuturesTradesNoted>) {
        v(f.symbol), v(f.next);
    } else {
        static_assert(std::is_same_v<Kind, FuturesCountersRestored>);
        v(f.next_order), v(f.evicted_orders), v(f.next_algo), v(f.next_income);
        v(f.deposited), v(f.house), v(f.fees);
    }
}
template <class V, class F>
void fields(V& v, F& f) {
    using Kind = std::remove_const_t<F>;
    if constexpr (std::is_same_v<Kind, AccountOpened>) {
        v(f.account), v(f.label), v(f.maker_fee), v(f.taker_fee), v(f.time);
        auto& c = f.credential;
        v(c.type), v(c.api_key), v(c.verifier), v(c.private_key), v(c.can_trade), v(c.can_withdraw);
    } else if constexpr (std::is_same_v<Kind, Deposited>) {
        v(f.account), v(f.asset), v(f.amount), v(f.time);
    } else if constexpr (std::is_same_v<Kind, OrderAccepted>) {
        visit_fields(v, f.order);
    } else if constexpr (std::is_same_v<Kind, OrderFilled>) {
        v(f.order), visit_fields(v, f.fill);
    } else if constexpr (std::is_same_v<Kind, OrderClosed>) {
        v(f.order), v(f.status), v(f.time);
    } else if constexpr (std::is_same_v<Kind, PriceFrozen>) {
        v(f.symbol), v(f.price), v(f.frozen);
    } else if constexpr (std::is_same_v<Kind, MarketNoted>) {
        v(f.symbol), v(f.reserved_to), v(f.price);
    } else if constexpr (std::is_same_v<Kind, OrderRestored>) {
        auto& o = f.order;
        visit_fields(v, o), visit_progress(v, o);
        for (auto& fill : o.fills) visit_fields(v, fill);
    } else if constexpr (std::is_same_v<Kind, BalanceRestored>) {
        v(f.account), v(f.asset), v(f.balance.free), v(f.balance.locked);
    } else if constexpr (std::is_same_v<Kind, TotalsRestored>) {
        v(f.asset), v(f.totals.deposited), v(f.totals.house), v(f.totals.fees);
    } else if constexpr (std::is_same_v<Kind, CountersRestored>) {
        v(f.next_order), v(f.evicted_orders);
    } else {
        futures_fields(v, f);
    }
}

}  // namespace obscura::paper
