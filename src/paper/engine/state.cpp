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

std::string client_key(SymbolId symbol, std::string_view client_id) {
    std::string key = std::to_string(symbol.value);
    key += ':';
    key += client_id;
    return key;
}

State::State(Catalogue const& catalogue, std::size_t max_closed_orders)
    : catalogue_(catalogue),
      max_closed_orders_(max_closed_orders),
      symbols_(catalogue.instruments().size()),
      totals_(catalogue.assets().size()) {
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
        symbols_[i].price = catalogue.instruments()[i].start_price;
    }
}

void State::apply(Fact const& fact) {
    std::visit([this](auto const& f) { on(f); }, fact);
}

void State::on(AccountOpened const& fact) {
    if (fact.account.value != accounts_.size() + 1) throw std::logic_error("account out of order");
    accounts_.push_back({.id = fact.account,
                         .label = fact.label,
                         .maker_fee = fact.maker_fee,
                         .taker_fee = fact.taker_fee,
                         .credential = fact.credential,
                         .opened_at = fact.time,
                         .updated_at = fact.time,
                         .balances = std::vector<Balance>(catalogue_.assets().size())});
    if (!fact.label.empty()) by_label_.emplace(fact.label, fact.account);
}

void State::on(Deposited const& fact) {
    auto& owner = account(fact.account);
    owner.balances[fact.asset.value].free += fact.amount;
    owner.updated_at = fact.time;
    totals_[fact.asset.value].deposited += fact.amount;
}

void State::on(OrderAccepted const& fact) {
    auto& order = insert(fact.order);
    order.updated_at = order.accepted_at;
    auto& owner = account(order.account);
    owner.updated_at = order.accepted_at;
    if (order.kind == OrderKind::market) return;
    auto const& instrument = catalogue_.instrument(order.symbol);
    auto& paid = owner.balances[paid_asset(instrument, order.side).value];
    auto const locked = lock_of(order, order.quantity);
    paid.free -= locked;
    paid.locked += locked;
}

void State::on(OrderFilled const& fact) {
    auto& filled = order(fact.order);
    move_balances(filled, fact.fill);
    filled.executed += fact.fill.quantity;
    filled.executed_quote += base::Money{value_of(fact.fill.price, fact.fill.quantity)};
    filled.updated_at = fact.fill.time;
    filled.fills.push_back(fact.fill);
    auto& owner = account(filled.account);
    owner.updated_at = fact.fill.time;
    owner.trades.push_back({.order = filled.id,
                            .fill = filled.fills.size() - 1,
                            .symbol = filled.symbol,
                            .trade = fact.fill.trade});
    auto& next = symbols_[filled.symbol.value].next_trade;
    next = std::max(next, TradeId(fact.fill.trade.value + 1));
    filled.status =
        filled.executed == filled.quantity ? OrderStatus::filled : OrderStatus::partially_filled;
    if (filled.status == OrderStatus::filled) leave_open(filled);
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
    auto& closed = order(fact.order);
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
    auto const& restored = insert(fact.order);
    auto& owner = account(restored.account);
    for (std::size_t i = 0; i < restored.fills.size(); ++i) {
        auto const trade = restored.fills[i].trade;
        owner.trades.push_back(
            {.order = restored.id, .fill = i, .symbol = restored.symbol, .trade = trade});
        auto& next = symbols_[restored.symbol.value].next_trade;
        next = std::max(next, TradeId(trade.value + 1));
    }
    if (!restored.is_open()) leave_open(restored);
}

void State::on(BalanceRestored const& fact) {
    account(fact.account).balances[fact.asset.value] = fact.balance;
}

void State::on(TotalsRestored const& fact) { totals_[fact.asset.value] = fact.totals; }

void State::on(CountersRestored const& fact) {
    next_order_ = fact.next_order;
    evicted_orders_ = fact.evicted_orders;
    // The last fact of a snapshot, which names orders as they closed.
    for (auto& a : accounts_) {
        std::ranges::sort(a.orders);
        std::ranges::sort(a.trades, {}, &TradeRef::trade);
    }
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

Order& State::insert(Order order) {
    next_order_ = std::max(next_order_, OrderId(order.id.value + 1));
    auto& owner = account(order.account);
    owner.orders.push_back(order.id);
    owner.open_orders.insert(order.id);
    owner.latest_by_client_id.insert_or_assign(client_key(order.symbol, order.client_id), order.id);
    if (order.kind != OrderKind::market) {
        auto& symbol = symbols_[order.symbol.value];
        (order.side == Side::buy ? symbol.buys : symbol.sells).emplace(order.price, order.id);
    }
    auto const id = order.id;
    return orders_.insert_or_assign(id, std::move(order)).first->second;
}

void State::leave_open(Order const& order) {
    account(order.account).open_orders.erase(order.id);
    if (order.kind != OrderKind::market) {
        auto& symbol = symbols_[order.symbol.value];
        (order.side == Side::buy ? symbol.buys : symbol.sells).erase({order.price, order.id});
    }
    closed_.push_back(order.id);
    if (closed_.size() > max_closed_orders_) evict_oldest();
}

void State::evict_oldest() {
    auto const id = closed_.front();
    closed_.pop_front();
    auto const& old = order(id);
    auto& owner = account(old.account);
    auto const named = owner.latest_by_client_id.find(client_key(old.symbol, old.client_id));
    if (named != owner.latest_by_client_id.end() && named->second == id) {
        owner.latest_by_client_id.erase(named);
    }
    // Both searches start at the old end, where what leaves stands but for a few open orders.
    if (auto const at = std::ranges::find(owner.orders, id); at != owner.orders.end()) {
        owner.orders.erase(at);
    }
    for (std::size_t left = old.fills.size(); left > 0; --left) {
        auto const at = std::ranges::find(owner.trades, id, &TradeRef::order);
        if (at != owner.trades.end()) owner.trades.erase(at);
    }
    orders_.erase(id);
    ++evicted_orders_;
}

Account& State::account(AccountId id) {
    if (id.value == 0 || id.value > accounts_.size())
        throw std::logic_error("fact names no account");
    return accounts_[id.value - 1];
}

Order& State::order(OrderId id) {
    auto const found = orders_.find(id);
    if (found == orders_.end()) throw std::logic_error("fact names no order");
    return found->second;
}

Account const* State::find_account(AccountId id) const {
    if (id.value == 0 || id.value > accounts_.size()) return nullptr;
    return &accounts_[id.value - 1];
}

Account const* State::find_account(std::string_view label) const {
    auto const found = by_label_.find(std::string(label));
    return found == by_label_.end() ? nullptr : find_account(found->second);
}

Order const* State::find_order(OrderId id) const {
    auto const found = orders_.find(id);
    return found == orders_.end() ? nullptr : &found->second;
}

Order const* State::find_order(Account const& account, SymbolId symbol,
                               std::string_view client_id) const {
    auto const found = account.latest_by_client_id.find(client_key(symbol, client_id));
    return found == account.latest_by_client_id.end() ? nullptr : find_order(found->second);
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
    for (auto const id : closed_) facts.emplace_back(OrderRestored{*find_order(id)});
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
    facts.emplace_back(CountersRestored{next_order_, evicted_orders_});
    return facts;
}

}  // namespace obscura::paper
