#pragma once

#include "citadel/service.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace obscura::citadel::test {

constexpr std::string_view api_key =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view api_secret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
constexpr std::string_view context = "tenant|user|binance|connection";

inline std::string key_of(std::string_view caller) { return "key-of-" + std::string(caller); }

/// Every caller has a key; only admin may decrypt.
inline Config config() {
    Config out;
    out.version = "1.2.3";
    out.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
    out.master_keys_hex[1] = base::Secret(std::string_view(std::string(64, '2')));
    for (std::size_t i = 0; i < caller_names.size(); ++i) {
        out.caller_keys[i] = base::Secret(std::string_view(key_of(caller_names[i].name)));
    }
    out.decrypt_callers = {"admin"};
    out.rates.enabled = false;  // tests ask a lot, and their clock stands still
    return out;
}

/// What the venue would tell.
struct KnownPrices final : ports::PriceSource {
    std::map<std::string, base::Price> prices{{"BTCUSDT", base::Price(50'000)}};
    std::optional<base::Price> price(ports::MarketPlace const&,
                                     std::string const& symbol) override {
        auto const found = prices.find(symbol);
        return found == prices.end() ? std::nullopt : std::optional(found->second);
    }
};

/// A service without sockets: requests go through its router, guard included.
class ServiceTest : public ::testing::Test {
protected:
    boost::asio::io_context io_;
    base::ManualClock clock_{base::from_unix_ms(1'764'000'000'000)};
    base::SeededRandom random_{5};
    base::Metrics metrics_;
    KnownPrices prices_;
    Service service_{config(), clock_, random_, metrics_, &prices_};
    net::Router router_ = service_.router();

    struct Seen {
        unsigned status = 0;
        base::Json body;
    };
    [[nodiscard]] Seen send(net::Request request) {
        auto const response = obscura::test::run(io_, router_.dispatch(request));
        auto body = base::parse_json(response.body);
        EXPECT_TRUE(body) << response.body;
        return {response.status, body.value_or(base::Json())};
    }
    /// As the named caller; an empty name sends no key.
    [[nodiscard]] Seen post(std::string_view caller, std::string path, std::string body) {
        net::Request request{.method = "POST", .target = path, .body = std::move(body)};
        request.headers.add("Content-Type", "application/json");
        if (!caller.empty()) request.headers.add("X-Internal-API-Key", key_of(caller));
        return send(std::move(request));
    }
    [[nodiscard]] Seen post(std::string_view caller, std::string path, base::Json const& body) {
        return post(caller, std::move(path), body.dump());
    }

    [[nodiscard]] std::string sealed(std::string_view text, std::string_view aad = context) {
        auto const answer = post("gateway", "/encrypt",
                                 base::Json::object({{"plaintext", text}, {"context", aad}}));
        EXPECT_EQ(answer.status, 200U);
        return answer.body["encrypted_data"].as_string();
    }
    /// An item that conductor may have signed; `change` makes it something else.
    [[nodiscard]] base::Json item(std::string_view id, base::Json operation) {
        return base::Json::object(
            {{"id", id},
             {"venue", "binance"},
             {"environment", "paper"},
             {"market", "spot"},
             {"context", context},
             {"credentials",
              base::Json::object({{"api_key", sealed(api_key)}, {"secret", sealed(api_secret)}})},
             {"not_after_ms", base::to_unix_ms(clock_.now()) + 5000},
             {"operation", std::move(operation)}});
    }
    [[nodiscard]] Seen sign(std::string_view caller, base::Json::Array items) {
        return post(caller, "/sign", base::Json::object({{"items", std::move(items)}}));
    }
};

inline base::Json place_order() {
    return base::Json::object({{"kind", "place_order"},
                               {"symbol", "BTCUSDT"},
                               {"side", "buy"},
                               {"order_type", "market"},
                               {"quantity", "0.5"},
                               {"client_order_id", "leg-1"}});
}

}  // namespace obscura::citadel::test
