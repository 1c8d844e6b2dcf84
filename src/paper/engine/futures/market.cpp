#include "paper/engine/fees.hpp"
#include "paper/engine/futures/engine.hpp"
#include "paper/engine/futures/position.hpp"

#include <algorithm>

// How futures orders and the market meet: fills, price steps, and what is told of them.

namespace obscura::paper {

void FuturesEngine::resume() {
    for (std::size_t i = 0; i < books_.size(); ++i) {
        auto const symbol = SymbolId(static_cast<std::uint16_t>(i));
        books_[i] = Book(catalogue().instrument(symbol), contract_price(symbol), level_notional_);
    }
}

base::Price FuturesEngine::contract_price(SymbolId symbol) const {
    auto const tick = catalogue().instrument(symbol).tick;
    return std::max(tick, to_step(mark_price(symbol), tick, base::Rounding::half_even));
}

MarkPrices FuturesEngine::marks() const {
    MarkPrices prices;
    for (std::size_t i = 0; i < books_.size(); ++i) {
        prices.push_back(mark_price(SymbolId(static_cast<std::uint16_t>(i))));
    }
    return prices;
}

void FuturesEngine::fill(OrderId id, Slice slice, base::Decimal fee, bool is_maker,
                         base::Timestamp now, Batch& batch) {
    auto const& order = *state().orders().find(id);
    auto const& account = state().account(order.account);
    auto const value = notional(slice.price, slice.quantity, base::Rounding::toward_zero);
    auto const outcome =
        after_fill(account.position({order.symbol, order.contract.position_side}), order.side,
                   slice.price, slice.quantity, account.terms_of(order.symbol));
    Fill const made{.trade = state().next_trade(order.symbol),
                    .price = slice.price,
                    .quantity = slice.quantity,
                    .commission = commission_on(value.value, fee),
                    .is_maker = is_maker,
                    .time = now,
                    .realised = outcome.realised};
    record(FuturesFilled{id, made}, batch);
    report(ExecutionType::trade, order, made, now, batch);
}

void FuturesEngine::close(OrderId id, OrderStatus status, base::Timestamp now, Batch& batch) {
    record(FuturesClosed{id, status, now}, batch);
    auto const type =
        status == OrderStatus::canceled ? ExecutionType::canceled : ExecutionType::expired;
    report(type, *state().orders().find(id), std::nullopt, now, batch);
}

void FuturesEngine::settle(FuturesAccount const& account, PositionKey key, base::Timestamp now,
                           Batch& batch) {
    auto const held = account.position(key);
    auto const open = account.open_orders;  // a copy: closing changes it
    for (auto const id : open) {
        auto const& order = *state().orders().find(id);
        bool const belongs = order.symbol == key.symbol &&
                             order.contract.position_side == key.side && order.contract.reduce_only;
        if (belongs && closable(held, order.side).is_zero()) {
            close(id, OrderStatus::expired, now, batch);
        }
    }
    if (account.wallet.is_negative() && account.positions.empty()) {
        record(InsuranceCleared{account.id, key.symbol, -account.wallet, now}, batch);
    }
    report_account(account, AccountUpdateReason::order, {key}, base::Decimal{}, now, batch);
}

void FuturesEngine::step_price(SymbolId symbol, base::Timestamp now, Batch& batch) {
    books_[symbol.value] =
        Book(catalogue().instrument(symbol), contract_price(symbol), level_notional_);
    trigger_algos(symbol, now, batch);
    match_resting(symbol, Side::buy, now, batch);
    match_resting(symbol, Side::sell, now, batch);
    liquidate_holders(symbol, now, batch);
}

void FuturesEngine::match_resting(SymbolId symbol, Side side, base::Timestamp now, Batch& batch) {
    auto const& market = books_[symbol.value];
    for (auto const id : crossed_orders(state().orders().resting(symbol, side), market, side)) {
        auto const& order = *state().orders().find(id);
        if (!order.is_open()) continue;  // an earlier fill has left it nothing to reduce
        auto const& account = state().account(order.account);
        PositionKey const key{symbol, order.contract.position_side};
        auto quantity = order.remaining();
        bool const reduces = order.contract.reduce_only ||
                             (key.side != PositionSide::both &&
                              (key.side == PositionSide::long_side) == (order.side == Side::sell));
        if (reduces) quantity = std::min(quantity, closable(account.position(key), side));
        base::Quantity traded{};
        for (auto const& slice : market.take(side, quantity, order.price)) traded += slice.quantity;
        if (traded.is_zero()) {
            close(id, OrderStatus::expired, now, batch);
            continue;
        }
        fill(id, {order.price, traded}, settings_.maker_fee, true, now, batch);
        settle(account, key, now, batch);
    }
}

void FuturesEngine::report(ExecutionType type, Order const& order, std::optional<Fill> fill,
                           base::Timestamp now, Batch& batch) {
    batch.events.emplace_back(
        FuturesReport{.type = type, .order = order, .fill = fill, .time = now});
}

void FuturesEngine::report_account(FuturesAccount const& account, AccountUpdateReason reason,
                                   std::vector<PositionKey> const& keys, base::Decimal change,
                                   base::Timestamp now, Batch& batch) {
    FuturesAccountUpdate update{.account = account.id,
                                .reason = reason,
                                .wallet = account.wallet,
                                .cross_wallet = account.wallet - account.isolated(),
                                .change = change,
                                .positions = {},
                                .time = now};
    for (auto const& key : keys) {
        auto const position = account.position(key);
        update.positions.push_back({.key = key,
                                    .position = position,
                                    .margin_mode = account.terms_of(key.symbol).margin_mode,
                                    .unrealised = unrealised(position, mark_price(key.symbol))});
    }
    batch.events.emplace_back(std::move(update));
}

}  // namespace obscura::paper
