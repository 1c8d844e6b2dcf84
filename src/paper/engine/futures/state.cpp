#include "paper/engine/futures/state.hpp"

#include "paper/engine/futures/position.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::paper {

SymbolTerms FuturesAccount::terms_of(SymbolId symbol) const {
    auto const found = terms.find(symbol);
    return found == terms.end() ? SymbolTerms{} : found->second;
}

Position FuturesAccount::position(PositionKey key) const {
    auto const found = positions.find(key);
    return found == positions.end() ? Position{} : found->second;
}

base::Decimal FuturesAccount::isolated() const {
    base::Decimal sum{};
    for (auto const& [key, position] : positions) sum += position.isolated.value;
    return sum;
}

FuturesState::FuturesState(std::size_t max_closed_orders)
    : orders_(catalogue_.instruments().size(), max_closed_orders),
      open_algos_(catalogue_.instruments().size()),
      next_trades_(catalogue_.instruments().size(), TradeId{1}) {}

void FuturesState::open_account(AccountId id) { accounts_.emplace_back().id = id; }

void FuturesState::on(FuturesDeposited const& fact) {
    auto& to = owner(fact.account);
    totals_.deposited += fact.amount;
    totals_.house += fact.amount;  // and `pay` takes it out again
    pay(to, {.kind = IncomeKind::transfer, .amount = fact.amount, .time = fact.time});
}

void FuturesState::on(LeverageSet const& fact) {
    owner(fact.account).terms[fact.symbol].leverage = fact.leverage;
}

void FuturesState::on(MarginModeSet const& fact) {
    owner(fact.account).terms[fact.symbol].margin_mode = fact.mode;
}

void FuturesState::on(PositionModeSet const& fact) { owner(fact.account).hedge = fact.hedge; }

void FuturesState::on(FuturesAccepted const& fact) {
    auto& order = orders_.insert(owner(fact.order.account), fact.order);
    order.updated_at = order.accepted_at;
}

void FuturesState::on(FuturesFilled const& fact) {
    auto& filled = orders_.at(fact.order);
    auto const& fill = fact.fill;
    auto& to = owner(filled.account);
    PositionKey const key{filled.symbol, filled.contract.position_side};
    auto outcome = after_fill(to.position(key), filled.side, fill.price, fill.quantity,
                              to.terms_of(filled.symbol));
    outcome.position.updated_at = fill.time;
    put(to, key, outcome.position);
    Income income{.symbol = filled.symbol, .trade = fill.trade, .time = fill.time};
    if (!fill.realised.is_zero()) {
        income.kind = IncomeKind::realized_pnl;
        income.amount = fill.realised.value;
        pay(to, income);
    }
    if (!fill.commission.is_zero()) {
        income.kind = IncomeKind::commission;
        income.amount = -fill.commission;
        totals_.fees += fill.commission;
        totals_.house -= fill.commission;  // `pay` has the house win it
        pay(to, income);
    }
    to.updated_at = fill.time;
    orders_.add_fill(to, filled, fill);
    skip_trades_to(filled.symbol, fill.trade);
    if (filled.status == OrderStatus::filled) leave_open(filled);
}

void FuturesState::on(FuturesClosed const& fact) {
    auto& closed = orders_.at(fact.order);
    closed.status = fact.status;
    closed.updated_at = fact.time;
    leave_open(closed);
}

void FuturesState::on(AlgoAccepted const& fact) {
    auto const& added = fact.algo;
    next_algo_ = std::max(next_algo_, AlgoId(added.id.value + 1));
    auto& by = owner(added.account);
    by.algos.push_back(added.id);
    by.latest_algo_by_client_id.insert_or_assign(
        client_key(added.terms.symbol, added.terms.client_id), added.id);
    if (added.is_open()) open_algos_[added.terms.symbol.value].insert(added.id);
    algos_.insert_or_assign(added.id, added);
}

void FuturesState::on(AlgoChanged const& fact) {
    auto& changed = algo(fact.algo);
    changed.status = fact.status;
    changed.reason = fact.reason;
    changed.updated_at = fact.time;
    if (fact.order.value != 0) changed.order = fact.order;
    if (fact.status == AlgoStatus::triggered) changed.triggered_at = fact.time;
    open_algos_[changed.terms.symbol.value].erase(fact.algo);
    forget_closed_algos(owner(changed.account));
}

void FuturesState::on(FundingPaid const& fact) {
    auto& to = owner(fact.account);
    auto position = to.position(fact.position);
    if (to.terms_of(fact.position.symbol).margin_mode == MarginMode::isolated) {
        position.isolated += base::Money{fact.amount};
        put(to, fact.position, position);
    }
    pay(to, {.kind = IncomeKind::funding_fee,
             .symbol = fact.position.symbol,
             .amount = fact.amount,
             .time = fact.time});
}

