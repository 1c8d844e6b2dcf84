#include "paper/protocol/render_futures_market.hpp"

#include "paper/protocol/json_text.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

constexpr std::int64_t onboarded_ms = 1'569'398'400'000;
constexpr std::int64_t never_delivered_ms = 4'133'404'800'000;  // the venue's word for perpetual

/// Places after the point of a tick or step.
std::int64_t places_of(base::Decimal step) {
    auto const text = step.to_string();
    auto const point = text.find('.');
    return point == std::string::npos ? 0 : static_cast<std::int64_t>(text.size() - point - 1);
}

template <class Render>
std::string for_each_symbol(std::span<SymbolId const> symbols, Form form, Render const& render) {
    JsonText json(1024);
    if (form == Form::list) json.begin_array();
    for (auto const symbol : symbols) {
        render(json.begin_object(), symbol);
        json.end_object();
    }
    if (form == Form::list) json.end_array();
    return json.take();
}

std::string const& contract_name(Engine const& engine, SymbolId symbol) {
    return engine.futures().catalogue().instrument(symbol).symbol;
}

/// The day's candle on the contract's tick.
Candle contract_day(Engine const& engine, SymbolId symbol, base::Timestamp now) {
    auto const tick = engine.futures().catalogue().instrument(symbol).tick;
    auto day = engine.stats(symbol).day(engine.futures().mark_price(symbol), now);
    for (auto* price : {&day.open, &day.high, &day.low, &day.close}) {
        *price = to_step(*price, tick, base::Rounding::half_even);
    }
    return day;
}

void add_filter(JsonText& json, char const* type, char const* key, std::int64_t value) {
    json.begin_object().text("filterType", type).number(key, value).end_object();
}

void add_lot(JsonText& json, char const* type, PaperInstrument const& instrument,
             base::Quantity most) {
    json.begin_object()
        .text("filterType", type)
        .amount("minQty", instrument.min_quantity)
        .amount("maxQty", most)
        .amount("stepSize", instrument.step)
        .end_object();
}

void add_contract_filters(JsonText& json, PaperInstrument const& instrument,
                          std::size_t max_open_orders) {
    json.begin_array("filters");
    json.begin_object()
        .text("filterType", "PRICE_FILTER")
        .amount("minPrice", instrument.min_price)
        .amount("maxPrice", instrument.max_price)
        .amount("tickSize", instrument.tick)
        .end_object();
    add_lot(json, "LOT_SIZE", instrument, instrument.max_quantity);
    add_lot(json, "MARKET_LOT_SIZE", instrument, instrument.max_market_quantity);
    add_filter(json, "MAX_NUM_ORDERS", "limit", static_cast<std::int64_t>(max_open_orders));
    add_filter(json, "MAX_NUM_ALGO_ORDERS", "limit",
               static_cast<std::int64_t>(FuturesEngine::max_open_algos));
    json.begin_object()
        .text("filterType", "MIN_NOTIONAL")
        .text("notional", instrument.min_notional.to_string())
        .end_object()
        .end_array();
}

void add_contract(JsonText& json, Catalogue const& catalogue, PaperInstrument const& instrument,
                  std::size_t max_open_orders) {
    json.begin_object()
        .text("symbol", instrument.symbol)
        .text("pair", instrument.symbol)
        .text("contractType", "PERPETUAL")
        .number("deliveryDate", never_delivered_ms)
        .number("onboardDate", onboarded_ms)
        .text("status", "TRADING")
        .text("maintMarginPercent", "2.5000")
        .text("requiredMarginPercent", "5.0000")
        .text("baseAsset", catalogue.asset(instrument.base_asset))
        .text("quoteAsset", catalogue.asset(instrument.quote_asset))
        .text("marginAsset", catalogue.asset(instrument.quote_asset))
        .number("pricePrecision", places_of(instrument.tick.value))
        .number("quantityPrecision", places_of(instrument.step.value))
        .number("baseAssetPrecision", 8)
        .number("quotePrecision", 8)
        .text("underlyingType", "COIN")
        .begin_array("underlyingSubType")
        .end_array()
        .text("triggerProtect", "0.0500")
        .text("liquidationFee", "0.012500")
        .text("marketTakeBound", "0.05");
    add_contract_filters(json, instrument, max_open_orders);
    json.begin_array("orderTypes");
    for (auto const* type : {"LIMIT", "MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"}) {
        json.text_item(type);
    }
    json.end_array().begin_array("timeInForce");
    for (auto const* time : {"GTC", "IOC", "FOK", "GTX"}) json.text_item(time);
    json.end_array().end_object();
}

void add_order_limit(JsonText& json, char const* type, char const* interval, int count,
                     std::uint64_t limit) {
    json.begin_object()
        .text("rateLimitType", type)
        .text("interval", interval)
        .number("intervalNum", count)
        .number("limit", static_cast<std::int64_t>(limit))
        .end_object();
}

}  // namespace

