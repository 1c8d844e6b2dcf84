#include "paper/protocol/render_streams.hpp"

#include "paper/protocol/json_text.hpp"
#include "paper/protocol/render_market.hpp"

#include <algorithm>
#include <vector>

namespace obscura::paper {
namespace {

std::string const& name(Engine const& engine, SymbolId symbol) {
    return engine.state().catalogue().instrument(symbol).symbol;
}

Candle day_of(Engine const& engine, SymbolId symbol, base::Timestamp now) {
    return engine.stats(symbol).day(engine.state().symbol(symbol).price, now);
}

JsonText& begin_event(JsonText& json, char const* type, base::Timestamp now,
                      std::string const& symbol) {
    return json.begin_object().text("e", type).number("E", base::to_unix_ms(now)).text("s", symbol);
}

void add_changes(JsonText& json, char const* key, std::span<Level const> before,
                 std::span<Level const> after) {
    std::vector<Level> changes;
    for (auto const& level : before) {
        auto const same = std::ranges::find(after, level.price, &Level::price);
        if (!level.quantity.is_zero() && same == after.end()) changes.push_back({level.price, {}});
    }
    json.begin_array(key);
    for (auto const& gone : changes) {
        json.begin_array().amount_item(gone.price.value).amount_item(base::Decimal{}).end_array();
    }
    for (auto const& level : after) {
        if (level.quantity.is_zero()) continue;
        json.begin_array()
            .amount_item(level.price.value)
            .amount_item(level.quantity.value)
            .end_array();
    }
    json.end_array();
}

}  // namespace

std::string render_trade_event(PublicTrade const& trade, Catalogue const& catalogue) {
    JsonText json;
    begin_event(json, "trade", trade.time, catalogue.instrument(trade.symbol).symbol)
        .number("t", static_cast<std::int64_t>(trade.id.value))
        .amount("p", trade.price)
        .amount("q", trade.quantity)
        .number("T", base::to_unix_ms(trade.time))
        .flag("m", trade.buyer_is_maker)
        .flag("M", true)
        .end_object();
    return json.take();
}

std::string render_mini_ticker_event(Engine const& engine, SymbolId symbol, base::Timestamp now) {
    auto const day = day_of(engine, symbol, now);
    JsonText json;
    begin_event(json, "24hrMiniTicker", now, name(engine, symbol))
        .amount("c", day.close)
        .amount("o", day.open)
        .amount("h", day.high)
        .amount("l", day.low)
        .amount("v", day.volume)
        .amount("q", day.quote_volume)
        .end_object();
    return json.take();
}

std::string render_ticker_event(Engine const& engine, SymbolId symbol, base::Timestamp now) {
    auto const day = day_of(engine, symbol, now);
    auto const& book = engine.book(symbol);
    auto const change = day.close - day.open;
    auto const percent = multiply(ratio(change, day.open, base::Rounding::toward_zero),
                                  base::Decimal(100), base::Rounding::toward_zero);
    auto const average = day.volume.is_zero() ? day.close
                                              : average_price(day.quote_volume, day.volume,
                                                              base::Rounding::toward_zero);
    JsonText json(768);
    begin_event(json, "24hrTicker", now, name(engine, symbol))
        .amount("p", change)
        .text("P", percent.to_string(3))
        .amount("w", average)
        .amount("x", day.open)
        .amount("c", day.close)
        .amount("Q", engine.state().catalogue().instrument(symbol).step)
        .amount("b", book.bids().front().price)
        .amount("B", book.bids().front().quantity)
        .amount("a", book.asks().front().price)
        .amount("A", book.asks().front().quantity)
        .amount("o", day.open)
        .amount("h", day.high)
        .amount("l", day.low)
        .amount("v", day.volume)
        .amount("q", day.quote_volume)
        .number("O", base::to_unix_ms(day.open_time))
        .number("C", base::to_unix_ms(now))
        .number("F", static_cast<std::int64_t>(day.first_trade.value))
        .number("L", static_cast<std::int64_t>(day.last_trade.value))
        .number("n", static_cast<std::int64_t>(day.trades))
        .end_object();
    return json.take();
}

std::string render_book_ticker_event(Engine const& engine, SymbolId symbol) {
    auto const& book = engine.book(symbol);
    JsonText json;
    json.begin_object()
        .number("u", static_cast<std::int64_t>(engine.book_version(symbol)))
        .text("s", name(engine, symbol))
        .amount("b", book.bids().front().price)
        .amount("B", book.bids().front().quantity)
        .amount("a", book.asks().front().price)
        .amount("A", book.asks().front().quantity)
        .end_object();
    return json.take();
}

std::string render_depth_event(Engine const& engine, SymbolId symbol, Book const& before,
                               base::Timestamp now) {
    auto const version = static_cast<std::int64_t>(engine.book_version(symbol));
    auto const& after = engine.book(symbol);
    JsonText json(2048);
    begin_event(json, "depthUpdate", now, name(engine, symbol))
        .number("U", version)
        .number("u", version);
    add_changes(json, "b", before.bids(), after.bids());
    add_changes(json, "a", before.asks(), after.asks());
    json.end_object();
    return json.take();
}

}  // namespace obscura::paper
