#include "model/signal.hpp"

#include <gtest/gtest.h>

namespace obscura::model {
namespace {

base::Json parsed(std::string_view text) {
    auto json = base::parse_json(text);
    EXPECT_TRUE(json) << text;
    return json ? std::move(*json) : base::Json();
}

/// `{"symbol": "BTCUSDT", ...}` with one member more, or another value for one.
base::Json body_with(std::string_view key, std::string_view value) {
    auto json = parsed(R"({"symbol":"BTCUSDT","side":"buy","quantity":"0.5"})");
    json.set(key, parsed(value));
    return json;
}

constexpr ServedMarkets all_served{.futures = true, .protections = true};

/// "/pointer code; /pointer code"
std::string complaints(base::Json const& body, ServedMarkets served = {}) {
    auto const request = signal_request_from_json(body, served);
    if (request) return "";
    EXPECT_EQ(request.error().code, base::Errc::invalid_argument);
    std::string out;
    for (auto const& field : request.error().fields) {
        if (!out.empty()) out += "; ";
        out += field.pointer + " " + field.code;
        EXPECT_FALSE(field.detail.empty());
    }
    return out;
}

TEST(SignalRequestTest, ReadsTheSmallestBody) {
    auto const body = parsed(R"({"symbol":"BTCUSDT","side":"sell","quantity":0.5})");
    auto const request = signal_request_from_json(body);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->symbol, "BTCUSDT");
    EXPECT_EQ(request->side, Side::sell);
    EXPECT_EQ(request->quantity.to_string(), "0.5");
    EXPECT_EQ(request->order_type, OrderType::market);
    EXPECT_FALSE(request->price);
    EXPECT_EQ(request->venue, "binance");
    EXPECT_EQ(request->market, Market::spot);
    EXPECT_EQ(request->priority, Priority::normal);
    EXPECT_FALSE(request->expires_at || request->max_age_ms || request->external_trade_id);
    EXPECT_EQ(request->external_trader_ref, "");
    EXPECT_EQ(request->body, body);
}

TEST(SignalRequestTest, ReadsEveryField) {
    auto const request = signal_request_from_json(parsed(
        R"({"symbol":"BTCUSDT","side":"sell","quantity":"1","order_type":"limit","price":"50000.5",
            "exchange":"binance","platform":"spot","priority":"low","execute_immediately":false,
            "reduce_only":true,"max_age_ms":1500,"external_trade_id":"T-1",
            "external_trader_ref":"anna","metadata":{"a":[1,"x",null,2.5]},"leverage":null})"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->order_type, OrderType::limit);
    EXPECT_EQ(request->price->to_string(), "50000.5");
    EXPECT_EQ(request->priority, Priority::low);
    EXPECT_TRUE(request->reduce_only);
    EXPECT_EQ(request->max_age_ms, 1500);
    EXPECT_EQ(request->external_trade_id, "T-1");
    EXPECT_EQ(request->external_trader_ref, "anna");
    EXPECT_TRUE(request->body.find("metadata") != nullptr);
}

TEST(SignalRequestTest, ExecuteImmediatelyIsCritical) {
    auto const request = signal_request_from_json(body_with("execute_immediately", "true"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->priority, Priority::critical);
}

TEST(SignalRequestTest, SaysWhatMustChange) {
    struct Row {
        std::string_view key, value, complaint;
    };
    auto const long_text = '"' + std::string(129, 'x') + '"';
    auto const long_metadata = R"({"a":")" + std::string(4096, 'x') + R"("})";
    for (auto const& [key, value, complaint] : {
             Row{"symbol", R"("btcusdt")", "/symbol not_allowed"},
             Row{"symbol", R"("BTC/USDT")", "/symbol not_allowed"},
             Row{"symbol", R"("B")", "/symbol too_short"},
             Row{"symbol", R"("ABCDEFGHIJKLMNOPQRSTUVWXY")", "/symbol too_long"},
             Row{"symbol", "null", "/symbol required"},
             Row{"symbol", "7", "/symbol wrong_type"},
             Row{"side", R"("hold")", "/side not_allowed"},
             Row{"side", R"("BUY")", "/side not_allowed"},
             Row{"quantity", "0", "/quantity out_of_range"},
             Row{"quantity", "-1", "/quantity out_of_range"},
             Row{"quantity", R"("1e13")", "/quantity out_of_range"},
             Row{"quantity", R"("0.0000000000001")", "/quantity not_a_decimal"},
             Row{"quantity", R"("many")", "/quantity not_a_decimal"},
             Row{"quantity", "true", "/quantity wrong_type"},
             Row{"order_type", R"("stop")", "/order_type not_allowed"},
             Row{"order_type", R"("limit")", "/price required"},
             Row{"price", "50000", "/price not_allowed"},
             Row{"exchange", R"("kraken")", "/exchange not_supported"},
             Row{"platform", R"("futures")", "/platform not_supported"},
             Row{"platform", R"("margin")", "/platform not_allowed"},
             Row{"reduce_only", "true", "/reduce_only not_allowed"},
             Row{"reduce_only", R"("yes")", "/reduce_only wrong_type"},
             Row{"priority", R"("urgent")", "/priority not_allowed"},
             Row{"priority", "0", "/priority wrong_type"},
             Row{"execute_immediately", "1", "/execute_immediately wrong_type"},
             Row{"expires_at", R"("tomorrow")", "/expires_at not_a_timestamp"},
             Row{"max_age_ms", "0", "/max_age_ms out_of_range"},
             Row{"max_age_ms", "86400001", "/max_age_ms out_of_range"},
             Row{"max_age_ms", "1.5", "/max_age_ms wrong_type"},
             Row{"external_trade_id", R"("")", "/external_trade_id too_short"},
             Row{"external_trade_id", long_text, "/external_trade_id too_long"},
             Row{"external_trade_id", R"("a\nb")",
                 "/external_trade_id contains_control_characters"},
             Row{"external_trader_ref", long_text, "/external_trader_ref too_long"},
             Row{"metadata", "[]", "/metadata wrong_type"},
             Row{"metadata", long_metadata, "/metadata too_long"},
             Row{"metadata", R"({"a":["\u0000"]})", "/metadata not_allowed"},
             Row{"metadata", R"({"\u0000":1})", "/metadata not_allowed"},
             Row{"metadata", R"({"a":{"b":1e999999}})", "/metadata not_allowed"},
             Row{"leverage", "10", "/leverage not_supported"},
             Row{"margin_mode", R"("isolated")", "/margin_mode not_supported"},
             Row{"stop_loss_pct", R"("5")", "/stop_loss_pct not_supported"},
             Row{"take_profit_pct", "5", "/take_profit_pct not_supported"},
             Row{"max_slippage_bps", "5", "/max_slippage_bps not_supported"},
             Row{"source_trader_id", R"("x")", "/source_trader_id not_supported"},
             Row{"qty", "1", "/qty unknown_field"},
         })
        EXPECT_EQ(complaints(body_with(key, value)), complaint) << key << " " << value;
}

TEST(SignalRequestTest, TellsEverythingAtOnce) {
    EXPECT_EQ(complaints(parsed(R"({"side":"up","price":-1,"x":1})")),
              "/symbol required; /side not_allowed; /quantity required; /price out_of_range; "
              "/x unknown_field");
    EXPECT_EQ(complaints(parsed("[]")).substr(0, 11), " wrong_type");
    EXPECT_EQ(complaints(parsed(R"({"symbol":"BTCUSDT","side":"up","quantity":1,"reduce_only":true,
                                    "order_type":"stop","price":1})")),
              "/side not_allowed; /order_type not_allowed");
    auto both = body_with("expires_at", R"("2030-01-01T00:00:00Z")");
    both.set("max_age_ms", 5);
    EXPECT_EQ(complaints(both), "/max_age_ms not_allowed");
}

TEST(SignalRequestTest, ReadsAContractsTerms) {
    auto const request = signal_request_from_json(
        parsed(R"({"symbol":"BTCUSDT","side":"sell","quantity":"1","platform":"futures",
            "leverage":20,"margin_mode":"cross","stop_loss_pct":"2.5","take_profit_pct":10})"),
        all_served);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->market, Market::futures);
    EXPECT_EQ(request->leverage, 20);
    EXPECT_EQ(request->margin_mode, MarginMode::cross);  // each follower's mode decides
    EXPECT_EQ(request->stop_loss_pct->to_string(), "2.5");
    EXPECT_EQ(request->take_profit_pct->to_string(), "10");
    auto const plain = signal_request_from_json(body_with("platform", R"("futures")"), all_served);
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->leverage || plain->margin_mode || plain->stop_loss_pct ||
                 plain->take_profit_pct);
}

