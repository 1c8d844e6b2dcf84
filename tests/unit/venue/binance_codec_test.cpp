#include "venue/binance_codec.hpp"

#include "golden.hpp"

#include <gtest/gtest.h>

namespace obscura::venue {
namespace {

using base::Json;
using test::golden;
using Status = ports::OrderState::Status;

TEST(BinanceOrder, FullAnswerHasItsFills) {
    auto const order = decode_order(golden("order_full_market_buy"));
    ASSERT_TRUE(order) << order.error().detail;
    EXPECT_EQ(order->venue_order_id, "28457123");
    EXPECT_EQ(order->client_order_id, "019326f2b8a57c2e9d1f0a3b4c5d6e7f");
    EXPECT_EQ(order->status, Status::filled);
    EXPECT_EQ(order->executed_quantity.to_string(), "0.015");
    EXPECT_EQ(order->executed_quote.to_string(), "1467.30075");
    ASSERT_EQ(order->fills.size(), 2U);
    auto const& fill = order->fills[1];
    EXPECT_EQ(fill.venue_trade_id, "4113567002");
    EXPECT_EQ(fill.price.to_string(), "97820.13");
    EXPECT_EQ(fill.quantity.to_string(), "0.005");
    EXPECT_EQ(fill.fee.to_string(), "0.000005");
    EXPECT_EQ(fill.fee_asset, "BTC");
    EXPECT_EQ(base::to_unix_ms(fill.executed_at), 1732300000123);
    EXPECT_EQ(order->fills[0].quantity + fill.quantity, order->executed_quantity);
}

TEST(BinanceOrder, QueryAnswerHasNoFills) {
    auto const order = decode_order(golden("order_query_partially_filled"));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->status, Status::partially_filled);
    EXPECT_FALSE(order->is_final());
    EXPECT_EQ(order->executed_quantity.to_string(), "0.4");
    EXPECT_TRUE(order->fills.empty());
}

TEST(BinanceOrder, CancelAnswerNamesTheCancelledOrder) {
    auto const order = decode_order(golden("order_canceled"));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->client_order_id, "myOrder1");
    EXPECT_EQ(order->status, Status::canceled);
}

TEST(BinanceOrder, AckIsAnOpenOrder) {
    auto const order = decode_order(golden("order_ack"));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->status, Status::open);
    EXPECT_TRUE(order->executed_quantity.is_zero());
}

TEST(BinanceOrder, RefusesWhatItCannotRead) {
    auto const spoilt = [](std::string_view key, Json value) {
        auto json = golden("order_full_market_buy");
        json.set(key, std::move(value));
        return decode_order(json);
    };
    for (auto const& [key, value] : std::initializer_list<std::pair<char const*, Json>>{
             {"orderId", Json()},
             {"orderId", -1},
             {"clientOrderId", ""},
             {"clientOrderId", "a\nb"},
             {"status", "HALF_FILLED"},
             {"executedQty", "-1"},
             {"executedQty", "1e30"},
             {"cummulativeQuoteQty", "x"},
             {"fills", Json::object()},
             {"transactTime", 12},
         }) {
        auto const order = spoilt(key, value);
        ASSERT_FALSE(order) << key << " " << value.dump();
        EXPECT_EQ(order.error().code, base::Errc::bad_gateway);
    }
    EXPECT_FALSE(decode_order(Json::array()));
    EXPECT_FALSE(decode_order(Json()));
}

TEST(BinanceTrades, ComeInOrderOfTheirIds) {
    auto const trades = decode_trades(golden("my_trades"));
    ASSERT_TRUE(trades) << trades.error().detail;
    ASSERT_EQ(trades->size(), 2U);
    EXPECT_EQ(trades->at(0).venue_trade_id, "9999");  // as text "9999" sorts after "28457"
    EXPECT_EQ(trades->at(0).side, model::Side::sell);
    EXPECT_TRUE(trades->at(0).is_maker);
    auto const& bought = trades->at(1);
    EXPECT_EQ(bought.venue, "binance");
    EXPECT_EQ(bought.symbol, "BNBBTC");
    EXPECT_EQ(bought.venue_order_id, "100234");
    EXPECT_EQ(bought.side, model::Side::buy);
    EXPECT_EQ(bought.price.to_string(), "4.000001");
    EXPECT_EQ(bought.quantity.to_string(), "12");
    EXPECT_EQ(bought.fee.to_string(), "10.1");
    EXPECT_EQ(bought.fee_asset, "BNB");
    EXPECT_EQ(base::to_unix_ms(bought.executed_at), 1499865549590);

    auto const fills = decode_trades(golden("my_trades"));
    ASSERT_TRUE(fills);
    EXPECT_EQ(fills->at(1).venue_trade_id, "28457");
    EXPECT_EQ(fills->at(1).price, bought.price);
}