void FuturesState::on(InsuranceCleared const& fact) {
    pay(owner(fact.account), {.kind = IncomeKind::insurance_clear,
                              .symbol = fact.symbol,
                              .amount = fact.amount,
                              .time = fact.time});
}

void FuturesState::on(ListenKeySet const& fact) {
    auto& of = owner(fact.account);
    listeners_.erase(of.listen_key);
    of.listen_key = fact.key;
    of.listen_key_expires_at = fact.expires_at;
    if (!fact.key.empty()) listeners_.emplace(fact.key, fact.account);
}

void FuturesState::on(FuturesRestored const& fact) {
    auto const& restored = orders_.insert(owner(fact.order.account), fact.order);
    for (auto const& fill : restored.fills) skip_trades_to(restored.symbol, fill.trade);
    if (!restored.is_open()) leave_open(restored);
}

void FuturesState::on(WalletRestored const& fact) {
    owner(fact.account).wallet = fact.wallet;
    owner(fact.account).updated_at = fact.updated_at;
}

void FuturesState::on(PositionRestored const& fact) {
    put(owner(fact.account), fact.key, fact.position);
}

void FuturesState::on(IncomeRestored const& fact) {
    owner(fact.account).income.push_back(fact.income);
}

void FuturesState::on(FuturesCountersRestored const& fact) {
    orders_.restore_counters(fact.next_order, fact.evicted_orders);
    next_algo_ = fact.next_algo;
    next_income_ = fact.next_income;
    totals_ = {fact.deposited, fact.house, fact.fees};
    for (auto& a : accounts_) sort_orders(a);
}

void FuturesState::pay(FuturesAccount& account, Income income) {
    account.wallet += income.amount;
    account.updated_at = income.time;
    totals_.house -= income.amount;
    income.id = next_income_++;
    account.income.push_back(income);
    if (account.income.size() > max_income) account.income.pop_front();
}

void FuturesState::put(FuturesAccount& account, PositionKey key, Position const& position) {
    if (position.quantity.is_zero())
        account.positions.erase(key);
    else
        account.positions.insert_or_assign(key, position);
}

void FuturesState::leave_open(Order const& order) {
    orders_.leave_open(owner(order.account), order);
    if (auto const* old = orders_.overdue()) orders_.forget_overdue(owner(old->account));
}

void FuturesState::skip_trades_to(SymbolId symbol, TradeId trade) {
    auto& next = next_trades_[symbol.value];
    next = std::max(next, TradeId(trade.value + 1));
}

void FuturesState::forget_closed_algos(FuturesAccount& account) {
    while (account.algos.size() > max_closed_algos) {
        auto const oldest = account.algos.front();
        auto const& old = algo(oldest);
        if (old.is_open()) return;  // bounded by the venue's own limit on open ones
        auto const named = account.latest_algo_by_client_id.find(
            client_key(old.terms.symbol, old.terms.client_id));
        if (named != account.latest_algo_by_client_id.end() && named->second == oldest) {
            account.latest_algo_by_client_id.erase(named);
        }
        account.algos.pop_front();
        algos_.erase(oldest);
    }
}

FuturesAccount& FuturesState::owner(AccountId id) {
    if (id.value == 0 || id.value > accounts_.size())
        throw std::logic_error("fact names no account");
    return accounts_[id.value - 1];
}

FuturesAccount const& FuturesState::account(AccountId id) const {
    return accounts_.at(id.value - 1);
}

AlgoOrder& FuturesState::algo(AlgoId id) {
    auto const found = algos_.find(id);
    if (found == algos_.end()) throw std::logic_error("fact names no algo order");
    return found->second;
}

AlgoOrder const* FuturesState::find_algo(AlgoId id) const {
    auto const found = algos_.find(id);
    return found == algos_.end() ? nullptr : &found->second;
}

AlgoOrder const* FuturesState::find_algo(FuturesAccount const& of, SymbolId symbol,
                                         std::string_view client_id) const {
    auto const found = of.latest_algo_by_client_id.find(client_key(symbol, client_id));
    return found == of.latest_algo_by_client_id.end() ? nullptr : find_algo(found->second);
}

FuturesAccount const* FuturesState::find_listener(std::string const& key) const {
    auto const found = listeners_.find(key);
    return found == listeners_.end() ? nullptr : &account(found->second);
}

}  // namespace obscura::paper
