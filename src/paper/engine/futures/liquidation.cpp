#include "paper/engine/futures/brackets.hpp"
#include "paper/engine/futures/engine.hpp"
#include "paper/engine/futures/position.hpp"

#include <algorithm>

// What an account without margin meets, and what time brings: liquidation, funding, expiry.

namespace obscura::paper {
namespace {

base::Timestamp floor_to(base::Timestamp time, std::chrono::milliseconds interval) {
    return time - time.time_since_epoch() % interval;
}

base::Decimal whole_units(base::Decimal amount, base::Rounding rounding) {
    return to_step(amount, base::Decimal::from_scaled(1, 8), rounding);
}

}  // namespace

void FuturesEngine::liquidate_holders(SymbolId symbol, base::Timestamp now, Batch& batch) {
    for (auto const& account : state().accounts()) {
        bool cross = false;
        std::vector<PositionKey> isolated;
        for (auto const& [key, position] : account.positions) {
            if (key.symbol != symbol) continue;
            if (account.terms_of(symbol).margin_mode == MarginMode::cross) {
                cross = true;
                continue;
            }
            auto const mark = mark_price(symbol);
            auto const needed = maintenance_margin(symbol, signed_value(position, mark).abs());
            if (position.isolated + unrealised(position, mark) <= needed) isolated.push_back(key);
        }
        for (auto const& key : isolated) liquidate_isolated(account, key, now, batch);
        if (!cross) continue;
        auto const figures = margin_of(state(), account, marks());
        auto const equity = figures.cross_wallet + figures.cross_unrealised.value;
        if (equity <= figures.cross_maintenance.value) liquidate_cross(account, now, batch);
    }
}

void FuturesEngine::cancel_all(FuturesAccount const& account, std::optional<SymbolId> symbol,
                               base::Timestamp now, Batch& batch) {
    auto const open = account.open_orders;  // a copy: closing changes it
    for (auto const id : open) {
        if (!symbol || state().orders().find(id)->symbol == *symbol) {
            close(id, OrderStatus::canceled, now, batch);
        }
    }
}

void FuturesEngine::take_over(FuturesAccount const& account, PositionKey key, base::Timestamp now,
                              Batch& batch) {
    auto const position = account.position(key);
    auto const side = position.quantity.is_positive() ? Side::sell : Side::buy;
    auto const id = state().orders().next_id();
    auto const ms = std::to_string(base::to_unix_ms(now));
    Order order{.id = id,
                .account = account.id,
                .symbol = key.symbol,
                .client_id = "autoclose-" + ms + "-" + std::to_string(id.value),
                .side = side,
                .kind = OrderKind::market,
                .time_in_force = TimeInForce::ioc,
                .quantity = position.quantity.abs(),
                .accepted_at = now,
                .updated_at = now,
                .contract = {.position_side = key.side,
                             .reduce_only = key.side == PositionSide::both,
                             .liquidates = true,
                             .leverage = account.terms_of(key.symbol).leverage}};
    record(FuturesAccepted{std::move(order)}, batch);
    report(ExecutionType::accepted, *state().orders().find(id), std::nullopt, now, batch);
    fill(id, {mark_price(key.symbol), position.quantity.abs()}, base::Decimal{}, false, now, batch);
}

void FuturesEngine::clear(FuturesAccount const& account, SymbolId symbol, base::Decimal left,
                          base::Money value, base::Timestamp now, Batch& batch) {
    static auto const fee_rate = base::Decimal::from_scaled(125, 4);
    auto amount = -left;  // the fund makes up for what was lost beyond the margin
    if (left.is_positive()) {
        auto const fee = whole_units(multiply(value.value, fee_rate, base::Rounding::floor),
                                     base::Rounding::floor);
        amount = -std::min(fee, left);
    }
    if (!amount.is_zero()) record(InsuranceCleared{account.id, symbol, amount, now}, batch);
}

void FuturesEngine::liquidate_isolated(FuturesAccount const& account, PositionKey key,
                                       base::Timestamp now, Batch& batch) {
    cancel_all(account, key.symbol, now, batch);
    auto const margin = account.position(key).isolated.value;
    auto const value = signed_value(account.position(key), mark_price(key.symbol)).abs();
    auto const wallet_before = account.wallet;
    take_over(account, key, now, batch);
    clear(account, key.symbol, margin + account.wallet - wallet_before, value, now, batch);
    settle(account, key, now, batch);
}

void FuturesEngine::liquidate_cross(FuturesAccount const& account, base::Timestamp now,
                                    Batch& batch) {
    cancel_all(account, std::nullopt, now, batch);
    std::vector<PositionKey> cross;
    base::Money value{};
    for (auto const& [key, position] : account.positions) {
        if (account.terms_of(key.symbol).margin_mode != MarginMode::cross) continue;
        cross.push_back(key);
        value += signed_value(position, mark_price(key.symbol)).abs();
    }
    for (auto const& key : cross) take_over(account, key, now, batch);
    clear(account, cross.front().symbol, account.wallet - account.isolated(), value, now, batch);
    for (auto const& key : cross) settle(account, key, now, batch);
}

base::Timestamp FuturesEngine::next_funding(base::Timestamp now) const {
    return floor_to(now, settings_.funding_interval) + settings_.funding_interval;
}

void FuturesEngine::pass_time(base::Timestamp now, Batch& batch) {
    auto const round = floor_to(now, settings_.funding_interval);
    if (round > state().funded_until()) settle_funding(round, now, batch);
    for (auto const& account : state().accounts()) {
        if (account.listen_key.empty() || account.listen_key_expires_at > now) continue;
        auto const key = account.listen_key;
        record(ListenKeySet{account.id, "", {}}, batch);
        batch.events.emplace_back(ListenKeyExpired{account.id, key, now});
    }
}

void FuturesEngine::settle_funding(base::Timestamp round, base::Timestamp now, Batch& batch) {
    // A venue that has just been opened has no round behind it.
    bool const is_first = state().funded_until() == base::Timestamp{};
    for (auto const& account : state().accounts()) {
        if (is_first) break;
        auto const held = account.positions;  // a copy: paying changes isolated ones
        for (auto const& [key, position] : held) {
            auto const value = signed_value(position, mark_price(key.symbol)).value;
            auto const owed =
                whole_units(multiply(value, settings_.funding_rate, base::Rounding::half_even),
                            base::Rounding::half_even);
            if (owed.is_zero()) continue;
            record(FundingPaid{account.id, key, -owed, now}, batch);
            bool const isolated = account.terms_of(key.symbol).margin_mode == MarginMode::isolated;
            report_account(account, AccountUpdateReason::funding_fee,
                           isolated ? std::vector{key} : std::vector<PositionKey>{}, -owed, now,
                           batch);
        }
    }
    record(FundingSettled{round}, batch);
}

}  // namespace obscura::paper
