#pragma once

#include "paper/engine/facts.hpp"
#include "paper/engine/futures/state.hpp"
#include "paper/engine/instruments.hpp"
#include "paper/engine/order_store.hpp"

#include <deque>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace obscura::paper {

struct Account : AccountOrders {
    AccountId id{};
    std::string label;
    base::Decimal maker_fee{};
    base::Decimal taker_fee{};
    Credential credential;
    base::Timestamp opened_at{};
    base::Timestamp updated_at{};
    std::vector<Balance> balances;  ///< by AssetId

    [[nodiscard]] Balance const& balance(AssetId asset) const { return balances[asset.value]; }
};

struct SymbolState {
    base::Price price{};
    bool frozen = false;
    TradeId next_trade{1};
    TradeId reserved_to{0};
};

/// Everything the venue knows, changed by facts alone. Trusts them: rules are the engine's.
class State {
public:
    /// Beyond `max_closed_orders` the oldest closed orders are forgotten.
    State(Catalogue const& catalogue, std::size_t max_closed_orders);

    void apply(Fact const& fact);
    /// The facts that rebuild this state from nothing.
    [[nodiscard]] std::vector<Fact> snapshot() const;

    [[nodiscard]] Account const* find_account(AccountId id) const;
    [[nodiscard]] Account const* find_account(std::string_view label) const;
    [[nodiscard]] std::deque<Account> const& accounts() const { return accounts_; }
    [[nodiscard]] Order const* find_order(OrderId id) const { return orders_.find(id); }
    [[nodiscard]] Order const* find_order(Account const& account, SymbolId symbol,
                                          std::string_view client_id) const {
        return orders_.find(account, symbol, client_id);
    }
    [[nodiscard]] OrderStore const& orders() const { return orders_; }
    [[nodiscard]] SymbolState const& symbol(SymbolId id) const { return symbols_[id.value]; }
    [[nodiscard]] AssetTotals const& totals(AssetId id) const { return totals_[id.value]; }
    [[nodiscard]] OrderId next_order() const { return orders_.next_id(); }
    [[nodiscard]] std::size_t order_count() const { return orders_.size(); }
    [[nodiscard]] std::uint64_t evicted_orders() const { return orders_.evicted(); }
    [[nodiscard]] Catalogue const& catalogue() const { return catalogue_; }
    [[nodiscard]] FuturesState const& futures() const { return futures_; }

    /// A price step; not a fact, prices move again after a restart.
    void move_price(SymbolId symbol, base::Price price) { symbols_[symbol.value].price = price; }
    [[nodiscard]] TradeId take_trade_id(SymbolId symbol);
    /// After a replay: ids that were reserved may have been shown and are not given again.
    void skip_reserved_trades();

private:
    /// What is not ours is the futures market's.
    template <class F>
    void on(F const& fact) {
        futures_.on(fact);
    }
    void on(AccountOpened const& fact);
    void on(Deposited const& fact);
    void on(OrderAccepted const& fact);
    void on(OrderFilled const& fact);
    void on(OrderClosed const& fact);
    void on(PriceFrozen const& fact);
    void on(MarketNoted const& fact);
    void on(OrderRestored const& fact);
    void on(BalanceRestored const& fact);
    void on(TotalsRestored const& fact);
    void on(CountersRestored const& fact);

    [[nodiscard]] Account& account(AccountId id);
    void move_balances(Order const& order, Fill const& fill);
    void leave_open(Order const& order);
    void skip_trades_to(SymbolId symbol, TradeId trade);

    Catalogue const& catalogue_;
    std::deque<Account> accounts_;  ///< account n is at n - 1
    std::unordered_map<std::string, AccountId> by_label_;
    OrderStore orders_;
    std::vector<SymbolState> symbols_;
    std::vector<AssetTotals> totals_;
    FuturesState futures_;
};

}  // namespace obscura::paper
