#include "paper/engine/engine.hpp"
#include "paper/engine/fees.hpp"

// How orders and the market meet: fills, price steps, and what is told of them.

namespace obscura::paper {
namespace {

/// Trade ids are reserved in the journal this many at a time.
constexpr std::uint64_t trade_reservation = 64;

}  // namespace

void Engine::fill(OrderId id, Slice slice, bool is_maker, base::Timestamp now, Batch& batch) {
    auto const& order = *state_.find_order(id);
    auto const& account = *state_.find_account(order.account);
    auto const value = notional(slice.price, slice.quantity, base::Rounding::toward_zero);
    auto const received = order.side == Side::buy ? slice.quantity.value : value.value;
    Fill const made{
        .trade = next_trade(order.symbol, batch),
        .price = slice.price,
        .quantity = slice.quantity,
        .commission = commission_on(received, is_maker ? account.maker_fee : account.taker_fee),
        .is_maker = is_maker,
        .time = now};
    record(OrderFilled{id, made}, batch);
    report(ExecutionType::trade, order, made, "", now, batch);
    bool const buyer_is_maker = (order.side == Side::buy) == is_maker;
    show_trade(order.symbol,
               {.symbol = order.symbol,
                .id = made.trade,
                .price = made.price,
                .quantity = made.quantity,
                .buyer_is_maker = buyer_is_maker,
                .time = now},
               batch);
}

void Engine::close(OrderId id, OrderStatus status, std::string cancel_client_id,
                   base::Timestamp now, Batch& batch) {
    record(OrderClosed{id, status, now}, batch);
    auto const type =
        status == OrderStatus::canceled ? ExecutionType::canceled : ExecutionType::expired;
    report(type, *state_.find_order(id), std::nullopt, std::move(cancel_client_id), now, batch);
}

void Engine::step_price(SymbolId symbol, base::Price price, base::Timestamp now, Batch& batch) {
    state_.move_price(symbol, price);
    rebuild_book(symbol);
    ++book_versions_[symbol.value];
    // The market's own trade: one smallest lot, so that candles and streams have something to show.
    show_trade(symbol,
               {.symbol = symbol,
                .id = next_trade(symbol, batch),
                .price = price,
                .quantity = catalogue_.instrument(symbol).step,
                .buyer_is_maker = (book_versions_[symbol.value] & 1) != 0,
                .time = now},
               batch);
    match_resting(symbol, Side::buy, now, batch);
    match_resting(symbol, Side::sell, now, batch);
    futures_.step_price(symbol, now, batch);
    batch.events.emplace_back(MarketMoved{symbol});
}

void Engine::match_resting(SymbolId symbol, Side side, base::Timestamp now, Batch& batch) {
    auto const& market = books_[symbol.value];
    // A copy: filling changes what rests.
    auto const crossed = crossed_orders(state_.orders().resting(symbol, side), market, side);
    for (auto const id : crossed) {
        auto const& order = *state_.find_order(id);
        base::Quantity quantity{};
        for (auto const& slice : market.take(side, order.remaining(), order.price)) {
            quantity += slice.quantity;
        }
        auto const& account = *state_.find_account(order.account);
        fill(id, {order.price, quantity}, true, now, batch);
        report_balances(account, symbol, now, batch);
    }
}

void Engine::freeze_price(SymbolId symbol, std::optional<base::Price> price, bool frozen,
                          base::Timestamp now, Batch& batch) {
    auto const at = price.value_or(state_.symbol(symbol).price);
    record(PriceFrozen{symbol, at, frozen}, batch);
    step_price(symbol, at, now, batch);
}

void Engine::rebuild_book(SymbolId symbol) {
    books_[symbol.value] =
        Book(catalogue_.instrument(symbol), state_.symbol(symbol).price, settings_.level_notional);
}

TradeId Engine::next_trade(SymbolId symbol, Batch& batch) {
    auto const& market = state_.symbol(symbol);
    if (market.next_trade > market.reserved_to) {
        record(MarketNoted{symbol, TradeId(market.next_trade.value + trade_reservation - 1),
                           market.price},
               batch);
    }
    return state_.take_trade_id(symbol);
}

void Engine::show_trade(SymbolId symbol, PublicTrade trade, Batch& batch) {
    stats_[symbol.value].add(trade);
    batch.events.emplace_back(trade);
}

void Engine::report(ExecutionType type, Order const& order, std::optional<Fill> fill,
                    std::string cancel_client_id, base::Timestamp now, Batch& batch) {
    batch.events.emplace_back(ExecutionReport{.type = type,
                                              .order = order,
                                              .fill = fill,
                                              .cancel_client_id = std::move(cancel_client_id),
                                              .time = now,
                                              .execution_id = next_execution_++});
}

void Engine::report_balances(Account const& account, SymbolId symbol, base::Timestamp now,
                             Batch& batch) {
    auto const& instrument = catalogue_.instrument(symbol);
    batch.events.emplace_back(
        AccountPosition{account.id,
                        {{instrument.base_asset, account.balance(instrument.base_asset)},
                         {instrument.quote_asset, account.balance(instrument.quote_asset)}},
                        now});
}

}  // namespace obscura::paper