TEST(BinanceTrades, OneBadRowSpoilsThePage) {
    for (auto const& [key, value] :
         std::initializer_list<std::pair<char const*, Json>>{{"id", "x1"},
                                                             {"price", "0"},
                                                             {"qty", "-2"},
                                                             {"isBuyer", "yes"},
                                                             {"time", 0},
                                                             {"symbol", ""}}) {
        auto json = golden("my_trades");
        json.as_array()[1].set(key, value);
        EXPECT_FALSE(decode_trades(json)) << key;
    }
    EXPECT_FALSE(decode_trades(Json::object()));
}

TEST(BinanceInstruments, MarketRulesAreTheStricterOnes) {
    auto const instruments = decode_instruments(golden("exchange_info"));
    ASSERT_TRUE(instruments);
    ASSERT_EQ(instruments->size(), 2U);  // the one without filters cannot be traded
    auto const& btc = instruments->at(0);
    EXPECT_EQ(btc.symbol, "BTCUSDT");
    EXPECT_EQ(btc.base_asset, "BTC");
    EXPECT_EQ(btc.quote_asset, "USDT");
    EXPECT_TRUE(btc.is_trading);
    EXPECT_EQ(btc.tick.to_string(), "0.01");
    EXPECT_EQ(btc.step.to_string(), "0.00001");
    EXPECT_EQ(btc.min_quantity.to_string(), "0.00001");
    EXPECT_EQ(btc.max_quantity.to_string(), "72.76411625");
    EXPECT_EQ(btc.min_notional.to_string(), "5");
    auto const& old = instruments->at(1);
    EXPECT_FALSE(old.is_trading);
    EXPECT_EQ(old.max_quantity.to_string(), "90000");
    EXPECT_EQ(old.min_notional.to_string(), "0.0001");
    EXPECT_FALSE(decode_instruments(Json::object({{"symbols", Json::array()}})));
}

TEST(BinanceInstruments, ALimitThatNoneCanBeIsNone) {
    auto const decoded = [](std::string_view filter, std::string_view key, Json value) {
        auto info = golden("exchange_info");
        auto symbol = info["symbols"].as_array().at(0);
        auto filters = symbol["filters"];
        for (auto& row : filters.as_array())
            if (row["filterType"].as_string() == filter) row.set(key, value);
        symbol.set("filters", filters);
        info.set("symbols", Json::array({symbol}));
        return decode_instruments(info);
    };
    for (auto const* const nonsense : {"-1", "1000000000000000.1"}) {
        auto const instruments = decoded("LOT_SIZE", "minQty", nonsense);
        ASSERT_TRUE(instruments);
        EXPECT_TRUE(instruments->at(0).min_quantity.is_zero()) << nonsense;
        EXPECT_FALSE(decoded("PRICE_FILTER", "tickSize", nonsense)) << nonsense;
    }
}

TEST(BinancePrices, OneOrMany) {
    auto const one =
        decode_prices(base::parse_json(R"({"symbol":"LTCBTC","price":"4.00000200"})").value());
    ASSERT_TRUE(one);
    EXPECT_EQ(one->at(0).second.to_string(), "4.000002");
    auto const many = decode_prices(
        base::parse_json(R"([{"symbol":"A","price":"1"},{"symbol":"NEVER","price":"0.00000000"}])")
            .value());
    ASSERT_TRUE(many);
    EXPECT_EQ(many->size(), 1U);
    EXPECT_FALSE(decode_prices(base::parse_json(R"([{"symbol":"A"}])").value()));
}

// https://developers.binance.com/docs/binance-spot-api-docs/rest-api/account-endpoints
TEST(BinanceBalance, IsWhatIsFreeAndWhatOrdersHaveLocked) {
    auto const held = [](char const* asset, std::string const& balances) {
        return decode_balance(
            base::parse_json(R"({"canTrade":true,"balances":)" + balances + "}").value(), asset);
    };
    std::string const two = R"([{"asset":"BTC","free":"4723846.89208129","locked":"0.5"},)"
                            R"({"asset":"LTC","free":"4763368.68006011","locked":"0.00000000"}])";
    EXPECT_EQ(held("BTC", two)->to_string(), "4723847.39208129");
    EXPECT_EQ(held("LTC", two)->to_string(), "4763368.68006011");
    EXPECT_EQ(held("ETH", two)->to_string(), "0");
    for (auto const* bad : {"null", "{}", R"([{"asset":"BTC","free":"1"}])",
                            R"([{"asset":"BTC","free":"x","locked":"0"}])", "[1]"})
        EXPECT_FALSE(held("BTC", bad)) << bad;
}

}  // namespace
}  // namespace obscura::venue
