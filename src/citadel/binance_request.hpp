#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "citadel/binance_credentials.hpp"
#include "ports/signer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// What the requests of Binance's markets have in common: parameters, checks, the signature.
namespace obscura::citadel {

/// Where one environment of the venue is.
struct BinanceEndpoints {
    std::string rest;       ///< origin of spot: "https://api.binance.com:443"
    std::string websocket;  ///< of spot's WebSocket API: "wss://ws-api.binance.com:443/ws-api/v3"
    std::string futures;    ///< origin of USD-M futures; empty: where spot is (the paper venue)
};

/// The time in which the venue may accept a request: `timestamp` and `recvWindow`.
struct BinanceWindow {
    std::int64_t timestamp_ms = 0;
    std::int64_t receive_ms = 0;

    static constexpr std::chrono::seconds longest{60};  ///< the venue takes no longer recvWindow
    /// The widest window that starts now and ends by `not_after`. invalid_argument:
    /// "not_after_passed", or "not_after_too_far" where it is further ahead than `longest`.
    [[nodiscard]] static base::Result<BinanceWindow> until(base::Timestamp not_after,
                                                           base::Timestamp now);
    [[nodiscard]] base::Timestamp end() const {
        return base::from_unix_ms(timestamp_ms + receive_ms);
    }
};

/// "a=1&b=2", percent-encoded as it goes on the wire.
class BinanceParameters {
public:
    BinanceParameters() { text_.reserve(384); }
    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
    [[nodiscard]] std::string const& text() const { return text_; }

private:
    std::string text_;
};

/// A REST operation before it is signed.
struct BinanceDraft {
    std::string_view method;
    std::string_view path;
    BinanceParameters parameters{};
};

/// invalid_argument about one member of the operation.
[[nodiscard]] std::unexpected<base::Error> not_allowed(std::string_view member, std::string detail);
/// invalid_argument "not_supported": the market has no words for the operation.
[[nodiscard]] std::unexpected<base::Error> not_known_to(std::string_view market);

[[nodiscard]] base::Result<void> check_symbol(std::string_view symbol);
[[nodiscard]] base::Result<void> check_order_name(std::string_view symbol,
                                                  std::string_view client_order_id);
[[nodiscard]] std::string_view binance_side(model::Side side);

/// A limit or market order without what one market alone knows of it.
[[nodiscard]] base::Result<BinanceDraft> draft_order(std::string_view path,
                                                     model::PlaceOrder const& order);
/// An order to be asked for or cancelled by its client id.
[[nodiscard]] base::Result<BinanceDraft> draft_named(std::string_view method, std::string_view path,
                                                     std::string_view symbol,
                                                     std::string_view client_order_id);
[[nodiscard]] base::Result<BinanceDraft> draft_trades(std::string_view path,
                                                      model::ListTrades const& list);

/// The request of `draft` at `origin`; the signature covers the exact bytes that are sent.
[[nodiscard]] ports::SignedRequest sign_rest(std::string const& origin,
                                             BinanceCredentials const& credentials,
                                             BinanceDraft draft, BinanceWindow window);

}  // namespace obscura::citadel