// A stop that nobody places is worse than an error.
TEST(SignalRequestTest, ProtectionsThatNobodyPlacesAreRefused) {
    for (auto const* key : {"stop_loss_pct", "take_profit_pct"}) {
        auto body = body_with("platform", R"("futures")");
        body.set(key, 5);
        EXPECT_EQ(complaints(body, {.futures = true}), "/" + std::string(key) + " not_supported");
        EXPECT_EQ(complaints(body_with(key, "5"), {.protections = true}),
                  "/" + std::string(key) + " not_supported");
    }
    EXPECT_EQ(complaints(body_with("platform", R"("futures")"), {.futures = true}), "");
}

TEST(SignalRequestTest, AContractsTermsAreChecked) {
    struct Row {
        std::string_view key, value, complaint;
        std::string_view side = "buy", platform = "futures";
    };
    for (auto const& [key, value, complaint, side, platform] : {
             Row{"leverage", "0", "/leverage out_of_range"},
             Row{"leverage", "126", "/leverage out_of_range"},
             Row{"leverage", "1.5", "/leverage wrong_type"},
             Row{"margin_mode", R"("portfolio")", "/margin_mode not_allowed"},
             Row{"stop_loss_pct", "0", "/stop_loss_pct out_of_range"},
             Row{"stop_loss_pct", "100", "/stop_loss_pct out_of_range"},
             Row{"stop_loss_pct", "100", "", "sell"},  // a short may double against us
             Row{"take_profit_pct", "100", ""},
             Row{"take_profit_pct", "100", "/take_profit_pct out_of_range", "sell"},
             Row{"take_profit_pct", "1001", "/take_profit_pct out_of_range"},
             Row{"reduce_only", "true", ""},  // a short is reduced by buying
             Row{"leverage", "5", "/leverage not_allowed", "buy", "spot"},
             Row{"stop_loss_pct", "5", "/stop_loss_pct not_allowed", "buy", "spot"},
             Row{"reduce_only", "true", "/reduce_only not_allowed", "buy", "spot"},
             Row{"max_slippage_bps", "5", "/max_slippage_bps not_supported"},
             Row{"platform", R"("margin")", "/platform not_allowed"},
         }) {
        auto body = parsed(R"({"symbol":"BTCUSDT","quantity":"0.5"})");
        body.set("side", side);
        body.set("platform", platform);
        body.set(key, parsed(value));
        EXPECT_EQ(complaints(body, all_served), complaint) << key << " " << value;
    }
    auto body = body_with("platform", R"("futures")");
    body.set("reduce_only", true);
    body.set("stop_loss_pct", 5);
    EXPECT_EQ(complaints(body, all_served), "/stop_loss_pct not_allowed");
}

TEST(SignalRequestTest, MetadataOfOrdinaryTextIsKept) {
    auto const request =
        signal_request_from_json(body_with("metadata", R"({"a":"back\\u0000slash"})"));
    EXPECT_TRUE(request);
}

}  // namespace
}  // namespace obscura::model
