#pragma once

#include "paper/engine/batch.hpp"
#include "paper/engine/book.hpp"
#include "paper/engine/futures/margin.hpp"
#include "paper/engine/state.hpp"

#include <string>
#include <vector>

namespace obscura::paper {

/// The futures market as a deterministic machine beside the spot one: the same prices, books of its
/// own ticks and steps, positions instead of balances. Part of `Engine`, which feeds it price
/// steps.
class FuturesEngine {
public:
    static constexpr std::size_t max_open_algos = 200;  ///< per account and symbol

    FuturesEngine(State& state, FuturesSettings settings, base::Money level_notional,
                  std::size_t max_open_orders);

    void resume();

    // Commands. `batch` is appended to, also when the command is refused (then by nothing).
    [[nodiscard]] base::Result<void> deposit(AccountId account, base::Decimal amount,
                                             base::Timestamp now, Batch& batch);
    /// The order as it stands after all that could happen at once.
    [[nodiscard]] Outcome<Order const*> place(AccountId account, NewOrder const& wanted,
                                              base::Timestamp now, Batch& batch);
    /// Whether `place` would accept it.
    [[nodiscard]] Outcome<void> check(AccountId account, NewOrder const& wanted) const;
    [[nodiscard]] Outcome<Order const*> cancel(AccountId account, SymbolId symbol,
                                               OrderName const& name, base::Timestamp now,
                                               Batch& batch);
    [[nodiscard]] Outcome<AlgoOrder const*> place_algo(AccountId account,
                                                       NewAlgoOrder const& wanted,
                                                       base::Timestamp now, Batch& batch);
    [[nodiscard]] Outcome<AlgoOrder const*> cancel_algo(AccountId account, AlgoId id,
                                                        base::Timestamp now, Batch& batch);
    /// -4028 unless some bracket allows it, -2027 when what is held is too much for it.
    [[nodiscard]] Outcome<void> set_leverage(AccountId account, SymbolId symbol,
                                             std::int64_t leverage, base::Timestamp now,
                                             Batch& batch);
    [[nodiscard]] Outcome<void> set_margin_mode(AccountId account, SymbolId symbol, MarginMode mode,
                                                base::Timestamp now, Batch& batch);
    [[nodiscard]] Outcome<void> set_position_mode(AccountId account, bool hedge, Batch& batch);
    /// The account's listen key, `fresh` when it has none; valid for its whole life from `now`.
    [[nodiscard]] std::string open_listen_key(AccountId account, std::string const& fresh,
                                              base::Timestamp now, Batch& batch);
    /// -1125 without one.
    [[nodiscard]] Outcome<void> keep_listen_key(AccountId account, base::Timestamp now,
                                                Batch& batch);
    void close_listen_key(AccountId account, Batch& batch);

    /// The price of `symbol` in the state is new: conditional orders trigger, resting ones fill,
    /// accounts without margin are liquidated.
    void step_price(SymbolId symbol, base::Timestamp now, Batch& batch);
    /// What time alone brings: funding, and listen keys that expire.
    void pass_time(base::Timestamp now, Batch& batch);

    // Queries.
    [[nodiscard]] Outcome<Order const*> query(AccountId account, SymbolId symbol,
                                              OrderName const& name) const;
    [[nodiscard]] FuturesState const& state() const { return state_.futures(); }
    [[nodiscard]] Catalogue const& catalogue() const { return state().catalogue(); }
    [[nodiscard]] FuturesSettings const& settings() const { return settings_; }
    [[nodiscard]] Book const& book(SymbolId symbol) const { return books_[symbol.value]; }
    [[nodiscard]] base::Price mark_price(SymbolId symbol) const {
        return state_.symbol(symbol).price;
    }
    /// The mark price on the contract's tick.
    [[nodiscard]] base::Price contract_price(SymbolId symbol) const;
    [[nodiscard]] MarkPrices marks() const;
    /// The next round of funding after `now`.
    [[nodiscard]] base::Timestamp next_funding(base::Timestamp now) const;

private:
    /// An order that keeps all rules, with what it takes from the book at once.
    struct Plan {
        std::vector<Slice> slices;
        bool expires = false;  ///< what the book does not give at once
        base::Quantity
            quantity{};  ///< what was wanted, cut down to the position if it only reduces
    };

    [[nodiscard]] Outcome<Plan> plan(FuturesAccount const& account, NewOrder const& wanted) const;
    [[nodiscard]] Outcome<void> check_terms(FuturesAccount const& account,
                                            NewOrder const& wanted) const;
    [[nodiscard]] Outcome<void> check_margin(FuturesAccount const& account, NewOrder const& wanted,
                                             Plan const& plan) const;
    /// What trades at once through nothing gives back the margin of the old position less its loss,
    /// and sets aside that of the new one: no order margin says that.
    [[nodiscard]] Outcome<void> check_isolated(FuturesAccount const& account,
                                               NewOrder const& wanted, Plan const& plan) const;
    [[nodiscard]] Outcome<void> check_room(FuturesAccount const& account,
                                           NewOrder const& wanted) const;
    Order const& carry_out(FuturesAccount const& account, NewOrder const& wanted, Plan const& plan,
                           base::Timestamp now, Batch& batch);
    void record(Fact fact, Batch& batch);
    void report(ExecutionType type, Order const& order, std::optional<Fill> fill,
                base::Timestamp now, Batch& batch);
    void report_account(FuturesAccount const& account, AccountUpdateReason reason,
                        std::vector<PositionKey> const& keys, base::Decimal change,
                        base::Timestamp now, Batch& batch);
    void report_algo(AlgoOrder const& algo, bool triggering, base::Timestamp now, Batch& batch);
    void fill(OrderId order, Slice slice, base::Decimal fee, bool is_maker, base::Timestamp now,
              Batch& batch);
    void close(OrderId order, OrderStatus status, base::Timestamp now, Batch& batch);
    /// After a position has changed: orders that only reduce it must have something to reduce, and
    /// an account that lost more than it had is back at nothing.
    void settle(FuturesAccount const& account, PositionKey key, base::Timestamp now, Batch& batch);
    void match_resting(SymbolId symbol, Side side, base::Timestamp now, Batch& batch);
    void trigger_algos(SymbolId symbol, base::Timestamp now, Batch& batch);
    void trigger(AlgoOrder const& algo, base::Timestamp now, Batch& batch);
    void end_algo(AlgoId id, AlgoStatus status, OrderId order, std::string reason,
                  base::Timestamp now, Batch& batch);
    void liquidate_holders(SymbolId symbol, base::Timestamp now, Batch& batch);
    void liquidate_isolated(FuturesAccount const& account, PositionKey key, base::Timestamp now,
                            Batch& batch);
    void liquidate_cross(FuturesAccount const& account, base::Timestamp now, Batch& batch);
    void cancel_all(FuturesAccount const& account, std::optional<SymbolId> symbol,
                    base::Timestamp now, Batch& batch);
    /// Closes a position at the mark price, all at once.
    void take_over(FuturesAccount const& account, PositionKey key, base::Timestamp now,
                   Batch& batch);
    void clear(FuturesAccount const& account, SymbolId symbol, base::Decimal left,
               base::Money value, base::Timestamp now, Batch& batch);
    void settle_funding(base::Timestamp round, base::Timestamp now, Batch& batch);

    State& state_;
    FuturesSettings settings_;
    base::Money level_notional_;
    std::size_t max_open_orders_;
    std::vector<Book> books_;
};

}  // namespace obscura::paper
