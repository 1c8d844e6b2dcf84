// The client against the real service, over a loopback socket.
#include "peers/citadel_client.hpp"

#include "citadel/service.hpp"
#include "crypto/hmac.hpp"
#include "net/server.hpp"
#include "support/coroutine.hpp"
#include "unit/model/receipt_fixture.hpp"

#include <gtest/gtest.h>

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;
using obscura::test::run;

constexpr std::string_view secret = "the-secret-of-an-account";

base::Secret key_of(std::string_view caller) {
    return base::Secret(std::string_view("key-of-" + std::string(caller)));
}

citadel::Config service_config() {
    citadel::Config out;
    out.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
    for (std::size_t i = 0; i < citadel::caller_names.size(); ++i) {
        out.caller_keys[i] = key_of(citadel::caller_names[i].name);
    }
    out.rates.enabled = false;  // a batch of one account is beyond any rate of its
    return out;
}

class CitadelClientTest : public ::testing::Test {
protected:
    boost::asio::io_context io_;
    base::SystemClock clock_;
    base::SeededRandom random_{3};
    base::Metrics metrics_;
    citadel::Service service_{service_config(), clock_, random_, metrics_};
    net::HttpServer server_{io_.get_executor(), {}, service_.router(), clock_, random_};
    net::HttpClient http_{io_.get_executor(), {.allowed_origins = {"*"}}, clock_};
    bool stopped_ = false;

    void SetUp() override { server_.start(); }
    void TearDown() override {
        http_.close();
        stop_server();
    }
    void stop_server() {
        if (!std::exchange(stopped_, true)) run(io_, server_.stop(1s));
    }
    [[nodiscard]] CitadelClientConfig at_server() const {
        return {.url = "http://127.0.0.1:" + std::to_string(server_.port()),
                .evidence = {.required = "software"}};
    }
    [[nodiscard]] CitadelClient client(std::string_view caller) {
        return {http_, at_server(), key_of(caller), clock_, random_};
    }
    [[nodiscard]] ports::SealedCredentials seal(std::string context) {
        auto gateway = client("gateway");
        std::map<std::string, base::Secret> fields;
        fields.emplace("api_key", base::Secret(std::string_view("key-id")));
        fields.emplace("secret", base::Secret(secret));
        auto const sealed = run(io_, gateway.encrypt_fields(std::move(context), std::move(fields)));
        EXPECT_TRUE(sealed);
        return sealed.value_or(ports::SealedCredentials{});
    }
    [[nodiscard]] ports::SignItem item(std::string id, model::VenueOperation operation) {
        return {.id = std::move(id),
                .venue = "binance",
                .context = "context",
                .credentials = seal("context"),
                .operation = std::move(operation),
                .not_after = clock_.now() + 20s};
    }
};

model::PlaceOrder order() {
    return {
        .symbol = "BTCUSDT", .quantity = *base::Quantity::parse("0.5"), .client_order_id = "leg-1"};
}

TEST_F(CitadelClientTest, SealsAndSigns) {
    auto conductor = client("conductor");
    std::vector<ports::SignItem> items{item("copy-1", order())};
    auto const not_after = items[0].not_after;
    items[0].venue_now = not_after - 7s;
    auto const answer = run(io_, conductor.sign(std::move(items)));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->size(), 1U);
    auto const& made = answer->front();
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->method, "POST");
    EXPECT_EQ(made->url, "http://127.0.0.1:8010/api/v3/order");
    ASSERT_EQ(made->headers.size(), 2U);
    EXPECT_EQ(made->headers[0], (std::pair<std::string, std::string>("X-MBX-APIKEY", "key-id")));
    EXPECT_LE(made->expires_at, not_after);
    EXPECT_GT(made->expires_at, not_after - 1s);
    EXPECT_NE(made->body.find("&recvWindow=7000&"), std::string::npos);
    auto const at = made->body.find("&signature=");
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(made->body.substr(at + 11),
              crypto::hmac_sha256_hex(secret, made->body.substr(0, at)));
}

TEST_F(CitadelClientTest, HasAKeyMadeAndReceiptsSigned) {
    auto conductor = client("conductor");
    auto const key = run(io_, conductor.make_key(ports::KeyPurpose::receipt));
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_TRUE(key->sealed.starts_with("nil:v1:"));
    EXPECT_EQ(key->public_key.size(), 64U);
    auto const item = [&](std::string id, base::Json receipt) {
        return ports::StatementItem{.id = std::move(id),
                                    .sealed_key = key->sealed,
                                    .purpose = ports::KeyPurpose::receipt,
                                    .statement = std::move(receipt)};
    };
    std::vector<ports::StatementItem> items{item("a", model::test::receipt()),
                                            item("b", base::Json::object())};
    auto const answer = run(io_, conductor.sign_statements(std::move(items)));
    ASSERT_TRUE(answer) << answer.error().detail;
    ASSERT_TRUE(answer->at(0));
    EXPECT_EQ(answer->at(0)->key_id, key->id);
    EXPECT_EQ(answer->at(0)->signature.size(), 128U);
    ASSERT_FALSE(answer->at(1));
    EXPECT_EQ(answer->at(1).error().reason, "invalid_request");
    auto const other = run(io_, conductor.make_key(ports::KeyPurpose::notary));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, base::Errc::internal);
}

