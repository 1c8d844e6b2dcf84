#include "paper/engine/state.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::paper {
namespace {

base::Decimal value_of(base::Price price, base::Quantity quantity) {
    // Exact: price and quantity places add up to at most 8.
    return notional(price, quantity, base::Rounding::toward_zero).value;
}

/// What an open limit order keeps locked for `quantity` of it.
base::Decimal lock_of(Order const& order, base::Quantity quantity) {
    return order.side == Side::buy ? value_of(order.price, quantity) : quantity.value;
}

AssetId paid_asset(PaperInstrument const& instrument, Side side) {
    return side == Side::buy ? instrument.quote_asset : instrument.base_asset;
}

}  // namespace

State::State(Catalogue const& catalogue, std::size_t max_closed_orders)
    : catalogue_(catalogue),
      orders_(catalogue.instruments().size(), max_closed_orders),
      symbols_(catalogue.instruments().size()),
      totals_(catalogue.assets().size()),
      futures_(max_closed_orders) {
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
        symbols_[i].price = catalogue.instruments()[i].start_price;
    }
}

void State::apply(Fact const& fact) {
    std::visit([this](auto const& f) { on(f); }, fact);
}

void State::on(AccountOpened const& fact) {
    if (fact.account.value != accounts_.size() + 1) throw std::logic_error("account out of order");
    auto& opened = accounts_.emplace_back();
    opened.id = fact.account;
    opened.label = fact.label;
    opened.maker_fee = fact.maker_fee;
    opened.taker_fee = fact.taker_fee;
    opened.credential = fact.credential;
    opened.opened_at = fact.time;
    opened.updated_at = fact.time;
    opened.balances.resize(catalogue_.assets().size());
    futures_.open_account(fact.account);
    if (!fact.label.empty()) by_label_.emplace(fact.label, fact.account);
}

void State::on(Deposited const& fact) {
    auto& owner = account(fact.account);
    owner.balances[fact.asset.value].free += fact.amount;
    owner.updated_at = fact.time;
    totals_[fact.asset.value].deposited += fact.amount;
}

void State::on(OrderAccepted const& fact) {
    auto& owner = account(fact.order.account);
    auto& order = orders_.insert(owner, fact.order);
    order.updated_at = order.accepted_at;
    owner.updated_at = order.accepted_at;
    if (order.kind == OrderKind::market) return;
    auto const& instrument = catalogue_.instrument(order.symbol);
    auto& paid = owner.balances[paid_asset(instrument, order.side).value];
    auto const locked = lock_of(order, order.quantity);
    paid.free -= locked;
    paid.locked += locked;
}

void State::on(OrderFilled const& fact) {
    auto& filled = orders_.at(fact.order);
    move_balances(filled, fact.fill);
    auto& owner = account(filled.account);
    owner.updated_at = fact.fill.time;
    orders_.add_fill(owner, filled, fact.fill);
    skip_trades_to(filled.symbol, fact.fill.trade);
    if (filled.status == OrderStatus::filled) leave_open(filled);
}

void State::skip_trades_to(SymbolId symbol, TradeId trade) {
    auto& next = symbols_[symbol.value].next_trade;
    next = std::max(next, TradeId(trade.value + 1));
}

void State::move_balances(Order const& order, Fill const& fill) {
    auto const& instrument = catalogue_.instrument(order.symbol);
    auto const value = value_of(fill.price, fill.quantity);
    bool const buys = order.side == Side::buy;
    auto const paid = buys ? value : fill.quantity.value;
    auto const received = buys ? fill.quantity.value : value;
    auto const paid_id = paid_asset(instrument, order.side);
    auto const received_id = paid_asset(instrument, model::opposite(order.side));
    auto& owner = account(order.account);
    if (order.kind == OrderKind::market) {
        owner.balances[paid_id.value].free -= paid;
    } else {
        auto const unlocked = lock_of(order, fill.quantity);
        owner.balances[paid_id.value].locked -= unlocked;
        owner.balances[paid_id.value].free += unlocked - paid;  // a better price than the limit
    }
    owner.balances[received_id.value].free += received - fill.commission;
    totals_[paid_id.value].house += paid;
    totals_[received_id.value].house -= received;
    totals_[received_id.value].fees += fill.commission;
}

