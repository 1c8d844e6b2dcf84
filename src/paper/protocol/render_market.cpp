#include "paper/protocol/render_market.hpp"

#include "paper/protocol/json_text.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

/// `render` for each symbol, as one object or a list of them.
template <class Render>
std::string each(std::span<SymbolId const> symbols, Form form, Render const& render) {
    JsonText json(1024);
    if (form == Form::list) json.begin_array();
    for (auto const symbol : symbols) render(json.begin_object(), symbol).end_object();
    if (form == Form::list) json.end_array();
    return json.take();
}

std::string const& name(Engine const& engine, SymbolId symbol) {
    return engine.state().catalogue().instrument(symbol).symbol;
}

base::Decimal percent_change(Candle const& day) {
    auto const change = ratio(day.close - day.open, day.open, base::Rounding::toward_zero);
    return to_step(multiply(change, base::Decimal(100), base::Rounding::toward_zero),
                   base::Decimal::from_scaled(1, 3), base::Rounding::toward_zero);
}

base::Price weighted_average(Candle const& day) {
    if (day.volume.is_zero()) return day.close;
    return average_price(day.quote_volume, day.volume, base::Rounding::toward_zero);
}

JsonText& add_best(JsonText& json, Book const& book) {
    return json.amount("bidPrice", book.bids().front().price)
        .amount("bidQty", book.bids().front().quantity)
        .amount("askPrice", book.asks().front().price)
        .amount("askQty", book.asks().front().quantity);
}

}  // namespace

std::string render_prices(Engine const& engine, std::span<SymbolId const> symbols, Form form) {
    return each(symbols, form, [&](JsonText& json, SymbolId symbol) -> JsonText& {
        return json.text("symbol", name(engine, symbol))
            .amount("price", engine.state().symbol(symbol).price);
    });
}

std::string render_book_tickers(Engine const& engine, std::span<SymbolId const> symbols,
                                Form form) {
    return each(symbols, form, [&](JsonText& json, SymbolId symbol) -> JsonText& {
        return add_best(json.text("symbol", name(engine, symbol)), engine.book(symbol));
    });
}

std::string render_day_tickers(Engine const& engine, std::span<SymbolId const> symbols, Form form,
                               base::Timestamp now) {
    return each(symbols, form, [&](JsonText& json, SymbolId symbol) -> JsonText& {
        auto const price = engine.state().symbol(symbol).price;
        auto const day = engine.stats(symbol).day(price, now);
        json.text("symbol", name(engine, symbol))
            .amount("priceChange", day.close - day.open)
            .text("priceChangePercent", percent_change(day).to_string(3))
            .amount("weightedAvgPrice", weighted_average(day))
            .amount("prevClosePrice", day.open)
            .amount("lastPrice", price)
            .amount("lastQty", engine.state().catalogue().instrument(symbol).step);
        add_best(json, engine.book(symbol));
        return json.amount("openPrice", day.open)
            .amount("highPrice", day.high)
            .amount("lowPrice", day.low)
            .amount("volume", day.volume)
            .amount("quoteVolume", day.quote_volume)
            .number("openTime", base::to_unix_ms(day.open_time))
            .number("closeTime", base::to_unix_ms(now))
            .number("firstId", static_cast<std::int64_t>(day.first_trade.value))
            .number("lastId", static_cast<std::int64_t>(day.last_trade.value))
            .number("count", static_cast<std::int64_t>(day.trades));
    });
}

void add_levels(JsonText& json, std::string_view key, std::span<Level const> levels) {
    json.begin_array(key);
    for (auto const& level : levels) {
        if (level.quantity.is_zero()) break;
        json.begin_array()
            .amount_item(level.price.value)
            .amount_item(level.quantity.value)
            .end_array();
    }
    json.end_array();
}

std::string render_depth(Engine const& engine, SymbolId symbol, std::size_t limit) {
    auto const shown = std::min(limit, Book::depth);
    auto const& book = engine.book(symbol);
    JsonText json(2048);
    json.begin_object().number("lastUpdateId",
                               static_cast<std::int64_t>(engine.book_version(symbol)));
    add_levels(json, "bids", std::span(book.bids()).first(shown));
    add_levels(json, "asks", std::span(book.asks()).first(shown));
    json.end_object();
    return json.take();
}

std::string render_trades(Engine const& engine, SymbolId symbol, std::size_t limit) {
    auto const& trades = engine.stats(symbol).trades();
    auto const skipped = trades.size() - std::min(limit, trades.size());
    JsonText json(4096);
    json.begin_array();
    for (auto i = skipped; i < trades.size(); ++i) {
        auto const& trade = trades[i];
        json.begin_object()
            .number("id", static_cast<std::int64_t>(trade.id.value))
            .amount("price", trade.price)
            .amount("qty", trade.quantity)
            .amount("quoteQty", notional(trade.price, trade.quantity, base::Rounding::toward_zero))
            .number("time", base::to_unix_ms(trade.time))
            .flag("isBuyerMaker", trade.buyer_is_maker)
            .flag("isBestMatch", true)
            .end_object();
    }
    json.end_array();
    return json.take();
}

std::string render_klines(Engine const& engine, SymbolId symbol, std::chrono::minutes interval,
                          std::size_t limit) {
    JsonText json(4096);
    json.begin_array();
    for (auto const& candle : engine.stats(symbol).candles(interval, limit)) {
        json.begin_array()
            .number_item(base::to_unix_ms(candle.open_time))
            .amount_item(candle.open.value)
            .amount_item(candle.high.value)
            .amount_item(candle.low.value)
            .amount_item(candle.close.value)
            .amount_item(candle.volume.value)
            .number_item(base::to_unix_ms(candle.open_time + interval) - 1)
            .amount_item(candle.quote_volume.value)
            .number_item(static_cast<std::int64_t>(candle.trades))
            .amount_item(base::Decimal{})
            .amount_item(base::Decimal{})
            .text_item("0")
            .end_array();
    }
    json.end_array();
    return json.take();
}

}  // namespace obscura::paper
