#include "paper/engine/futures/margin.hpp"

#include "paper/engine/futures/brackets.hpp"
#include "paper/engine/futures/position.hpp"

#include <algorithm>
#include <set>

namespace obscura::paper {
namespace {

/// Orders of hedge mode that sell a long or buy a short position only ever reduce it.
bool only_reduces(Order const& order) {
    auto const& terms = order.contract;
    return terms.reduce_only ||
           (terms.position_side == PositionSide::long_side && order.side == Side::sell) ||
           (terms.position_side == PositionSide::short_side && order.side == Side::buy);
}

}  // namespace

Exposure exposure_of(FuturesState const& state, FuturesAccount const& account, PositionKey key,
                     base::Price mark) {
    Exposure exposure{.position = signed_value(account.position(key), mark)};
    for (auto const id : account.open_orders) {
        auto const& order = *state.orders().find(id);
        bool const belongs = order.symbol == key.symbol && order.contract.position_side == key.side;
        if (!belongs || only_reduces(order)) continue;
        auto const value = notional(order.price, order.remaining(), base::Rounding::ceiling);
        (order.side == Side::buy ? exposure.buys : exposure.sells) += value;
    }
    return exposure;
}

base::Money largest_value(Exposure const& exposure, PositionSide side) {
    auto const held = exposure.position.abs();
    if (side == PositionSide::long_side) return held + exposure.buys;
    if (side == PositionSide::short_side) return held + exposure.sells;
    auto const bought = (exposure.position + exposure.buys).abs();
    auto const sold = (exposure.position - exposure.sells).abs();
    return std::max({held, bought, sold});
}

base::Money order_margin(Exposure const& exposure, PositionSide side, std::int64_t leverage) {
    return margin_for(largest_value(exposure, side) - exposure.position.abs(), leverage);
}

std::vector<PositionKey> keys_in_use(FuturesState const& state, FuturesAccount const& account) {
    std::set<PositionKey> keys;
    for (auto const& [key, position] : account.positions) keys.insert(key);
    for (auto const id : account.open_orders) {
        auto const& order = *state.orders().find(id);
        keys.insert({order.symbol, order.contract.position_side});
    }
    return {keys.begin(), keys.end()};
}

MarginFigures margin_of(FuturesState const& state, FuturesAccount const& account,
                        MarkPrices const& marks) {
    MarginFigures figures{.wallet = account.wallet,
                          .cross_wallet = account.wallet - account.isolated()};
    auto needed = base::Money{};
    for (auto const& key : keys_in_use(state, account)) {
        auto const mark = marks[key.symbol.value];
        auto const terms = account.terms_of(key.symbol);
        auto const position = account.position(key);
        auto const exposure = exposure_of(state, account, key, mark);
        auto const initial = margin_for(exposure.position.abs(), terms.leverage);
        auto const orders = order_margin(exposure, key.side, terms.leverage);
        auto const maintenance = position.quantity.is_zero()
                                     ? base::Money{}
                                     : maintenance_margin(key.symbol, exposure.position.abs());
        auto const result = unrealised(position, mark);
        figures.unrealised += result;
        figures.position_margin += initial;
        figures.order_margin += orders;
        figures.maintenance += maintenance;
        needed += orders;
        if (terms.margin_mode == MarginMode::isolated) continue;
        figures.cross_unrealised += result;
        figures.cross_maintenance += maintenance;
        needed += initial;
    }
    auto const left = figures.cross_wallet + figures.cross_unrealised.value - needed.value;
    figures.available = std::max(left, base::Decimal{});
    return figures;
}

base::Price liquidation_price(FuturesState const& state, FuturesAccount const& account,
                              PositionKey key, MarkPrices const& marks) {
    auto const position = account.position(key);
    auto const mark = marks[key.symbol.value];
    if (account.terms_of(key.symbol).margin_mode == MarginMode::isolated) {
        return liquidation_price(position, key.symbol, mark, position.isolated);
    }
    // What the other cross positions leave for this one.
    auto const figures = margin_of(state, account, marks);
    auto const own = maintenance_margin(key.symbol, signed_value(position, mark).abs());
    auto const others =
        figures.cross_unrealised - unrealised(position, mark) - (figures.cross_maintenance - own);
    return liquidation_price(position, key.symbol, mark,
                             base::Money{figures.cross_wallet} + others);
}

}  // namespace obscura::paper
