#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/ed25519.hpp"
#include "ports/signer.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace obscura::citadel {

/// Where one environment of the venue is.
struct BinanceEndpoints {
    std::string rest;       ///< origin: "https://api.binance.com:443"
    std::string websocket;  ///< of the WebSocket API: "wss://ws-api.binance.com:443/ws-api/v3"
};

/// The time in which the venue may accept a request: `timestamp` and `recvWindow`.
struct BinanceWindow {
    std::int64_t timestamp_ms = 0;
    std::int64_t receive_ms = 0;

    /// The widest window that starts now and ends by `not_after`. invalid_argument:
    /// "not_after_passed", or "not_after_too_far" where it is more than 60 s ahead, the venue's
    /// most.
    [[nodiscard]] static base::Result<BinanceWindow> until(base::Timestamp not_after,
                                                           base::Timestamp now);
};

/// An opened credential: the API key and what signs for it.
class BinanceCredentials {
public:
    /// From the fields `api_key`, and `secret` or `private_key` (PEM, Ed25519), and optionally
    /// `key_type` (hmac, ed25519). invalid_argument otherwise; the errors show no field's value.
    [[nodiscard]] static base::Result<BinanceCredentials> from_fields(
        std::map<std::string, base::Secret> fields);

    [[nodiscard]] std::string_view api_key() const { return api_key_.reveal(); }
    /// HMAC-SHA256 in hex, or Ed25519 in base64.
    [[nodiscard]] std::string sign(std::string_view payload) const;

private:
    using SigningKey = std::variant<base::Secret, crypto::Ed25519PrivateKey>;
    BinanceCredentials(base::Secret api_key, SigningKey key)
        : api_key_(std::move(api_key)), key_(std::move(key)) {}

    base::Secret api_key_;
    SigningKey key_;
};

/// The request that does `operation` on Binance spot, valid in `window`. The signature covers the
/// exact bytes that are sent. invalid_argument for what the venue has no words for.
[[nodiscard]] base::Result<ports::SignedRequest> sign_binance_spot(
    BinanceEndpoints const& endpoints, BinanceCredentials const& credentials,
    model::VenueOperation const& operation, BinanceWindow window);

}  // namespace obscura::citadel
