#pragma once

#include "paper/engine/futures/facts.hpp"
#include "paper/engine/instruments.hpp"
#include "paper/engine/order_store.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace obscura::paper {

/// What an account has on the futures market. All amounts are of the margin asset, USDT.
struct FuturesAccount : AccountOrders {
    AccountId id{};
    base::Decimal wallet{};  ///< isolated margins included, unrealised results not
    bool hedge = false;
    base::Timestamp updated_at{};
    std::map<SymbolId, SymbolTerms> terms;                             ///< those that were set
    std::map<PositionKey, Position> positions;                         ///< those held
    std::deque<AlgoId> algos;                                          ///< ascending
    std::unordered_map<std::string, AlgoId> latest_algo_by_client_id;  ///< key: `client_key`
    std::deque<Income> income;                                         ///< oldest first, bounded
    std::string listen_key;                                            ///< "" = none
    base::Timestamp listen_key_expires_at{};

    [[nodiscard]] SymbolTerms terms_of(SymbolId symbol) const;
    [[nodiscard]] Position position(PositionKey key) const;  ///< an empty one when none is held
    [[nodiscard]] base::Decimal isolated() const;            ///< all isolated margins
};

/// Where the margin asset of all accounts came from and went.
struct FuturesTotals {
    base::Decimal deposited{};
    base::Decimal house{};  ///< results, funding and insurance, as the venue won them
    base::Decimal fees{};
};

/// The futures market's part of `State`: changed by facts alone, and trusting them.
class FuturesState {
public:
    static constexpr std::size_t max_income = 10'000;      ///< entries per account
    static constexpr std::size_t max_closed_algos = 1000;  ///< per account

    explicit FuturesState(std::size_t max_closed_orders);

    void open_account(AccountId id);
    void on(FuturesDeposited const& fact);
    void on(LeverageSet const& fact);
    void on(MarginModeSet const& fact);
    void on(PositionModeSet const& fact);
    void on(FuturesAccepted const& fact);
    void on(FuturesFilled const& fact);
    void on(FuturesClosed const& fact);
    void on(AlgoAccepted const& fact);
    void on(AlgoChanged const& fact);
    void on(FundingPaid const& fact);
    void on(FundingSettled const& fact) { funded_until_ = fact.round; }
    void on(InsuranceCleared const& fact);
    void on(ListenKeySet const& fact);
    void on(FuturesRestored const& fact);
    void on(WalletRestored const& fact);
    void on(PositionRestored const& fact);
    void on(IncomeRestored const& fact);
    void on(FuturesTradesNoted const& fact) { next_trades_[fact.symbol.value] = fact.next; }
    void on(FuturesCountersRestored const& fact);
    /// Appends the facts that rebuild this from nothing.
    template <class Facts>
    void snapshot(Facts& facts) const;

    [[nodiscard]] Catalogue const& catalogue() const { return catalogue_; }
    [[nodiscard]] FuturesAccount const& account(AccountId id) const;
    [[nodiscard]] std::deque<FuturesAccount> const& accounts() const { return accounts_; }
    [[nodiscard]] OrderStore const& orders() const { return orders_; }
    [[nodiscard]] AlgoOrder const* find_algo(AlgoId id) const;
    [[nodiscard]] AlgoOrder const* find_algo(FuturesAccount const& owner, SymbolId symbol,
                                             std::string_view client_id) const;
    [[nodiscard]] std::set<AlgoId> const& open_algos(SymbolId symbol) const {
        return open_algos_[symbol.value];
    }
    /// The account of a listen key that is valid, or nullptr.
    [[nodiscard]] FuturesAccount const* find_listener(std::string const& key) const;
    [[nodiscard]] AlgoId next_algo() const { return next_algo_; }
    [[nodiscard]] TradeId next_trade(SymbolId symbol) const { return next_trades_[symbol.value]; }
    [[nodiscard]] base::Timestamp funded_until() const { return funded_until_; }
    [[nodiscard]] FuturesTotals const& totals() const { return totals_; }

private:
    [[nodiscard]] FuturesAccount& owner(AccountId id);
    [[nodiscard]] AlgoOrder& algo(AlgoId id);
    /// Moves money between an account and the house, with an entry in its history.
    void pay(FuturesAccount& account, Income income);
    void put(FuturesAccount& account, PositionKey key, Position const& position);
    void leave_open(Order const& order);
    void skip_trades_to(SymbolId symbol, TradeId trade);
    void forget_closed_algos(FuturesAccount& account);

    Catalogue catalogue_{Market::futures};
    std::deque<FuturesAccount> accounts_;  ///< account n is at n - 1
    OrderStore orders_;
    std::unordered_map<AlgoId, AlgoOrder> algos_;
    std::vector<std::set<AlgoId>> open_algos_;  ///< by SymbolId
    std::unordered_map<std::string, AccountId> listeners_;
    std::vector<TradeId> next_trades_;
    FuturesTotals totals_;
    AlgoId next_algo_{1};
    std::uint64_t next_income_ = 1;
    base::Timestamp funded_until_{};
};

template <class Facts>
void FuturesState::snapshot(Facts& facts) const {
    // Closed orders in the order they closed, so that eviction goes on where it was.
    for (auto const id : orders_.closed()) facts.emplace_back(FuturesRestored{*orders_.find(id)});
    for (auto const& a : accounts_) {
        for (auto const id : a.open_orders) facts.emplace_back(FuturesRestored{*orders_.find(id)});
        for (auto const id : a.algos) facts.emplace_back(AlgoAccepted{*find_algo(id)});
        for (auto const& entry : a.income) facts.emplace_back(IncomeRestored{a.id, entry});
        for (auto const& [symbol, terms] : a.terms) {
            facts.emplace_back(LeverageSet{a.id, symbol, terms.leverage});
            facts.emplace_back(MarginModeSet{a.id, symbol, terms.margin_mode});
        }
        if (a.hedge) facts.emplace_back(PositionModeSet{a.id, true});
        for (auto const& [key, position] : a.positions) {
            facts.emplace_back(PositionRestored{a.id, key, position});
        }
        facts.emplace_back(WalletRestored{a.id, a.wallet, a.updated_at});
        if (!a.listen_key.empty()) {
            facts.emplace_back(ListenKeySet{a.id, a.listen_key, a.listen_key_expires_at});
        }
    }
    for (std::size_t i = 0; i < next_trades_.size(); ++i) {
        auto const symbol = SymbolId(static_cast<std::uint16_t>(i));
        facts.emplace_back(FuturesTradesNoted{symbol, next_trades_[i]});
    }
    facts.emplace_back(FundingSettled{funded_until_});
    facts.emplace_back(FuturesCountersRestored{orders_.next_id(), orders_.evicted(), next_algo_,
                                               next_income_, totals_.deposited, totals_.house,
                                               totals_.fees});
}

}  // namespace obscura::paper
