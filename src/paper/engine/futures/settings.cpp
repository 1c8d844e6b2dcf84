#include "paper/engine/futures/brackets.hpp"
#include "paper/engine/futures/engine.hpp"
#include "paper/engine/futures/position.hpp"

#include <algorithm>

// What an account sets: leverage, margin mode, position mode; and its listen key.

namespace obscura::paper {
namespace {

template <class Keys>
bool any_of_symbol(Keys const& keys, SymbolId symbol) {
    return std::ranges::any_of(keys, [&](auto const& held) { return held.first.symbol == symbol; });
}

}  // namespace

Outcome<void> FuturesEngine::set_leverage(AccountId id, SymbolId symbol, std::int64_t leverage,
                                          base::Timestamp now, Batch& batch) {
    auto const& account = state().account(id);
    auto const terms = account.terms_of(symbol);
    if (leverage < 1 || leverage > brackets_of(symbol).front().max_leverage) {
        return refuse(-4028, "Leverage " + std::to_string(leverage) + " is not valid");
    }
    base::Money more{};
    for (auto const& key : keys_in_use(state(), account)) {
        if (key.symbol != symbol) continue;
        auto const exposure = exposure_of(state(), account, key, mark_price(symbol));
        auto const value = largest_value(exposure, key.side);
        if (value > max_notional(symbol, leverage)) {
            return refuse(-2027, "Exceeded the maximum allowable position at current leverage.");
        }
        if (leverage >= terms.leverage) continue;
        if (terms.margin_mode == MarginMode::isolated && !exposure.position.is_zero()) {
            return refuse(-4161,
                          "Leverage reduction is not supported in Isolated Margin Mode with open "
                          "positions.");
        }
        more += margin_for(value, leverage) - margin_for(value, terms.leverage);
    }
    if (margin_of(state(), account, marks()).available < more.value) {
        return refuse(-2019, "Margin is insufficient.");
    }
    record(LeverageSet{id, symbol, leverage}, batch);
    if (leverage != terms.leverage) {
        batch.events.emplace_back(LeverageChanged{id, symbol, leverage, now});
    }
    return {};
}

Outcome<void> FuturesEngine::set_margin_mode(AccountId id, SymbolId symbol, MarginMode mode,
                                             base::Timestamp now, Batch& batch) {
    auto const& account = state().account(id);
    if (account.terms_of(symbol).margin_mode == mode) {
        return refuse(-4046, "No need to change margin type.");
    }
    bool const has_orders = std::ranges::any_of(account.open_orders, [&](OrderId order) {
        return state().orders().find(order)->symbol == symbol;
    });
    if (has_orders) {
        return refuse(-4047, "Margin type cannot be changed if there exists open orders.");
    }
    if (any_of_symbol(account.positions, symbol)) {
        return refuse(-4048, "Margin type cannot be changed if there exists position.");
    }
    record(MarginModeSet{id, symbol, mode}, batch);
    auto const side = account.hedge ? PositionSide::long_side : PositionSide::both;
    report_account(account, AccountUpdateReason::margin_type_change, {{symbol, side}},
                   base::Decimal{}, now, batch);
    return {};
}

Outcome<void> FuturesEngine::set_position_mode(AccountId id, bool hedge, Batch& batch) {
    auto const& account = state().account(id);
    if (account.hedge == hedge) return refuse(-4059, "No need to change position side.");
    bool const has_algos = std::ranges::any_of(
        account.algos, [&](AlgoId algo) { return state().find_algo(algo)->is_open(); });
    if (!account.open_orders.empty() || has_algos) {
        return refuse(-4067, "Position side cannot be changed if there exists open orders.");
    }
    if (!account.positions.empty()) {
        return refuse(-4068, "Position side cannot be changed if there exists position.");
    }
    record(PositionModeSet{id, hedge}, batch);
    return {};
}

std::string FuturesEngine::open_listen_key(AccountId id, std::string const& fresh,
                                           base::Timestamp now, Batch& batch) {
    auto const& known = state().account(id).listen_key;
    auto key = known.empty() ? fresh : known;
    record(ListenKeySet{id, key, now + settings_.listen_key_life}, batch);
    return key;
}

Outcome<void> FuturesEngine::keep_listen_key(AccountId id, base::Timestamp now, Batch& batch) {
    auto const key = state().account(id).listen_key;
    if (key.empty()) return refuse(-1125, "This listenKey does not exist.");
    record(ListenKeySet{id, key, now + settings_.listen_key_life}, batch);
    return {};
}

void FuturesEngine::close_listen_key(AccountId id, Batch& batch) {
    auto const key = state().account(id).listen_key;
    if (key.empty()) return;
    record(ListenKeySet{id, "", {}}, batch);
    batch.events.emplace_back(ListenKeyClosed{id, key});
}

}  // namespace obscura::paper