std::string render_futures_exchange_info(Engine const& engine, RateLimitSettings const& limits,
                                         std::size_t max_open_orders, base::Timestamp now) {
    auto const& catalogue = engine.futures().catalogue();
    JsonText json(16 * 1024);
    json.begin_object()
        .text("timezone", "UTC")
        .number("serverTime", base::to_unix_ms(now))
        .text("futuresType", "U_MARGINED")
        .begin_array("rateLimits");
    add_order_limit(json, "REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute);
    add_order_limit(json, "ORDERS", "MINUTE", 1, limits.orders_per_minute);
    add_order_limit(json, "ORDERS", "SECOND", 10, limits.orders_per_10s);
    json.end_array().begin_array("exchangeFilters").end_array().begin_array("assets");
    json.begin_object()
        .text("asset", "USDT")
        .flag("marginAvailable", true)
        .text("autoAssetExchange", "0")
        .end_object();
    json.end_array().begin_array("symbols");
    for (auto const& instrument : catalogue.instruments()) {
        add_contract(json, catalogue, instrument, max_open_orders);
    }
    json.end_array().end_object();
    return json.take();
}

std::string render_futures_depth(Engine const& engine, SymbolId symbol, std::size_t limit,
                                 base::Timestamp now) {
    auto const shown = std::min(limit, Book::depth);
    auto const& book = engine.futures().book(symbol);
    JsonText json(2048);
    json.begin_object()
        .number("lastUpdateId", static_cast<std::int64_t>(engine.book_version(symbol)))
        .number("E", base::to_unix_ms(now))
        .number("T", base::to_unix_ms(now));
    add_levels(json, "bids", std::span(book.bids()).first(shown));
    add_levels(json, "asks", std::span(book.asks()).first(shown));
    json.end_object();
    return json.take();
}

std::string render_futures_prices(Engine const& engine, std::span<SymbolId const> symbols,
                                  Form form, base::Timestamp now) {
    return for_each_symbol(symbols, form, [&](JsonText& json, SymbolId symbol) {
        json.text("symbol", contract_name(engine, symbol))
            .amount("price", engine.futures().contract_price(symbol))
            .number("time", base::to_unix_ms(now));
    });
}

std::string render_futures_book_tickers(Engine const& engine, std::span<SymbolId const> symbols,
                                        Form form, base::Timestamp now) {
    return for_each_symbol(symbols, form, [&](JsonText& json, SymbolId symbol) {
        auto const& book = engine.futures().book(symbol);
        json.text("symbol", contract_name(engine, symbol))
            .amount("bidPrice", book.bids().front().price)
            .amount("bidQty", book.bids().front().quantity)
            .amount("askPrice", book.asks().front().price)
            .amount("askQty", book.asks().front().quantity)
            .number("time", base::to_unix_ms(now));
    });
}

std::string render_futures_day_tickers(Engine const& engine, std::span<SymbolId const> symbols,
                                       Form form, base::Timestamp now) {
    using base::Rounding;
    return for_each_symbol(symbols, form, [&](JsonText& json, SymbolId symbol) {
        auto const day = contract_day(engine, symbol, now);
        auto const change = ratio(day.close - day.open, day.open, Rounding::toward_zero);
        auto const percent = multiply(change, base::Decimal(100), Rounding::toward_zero);
        json.text("symbol", contract_name(engine, symbol))
            .amount("priceChange", day.close - day.open)
            .text("priceChangePercent", percent.to_string(3))
            .amount("weightedAvgPrice",
                    day.volume.is_zero()
                        ? day.close
                        : average_price(day.quote_volume, day.volume, Rounding::toward_zero))
            .amount("lastPrice", day.close)
            .amount("lastQty", engine.futures().catalogue().instrument(symbol).step)
            .amount("openPrice", day.open)
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

std::string render_mark_prices(Engine const& engine, std::span<SymbolId const> symbols, Form form,
                               base::Timestamp now) {
    auto const& market = engine.futures();
    return for_each_symbol(symbols, form, [&](JsonText& json, SymbolId symbol) {
        auto const mark = market.mark_price(symbol);
        json.text("symbol", contract_name(engine, symbol))
            .amount("markPrice", mark)
            .amount("indexPrice", mark)
            .amount("estimatedSettlePrice", mark)
            .amount("lastFundingRate", market.settings().funding_rate)
            .amount("interestRate", base::Decimal::from_scaled(1, 4))
            .number("nextFundingTime", base::to_unix_ms(market.next_funding(now)))
            .number("time", base::to_unix_ms(now));
    });
}

std::string render_mark_price_event(Engine const& engine, SymbolId symbol, base::Timestamp now) {
    auto const& market = engine.futures();
    auto const mark = market.mark_price(symbol);
    JsonText json;
    json.begin_object()
        .text("e", "markPriceUpdate")
        .number("E", base::to_unix_ms(now))
        .text("s", contract_name(engine, symbol))
        .amount("p", mark)
        .amount("i", mark)
        .amount("P", mark)
        .amount("r", market.settings().funding_rate)
        .number("T", base::to_unix_ms(market.next_funding(now)))
        .end_object();
    return json.take();
}

std::string render_futures_mini_ticker_event(Engine const& engine, SymbolId symbol,
                                             base::Timestamp now) {
    auto const day = contract_day(engine, symbol, now);
    JsonText json;
    json.begin_object()
        .text("e", "24hrMiniTicker")
        .number("E", base::to_unix_ms(now))
        .text("s", contract_name(engine, symbol))
        .amount("c", day.close)
        .amount("o", day.open)
        .amount("h", day.high)
        .amount("l", day.low)
        .amount("v", day.volume)
        .amount("q", day.quote_volume)
        .end_object();
    return json.take();
}

std::string render_futures_book_ticker_event(Engine const& engine, SymbolId symbol,
                                             base::Timestamp now) {
    auto const& book = engine.futures().book(symbol);
    JsonText json;
    json.begin_object()
        .text("e", "bookTicker")
        .number("u", static_cast<std::int64_t>(engine.book_version(symbol)))
        .number("E", base::to_unix_ms(now))
        .number("T", base::to_unix_ms(now))
        .text("s", contract_name(engine, symbol))
        .amount("b", book.bids().front().price)
        .amount("B", book.bids().front().quantity)
        .amount("a", book.asks().front().price)
        .amount("A", book.asks().front().quantity)
        .end_object();
    return json.take();
}

}  // namespace obscura::paper