void State::on(OrderClosed const& fact) {
    auto& closed = orders_.at(fact.order);
    closed.status = fact.status;
    closed.updated_at = fact.time;
    auto& owner = account(closed.account);
    owner.updated_at = fact.time;
    if (closed.kind != OrderKind::market) {
        auto const& instrument = catalogue_.instrument(closed.symbol);
        auto& paid = owner.balances[paid_asset(instrument, closed.side).value];
        auto const released = lock_of(closed, closed.remaining());
        paid.locked -= released;
        paid.free += released;
    }
    leave_open(closed);
}

void State::on(PriceFrozen const& fact) {
    symbols_[fact.symbol.value].price = fact.price;
    symbols_[fact.symbol.value].frozen = fact.frozen;
}

void State::on(MarketNoted const& fact) {
    symbols_[fact.symbol.value].reserved_to = fact.reserved_to;
    symbols_[fact.symbol.value].price = fact.price;
}

void State::on(OrderRestored const& fact) {
    auto const& restored = orders_.insert(account(fact.order.account), fact.order);
    for (auto const& fill : restored.fills) skip_trades_to(restored.symbol, fill.trade);
    if (!restored.is_open()) leave_open(restored);
}

void State::on(BalanceRestored const& fact) {
    account(fact.account).balances[fact.asset.value] = fact.balance;
}

void State::on(TotalsRestored const& fact) { totals_[fact.asset.value] = fact.totals; }

void State::on(CountersRestored const& fact) {
    orders_.restore_counters(fact.next_order, fact.evicted_orders);
    for (auto& a : accounts_) sort_orders(a);
}

void State::skip_reserved_trades() {
    for (auto& symbol : symbols_) {
        symbol.next_trade = std::max(symbol.next_trade, TradeId(symbol.reserved_to.value + 1));
    }
}

TradeId State::take_trade_id(SymbolId symbol) {
    auto& next = symbols_[symbol.value].next_trade;
    auto const taken = next;
    ++next.value;
    return taken;
}

void State::leave_open(Order const& order) {
    orders_.leave_open(account(order.account), order);
    if (auto const* old = orders_.overdue()) orders_.forget_overdue(account(old->account));
}

Account& State::account(AccountId id) {
    if (id.value == 0 || id.value > accounts_.size())
        throw std::logic_error("fact names no account");
    return accounts_[id.value - 1];
}

Account const* State::find_account(AccountId id) const {
    if (id.value == 0 || id.value > accounts_.size()) return nullptr;
    return &accounts_[id.value - 1];
}

Account const* State::find_account(std::string_view label) const {
    auto const found = by_label_.find(std::string(label));
    return found == by_label_.end() ? nullptr : find_account(found->second);
}

std::vector<Fact> State::snapshot() const {
    std::vector<Fact> facts;
    for (auto const& a : accounts_) {
        facts.emplace_back(AccountOpened{.account = a.id,
                                         .label = a.label,
                                         .maker_fee = a.maker_fee,
                                         .taker_fee = a.taker_fee,
                                         .credential = a.credential,
                                         .time = a.opened_at});
    }
    // Closed orders in the order they closed, so that eviction goes on where it was.
    for (auto const id : orders_.closed()) facts.emplace_back(OrderRestored{*find_order(id)});
    for (auto const& a : accounts_) {
        for (auto const id : a.open_orders) facts.emplace_back(OrderRestored{*find_order(id)});
        for (std::size_t i = 0; i < a.balances.size(); ++i) {
            auto const& balance = a.balances[i];
            if (balance.free.is_zero() && balance.locked.is_zero()) continue;
            facts.emplace_back(
                BalanceRestored{a.id, AssetId(static_cast<std::uint16_t>(i)), balance});
        }
    }
    for (std::size_t i = 0; i < totals_.size(); ++i) {
        facts.emplace_back(TotalsRestored{AssetId(static_cast<std::uint16_t>(i)), totals_[i]});
    }
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
        auto const id = SymbolId(static_cast<std::uint16_t>(i));
        facts.emplace_back(MarketNoted{id, symbols_[i].reserved_to, symbols_[i].price});
        if (symbols_[i].frozen) facts.emplace_back(PriceFrozen{id, symbols_[i].price, true});
    }
    futures_.snapshot(facts);
    facts.emplace_back(CountersRestored{orders_.next_id(), orders_.evicted()});
    return facts;
}

}  // namespace obscura::paper