// Every operation and every field of it gets across.
TEST_F(CitadelClientTest, EveryOperation) {
    auto limit = order();
    limit.type = model::OrderType::limit;
    limit.limit_price = base::Price(7);
    limit.time_in_force = model::TimeInForce::fok;
    model::ListTrades const list{
        .symbol = "BTCUSDT", .from_id = 3, .venue_order_id = "4", .limit = 5};
    auto conductor = client("conductor");
    std::vector<ports::SignItem> items{item("a", limit),
                                       item("b", model::QueryOrder{"BTCUSDT", "leg-1"}),
                                       item("c", model::CancelOrder{"BTCUSDT", "leg-1"}),
                                       item("d", list), item("e", model::ReadAccount{})};
    auto const answer = run(io_, conductor.sign(std::move(items)));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->size(), 5U);
    for (auto const& made : *answer) ASSERT_TRUE(made) << made.error().detail;
    EXPECT_NE((*answer)[0]->body.find("type=LIMIT&timeInForce=FOK&quantity=0.5&price=7&"),
              std::string::npos);
    EXPECT_EQ((*answer)[1]->method, "GET");
    EXPECT_EQ((*answer)[2]->method, "DELETE");
    EXPECT_NE((*answer)[3]->url.find("/myTrades?symbol=BTCUSDT&orderId=4&fromId=3&limit=5&"),
              std::string::npos);
    EXPECT_NE((*answer)[4]->url.find("/account?"), std::string::npos);

    auto sentinel = client("sentinel");
    std::vector<ports::SignItem> login{item("f", model::StreamLogin{"login-1"})};
    auto const logged = run(io_, sentinel.sign(std::move(login)));
    ASSERT_TRUE(logged);
    ASSERT_TRUE(logged->front());
    EXPECT_EQ(logged->front()->method, "WS");
    EXPECT_EQ(logged->front()->url, "ws://127.0.0.1:8010/ws-api/v3");
}

TEST_F(CitadelClientTest, EveryOperationOfFutures) {
    auto hedged = order();
    hedged.position_side = model::PositionSide::short_side;
    model::PlaceTriggerOrder const stop{.symbol = "BTCUSDT",
                                        .side = model::Side::buy,
                                        .trigger_price = base::Price(9),
                                        .watches = model::TriggerPrice::last,
                                        .quantity = base::Quantity(2),
                                        .position_side = model::PositionSide::short_side,
                                        .client_order_id = "stop-1"};
    auto const signed_for = [&](std::string_view caller, std::vector<model::VenueOperation> asked) {
        std::vector<ports::SignItem> items;
        for (auto& operation : asked) {
            items.push_back(item(std::to_string(items.size()), std::move(operation)));
            items.back().market = model::Market::futures;
        }
        auto signer = client(caller);
        std::vector<std::string> out;
        auto const answer = run(io_, signer.sign(std::move(items)));
        EXPECT_TRUE(answer);
        if (!answer) return out;
        for (auto const& made : *answer) {
            EXPECT_TRUE(made) << made.error().detail;
            auto const text = made ? made->method + " " + made->url + " " + made->body : "";
            out.push_back(text.substr(0, text.find("&recvWindow")));
        }
        return out;
    };
    std::string const fapi = " http://127.0.0.1:8010/fapi/";
    EXPECT_EQ(signed_for("conductor", {hedged, stop, model::CancelTriggerOrder{"BTCUSDT", "stop-1"},
                                       model::SetLeverage{"BTCUSDT", 3},
                                       model::SetMarginMode{"BTCUSDT", model::MarginMode::isolated},
                                       model::ReadPositions{"BTCUSDT"}}),
              (std::vector<std::string>{
                  "POST" + fapi + "v1/order symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5&" +
                      "newClientOrderId=leg-1&positionSide=SHORT&newOrderRespType=RESULT",
                  "POST" + fapi + "v1/algoOrder algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&" +
                      "type=STOP_MARKET&triggerPrice=9&workingType=CONTRACT_PRICE&quantity=2&" +
                      "positionSide=SHORT&clientAlgoId=stop-1",
                  "DELETE" + fapi + "v1/algoOrder?clientAlgoId=stop-1",
                  "POST" + fapi + "v1/leverage symbol=BTCUSDT&leverage=3",
                  "POST" + fapi + "v1/marginType symbol=BTCUSDT&marginType=ISOLATED",
                  "GET" + fapi + "v3/positionRisk?symbol=BTCUSDT"}));
    EXPECT_EQ(signed_for("sentinel", {model::ListenKey{model::ListenKey::Action::keep_alive}}),
              std::vector<std::string>{"PUT" + fapi + "v1/listenKey "});
}

