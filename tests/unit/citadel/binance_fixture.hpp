#pragma once

#include "citadel/binance.hpp"
#include "citadel/binance_request.hpp"
#include "crypto/hmac.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace obscura::citadel::test {

// developers.binance.com, "SIGNED request example (HMAC)".
constexpr std::string_view binance_key =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view binance_secret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

inline VenueEndpoints const endpoints{.rest = "https://venue.test:443",
                                      .websocket = "wss://venue.test:443/ws-api/v3",
                                      .futures = "https://futures.test:443"};
constexpr RequestWindow window{.timestamp_ms = 1'499'827'319'559, .receive_ms = 5000};
constexpr std::string_view window_text = "recvWindow=5000&timestamp=1499827319559";

inline std::map<std::string, base::Secret> fields(
    std::initializer_list<std::pair<std::string, std::string_view>> given) {
    std::map<std::string, base::Secret> out;
    for (auto const& [name, value] : given) out.emplace(name, base::Secret(value));
    return out;
}

inline ApiCredentials hmac_credentials() {
    return *ApiCredentials::from_fields(
        binance.credentials, fields({{"api_key", binance_key}, {"secret", binance_secret}}));
}

/// `text` with the signature that belongs to it.
inline std::string with_signature(std::string const& text) {
    return text + "&signature=" + crypto::hmac_sha256_hex(binance_secret, text);
}

inline std::string header(ports::SignedRequest const& request, std::string_view name) {
    for (auto const& [key, value] : request.headers)
        if (key == name) return value;
    return "(none)";
}

inline model::PlaceOrder limit_order() {
    return {.symbol = "LTCBTC",
            .side = model::Side::buy,
            .type = model::OrderType::limit,
            .quantity = base::Quantity(1),
            .limit_price = base::Price::parse("0.1"),
            .client_order_id = "leg-1"};
}

}  // namespace obscura::citadel::test
