#pragma once

#include "paper/engine/batch.hpp"
#include "paper/engine/book.hpp"
#include "paper/engine/futures/engine.hpp"
#include "paper/engine/market_stats.hpp"
#include "paper/engine/state.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace obscura::paper {

struct EngineSettings {
    base::Money level_notional{
        20'000};  ///< value of the book's first level; the n-th has n times it
    std::size_t max_open_orders = 200;  ///< per account and symbol
    std::size_t max_accounts = 10'000;
    std::size_t max_closed_orders = 500'000;  ///< of each market
    FuturesSettings futures{};
};

/// The exchange as a deterministic machine: commands and price steps in, facts and events out. Time
/// is a parameter. One thread. The spot market's commands are here, the futures' in `futures()`.
class Engine {
public:
    Engine(Catalogue const& catalogue, EngineSettings settings);

    /// Replays what an earlier run decided; then `resume` once.
    void replay(Fact const& fact) { state_.apply(fact); }
    void resume();

    // Commands. `batch` is appended to, also when the command is refused (then by nothing).
    [[nodiscard]] base::Result<AccountId> open_account(AccountOpened fact, Batch& batch);
    /// A negative amount must not take more than is free.
    [[nodiscard]] base::Result<void> deposit(AccountId account, AssetId asset, base::Decimal amount,
                                             base::Timestamp now, Batch& batch);
    /// The order as it stands after all that could happen at once.
    [[nodiscard]] Outcome<Order const*> place(AccountId account, NewOrder const& wanted,
                                              base::Timestamp now, Batch& batch);
    /// Whether `place` would accept it.
    [[nodiscard]] Outcome<void> check(AccountId account, NewOrder const& wanted) const;
    [[nodiscard]] Outcome<Order const*> cancel(AccountId account, SymbolId symbol,
                                               OrderName const& name,
                                               std::string const& cancel_client_id,
                                               base::Timestamp now, Batch& batch);
    /// The client id of a cancel request that brought none.
    [[nodiscard]] static std::string cancel_id_of(OrderId id) {
        return "cancel_" + std::to_string(id.value);
    }
    /// A new price, a tick of the same one included: resting orders fill against the new book, on
    /// both markets.
    void step_price(SymbolId symbol, base::Price price, base::Timestamp now, Batch& batch);
    void freeze_price(SymbolId symbol, std::optional<base::Price> price, bool frozen,
                      base::Timestamp now, Batch& batch);

    [[nodiscard]] FuturesEngine& futures() { return futures_; }
    [[nodiscard]] FuturesEngine const& futures() const { return futures_; }

    // Queries.
    [[nodiscard]] Outcome<Order const*> query(AccountId account, SymbolId symbol,
                                              OrderName const& name) const;
    [[nodiscard]] State const& state() const { return state_; }
    [[nodiscard]] Book const& book(SymbolId symbol) const { return books_[symbol.value]; }
    [[nodiscard]] MarketStats const& stats(SymbolId symbol) const { return stats_[symbol.value]; }
    /// Grows by one with each price step.
    [[nodiscard]] std::uint64_t book_version(SymbolId symbol) const {
        return book_versions_[symbol.value];
    }

private:
    /// An order that keeps all rules, with what it takes from the book at once.
    struct Plan {
        base::Quantity quantity{};
        std::vector<Slice> slices;
        bool expires = false;  ///< what the book does not give at once
    };

    [[nodiscard]] Outcome<Plan> plan(Account const& account, NewOrder const& wanted) const;
    [[nodiscard]] Outcome<void> check_funds(Account const& account, NewOrder const& wanted,
                                            Plan const& plan) const;
    void record(Fact fact, Batch& batch);
    void report(ExecutionType type, Order const& order, std::optional<Fill> fill,
                std::string cancel_client_id, base::Timestamp now, Batch& batch);
    void report_balances(Account const& account, SymbolId symbol, base::Timestamp now,
                         Batch& batch);
    void fill(OrderId order, Slice slice, bool is_maker, base::Timestamp now, Batch& batch);
    void close(OrderId order, OrderStatus status, std::string cancel_client_id, base::Timestamp now,
               Batch& batch);
    void match_resting(SymbolId symbol, Side side, base::Timestamp now, Batch& batch);
    void rebuild_book(SymbolId symbol);
    [[nodiscard]] TradeId next_trade(SymbolId symbol, Batch& batch);
    void show_trade(SymbolId symbol, PublicTrade trade, Batch& batch);

    Catalogue const& catalogue_;
    EngineSettings settings_;
    State state_;
    FuturesEngine futures_;
    std::vector<Book> books_;
    std::vector<std::uint64_t> book_versions_;
    std::vector<MarketStats> stats_;
    std::uint64_t next_execution_ = 1;
};

}  // namespace obscura::paper