TEST_F(CitadelClientTest, ItemsFailAlone) {
    auto conductor = client("conductor");
    std::vector<ports::SignItem> items{item("a", order()), item("b", order()), item("c", order()),
                                       item("d", model::StreamLogin{"1"}), item("e", order())};
    items[1].not_after = clock_.now() - 1s;
    items[2].venue = "kraken";
    items[4].context = "somebody else's";
    auto const answer = run(io_, conductor.sign(std::move(items)));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->size(), 5U);
    EXPECT_TRUE((*answer)[0]);
    std::string_view const reasons[] = {"", "not_after_passed", "not_supported",
                                        "operation_not_allowed", "decryption_failed"};
    for (std::size_t i = 1; i < 5; ++i) {
        ASSERT_FALSE((*answer)[i]) << i;
        EXPECT_EQ((*answer)[i].error().reason, reasons[i]);
        EXPECT_EQ((*answer)[i].error().code,
                  i == 3 ? base::Errc::forbidden : base::Errc::invalid_argument);
    }
}

TEST_F(CitadelClientTest, MoreThanOneCallTakes) {
    auto conductor = client("conductor");
    auto const one = item("x", order());
    std::vector<ports::SignItem> items;
    for (int i = 0; i < 1001; ++i) {
        items.push_back(one);
        items.back().id = std::to_string(i);
        std::get<model::PlaceOrder>(items.back().operation).client_order_id = std::to_string(i);
    }
    auto const answer = run(io_, conductor.sign(std::move(items)));
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->size(), 1001U);
    for (std::size_t i = 0; i < answer->size(); ++i) {
        ASSERT_TRUE((*answer)[i]);
        auto const own = "newClientOrderId=" + std::to_string(i) + "&";
        EXPECT_NE((*answer)[i]->body.find(own), std::string::npos) << i;
    }
}

TEST_F(CitadelClientTest, NothingToDoAsksNobody) {
    stop_server();
    auto conductor = client("conductor");
    auto const answer = run(io_, conductor.sign({}));
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->empty());
}

TEST_F(CitadelClientTest, OutOfReachIsUnavailable) {
    auto conductor = client("conductor");
    std::vector<ports::SignItem> items{item("a", order())};
    stop_server();
    auto const answer = run(io_, conductor.sign(std::move(items)));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, base::Errc::unavailable);
    EXPECT_EQ(answer.error().reason, "citadel_unavailable");
}

// A wrong key is a fault between our processes: no end user may be told 401 or 403 for it.
TEST_F(CitadelClientTest, AWrongKeyIsOurFault) {
    for (std::string_view const caller : {"nobody", "internal"}) {
        auto stranger = client(caller);
        std::vector<ports::SignItem> items{item("a", order())};
        auto const answer = run(io_, stranger.sign(std::move(items)));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, base::Errc::internal) << caller;
        EXPECT_NE(answer.error().internal.find(caller == "nobody" ? "401" : "403"),
                  std::string::npos);
    }
}

TEST_F(CitadelClientTest, FieldErrorsComeThrough) {
    auto gateway = client("gateway");
    std::map<std::string, base::Secret> fields;
    fields.emplace("secret", base::Secret());
    auto const sealed = run(io_, gateway.encrypt_fields("context", std::move(fields)));
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().code, base::Errc::invalid_argument);
    ASSERT_EQ(sealed.error().fields.size(), 1U);
    EXPECT_EQ(sealed.error().fields[0].pointer, "/data/secret");
}

TEST(CitadelClientConfigTest, TheUrlIsChecked) {
    boost::asio::io_context io;
    base::SystemClock clock;
    base::SeededRandom random(1);
    net::HttpClient http(io.get_executor(), {}, clock);
    EXPECT_THROW(CitadelClient(http, {.url = "citadel:8004"}, key_of("gateway"), clock, random),
                 std::invalid_argument);
    // What is asked for by default needs to be told what it is.
    EXPECT_THROW(CitadelClient(http, {}, key_of("gateway"), clock, random), std::invalid_argument);
}

}  // namespace
}  // namespace obscura::peers
