// Limits of callers and accounts, through the routes.
#include "seal_fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;

class RateLimitsTest : public test::SealTest {
protected:
    RateLimitsTest() {
        std::filesystem::remove_all(folder_);
        CallRates rates;
        rates.of_caller.fill(1);  // ten at once
        rates.of_caller[static_cast<std::size_t>(CallKind::opening)] = 100;
        rates.of_caller[static_cast<std::size_t>(CallKind::exit)] = 100;
        rates.of_account.fill(0);
        rates.of_account[static_cast<std::size_t>(CallKind::opening)] = 1;
        rates.of_account[static_cast<std::size_t>(CallKind::exit)] = 1;
        order_ = item("a", test::place_order());
        serve(rates);
    }
    ~RateLimitsTest() override {
        stop();
        std::filesystem::remove_all(folder_);
    }
    void stop() {
        router_ = {};
        limited_.reset();
    }
    void serve(CallRates const& rates) {
        stop();
        auto config = test::config();
        config.audit.folder = folder_;
        config.rates = rates;
        limited_ =
            std::make_unique<Service>(std::move(config), clock_, random_, metrics_, &prices_);
        router_ = limited_->router();
    }
    /// "signed", or why not, of orders on one side.
    [[nodiscard]] std::vector<std::string> orders(std::string_view side, int count) {
        Json::Array items;
        for (int i = 0; i < count; ++i) {
            auto one = order_;
            auto operation = test::place_order();
            operation.set("side", side);
            one.set("id", std::to_string(i));
            one.set("operation", std::move(operation));
            items.push_back(std::move(one));
        }
        std::vector<std::string> out;
        auto const answer = sign("conductor", std::move(items));
        for (auto const& made : answer.body["items"].as_array()) {
            if (made["error"].is_object()) EXPECT_EQ(made["error"]["status"].digits(), "429");
            out.push_back(made["url"].is_string() ? "signed" : made["error"]["code"].as_string());
        }
        return out;
    }
    [[nodiscard]] unsigned statuses(std::string_view caller, std::string const& path,
                                    Json const& body, int tries) {
        unsigned last = 0;
        for (int i = 0; i < tries; ++i) last = post(caller, path, body).status;
        return last;
    }
    [[nodiscard]] std::string log() {
        stop();
        std::ifstream in(folder_ + "/audit.log", std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::string folder_ =
        std::filesystem::temp_directory_path() / ("obscura-rates-" + std::to_string(::getpid()));
    Json order_;
    std::unique_ptr<Service> limited_;
};

TEST_F(RateLimitsTest, ItemsOfABatchAreRefusedForThemselvesAndExitsGoOn) {
    auto const buys = orders("buy", 12);
    EXPECT_EQ(std::ranges::count(buys, "signed"), 10);
    EXPECT_EQ(std::ranges::count(buys, "rate_limited"), 2);
    EXPECT_EQ(orders("buy", 1), std::vector<std::string>{"rate_limited"});
    EXPECT_EQ(std::ranges::count(orders("sell", 5), "signed"), 5);
    clock_.advance(1s);
    EXPECT_EQ(orders("buy", 2), (std::vector<std::string>{"signed", "rate_limited"}));
    EXPECT_NE(metrics_.expose().find(
                  R"(obscura_citadel_rate_limited_total{kind="openings",of="account"} 4)"),
              std::string::npos);
    auto const text = log();
    EXPECT_NE(text.find(R"("done":{"place_order":10},"refused":{"rate_limited":2})"),
              std::string::npos)
        << text;
}

TEST_F(RateLimitsTest, AWholeRequestIsAnsweredWithTheTimeToWait) {
    auto const body = Json::object({{"plaintext", "x"}, {"context", "c"}});
    EXPECT_EQ(statuses("gateway", "/encrypt", body, 10), 200U);
    net::Request request{.method = "POST", .target = "/encrypt", .body = body.dump()};
    request.headers.add("Content-Type", "application/json");
    request.headers.add("X-Internal-API-Key", test::key_of("gateway"));
    auto const answer = obscura::test::run(io_, router_.dispatch(request));
    EXPECT_EQ(answer.status, 429U);
    EXPECT_EQ(answer.headers.find("Retry-After"), "1");
    EXPECT_EQ(statuses("sentinel", "/encrypt", body, 1), 200U) << "another service";
    EXPECT_EQ(statuses("gateway", "/encrypt", body, 100), 429U);
    auto const text = log();
    EXPECT_NE(
        text.find(R"("caller":"gateway","operation":"encrypt","refused":{"rate_limited":101})"),
        std::string::npos)
        << "counted by the second: " << text;
}

TEST_F(RateLimitsTest, EveryRouteHasItsOwn) {
    auto const text = sealed("plain");
    auto const one = Json::object({{"encrypted_data", text}, {"context", test::context}});
    auto const fields =
        Json::object({{"data", Json::object({{"a", text}})}, {"context", test::context}});
    EXPECT_EQ(statuses("admin", "/decrypt", one, 5), 200U);
    EXPECT_EQ(statuses("admin", "/decrypt-bulk", fields, 5), 200U);
    EXPECT_EQ(statuses("admin", "/decrypt", one, 1), 429U);
    EXPECT_EQ(statuses("admin", "/decrypt-bulk", fields, 1), 429U);
    EXPECT_EQ(statuses("gateway", "/encrypt-bulk", fields, 9), 200U);
    EXPECT_EQ(statuses("gateway", "/encrypt-bulk", fields, 1), 429U);
    EXPECT_EQ(statuses("rotation", "/rewrap", one, 5), 200U);
    EXPECT_EQ(statuses("rotation", "/rewrap-bulk", fields, 5), 200U);
    EXPECT_EQ(statuses("rotation", "/rewrap", one, 1), 429U);
    EXPECT_EQ(statuses("rotation", "/rewrap-bulk", fields, 1), 429U);
    auto const key = Json::object({{"purpose", "receipt"}});
    EXPECT_EQ(statuses("conductor", "/keys", key, 10), 201U);
    EXPECT_EQ(statuses("conductor", "/keys", key, 1), 429U);
    auto const statement =
        Json::object({{"items", Json::array({Json::object({{"id", "a"},
                                                           {"key", "k"},
                                                           {"purpose", "receipt"},
                                                           {"statement", Json::object({})}})})}});
    auto const refused = post("conductor", "/sign-statement", statement).body["items"].as_array();
    EXPECT_EQ(refused.at(0)["error"]["code"].as_string(), "rate_limited");
}

TEST_F(RateLimitsTest, ABulkCountsEachOfItsTexts) {
    auto const text = sealed("plain");
    auto ten = Json::object();
    for (int i = 0; i < 10; ++i) ten.set(std::to_string(i), text);
    auto const fields = Json::object({{"data", ten}, {"context", test::context}});
    EXPECT_EQ(statuses("sentinel", "/encrypt-bulk", fields, 1), 200U);
    EXPECT_EQ(statuses("sentinel", "/encrypt-bulk", fields, 1), 429U);
    EXPECT_EQ(statuses("admin", "/decrypt-bulk", fields, 1), 200U);
    EXPECT_EQ(statuses("admin", "/decrypt-bulk", fields, 1), 429U);
}

TEST_F(RateLimitsTest, AnAccountHasItsOwnWhoeverAsks) {
    CallRates rates;
    rates.of_caller.fill(0);
    rates.of_account.fill(1);
    serve(rates);
    auto const text = sealed("plain", "another");
    auto const in = [&](char const* field, std::string_view context) {
        return Json::object({{field, text}, {"context", context}});
    };
    auto const bulk = [&](std::string_view context) {
        return Json::object({{"data", Json::object({{"a", text}})}, {"context", context}});
    };
    EXPECT_EQ(statuses("gateway", "/encrypt", in("plaintext", "one"), 5), 200U);
    EXPECT_EQ(statuses("sentinel", "/encrypt-bulk", bulk("one"), 5), 200U);
    EXPECT_EQ(statuses("gateway", "/encrypt", in("plaintext", "one"), 1), 429U);
    EXPECT_EQ(statuses("sentinel", "/encrypt-bulk", bulk("one"), 1), 429U);
    EXPECT_EQ(statuses("gateway", "/encrypt", in("plaintext", "two"), 1), 200U);
    EXPECT_EQ(statuses("admin", "/decrypt", in("encrypted_data", "another"), 5), 200U);
    EXPECT_EQ(statuses("admin", "/decrypt-bulk", bulk("another"), 5), 200U);
    EXPECT_EQ(statuses("admin", "/decrypt", in("encrypted_data", "another"), 1), 429U);
    EXPECT_EQ(statuses("admin", "/decrypt-bulk", bulk("another"), 1), 429U);
    EXPECT_EQ(statuses("admin", "/decrypt", in("encrypted_data", "third"), 1), 400U);
}

// Of who seals: before there is a connection nothing else is known of the account.
TEST_F(RateLimitsTest, SealsAreCountedByTheirOwner) {
    CallRates rates;
    rates.of_caller.fill(0);
    rates.of_account.fill(1);
    serve(rates);
    auto const body = request(good_seal());
    EXPECT_EQ(statuses("gateway", "/open-sealed", body, 10), 200U);
    EXPECT_EQ(statuses("gateway", "/open-sealed", body, 1), 429U);
    auto other = body;
    other.set("user_id", tenant_.to_string());
    EXPECT_EQ(statuses("gateway", "/open-sealed", other, 1), 400U) << "refused for its owner";
    rates.of_caller.fill(1);
    rates.of_account.fill(0);
    serve(rates);
    EXPECT_EQ(statuses("gateway", "/open-sealed", other, 10), 400U);
    EXPECT_EQ(statuses("gateway", "/open-sealed", other, 1), 429U);
}

}  // namespace
}  // namespace obscura::citadel
