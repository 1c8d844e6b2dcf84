#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "citadel/api_credentials.hpp"
#include "ports/signer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the requests of all venues have in common: where they go, until when, parameters, refusals.
namespace obscura::citadel {

/// Where one environment of a venue is. Empty: there is none; of futures: where spot is.
struct VenueEndpoints {
    std::string rest;       ///< origin: "https://api.binance.com:443"
    std::string websocket;  ///< of the private stream: "wss://ws-api.binance.com:443/ws-api/v3"
    std::string futures;    ///< origin of linear perpetuals
    std::string futures_websocket;  ///< of their private stream; empty: that of spot

    [[nodiscard]] std::string const& origin_of(model::Market market) const {
        return market == model::Market::futures && !futures.empty() ? futures : rest;
    }
    [[nodiscard]] std::string const& stream_of(model::Market market) const {
        return market == model::Market::futures && !futures_websocket.empty() ? futures_websocket
                                                                              : websocket;
    }
};

/// The time in which the venue may accept a request: from `timestamp_ms` for `receive_ms`.
struct RequestWindow {
    std::int64_t timestamp_ms = 0;
    std::int64_t receive_ms = 0;

    /// The widest window that starts now and ends by `not_after`. invalid_argument:
    /// "not_after_passed", or "not_after_too_far" where it is further ahead than `longest`.
    [[nodiscard]] static base::Result<RequestWindow> until(base::Timestamp not_after,
                                                           base::Timestamp now,
                                                           std::chrono::seconds longest);
    [[nodiscard]] base::Timestamp end() const {
        return base::from_unix_ms(timestamp_ms + receive_ms);
    }
    /// The time stamp with which a venue that refuses what is older than `age` refuses this at the
    /// end of the window. Not after `timestamp_ms` as long as no window is longer than `age`.
    [[nodiscard]] std::int64_t backdated_ms(std::chrono::milliseconds age) const {
        return timestamp_ms + receive_ms - age.count();
    }
};

/// One operation on its way to being a signed request.
struct SigningTask {
    VenueEndpoints const& endpoints;
    ApiCredentials const& credentials;
    model::Environment environment;
    model::Market market;
    model::VenueOperation const& operation;
    RequestWindow window;
    std::uint64_t nonce;   ///< for an agent's key: one that it never had before; else 0
    base::Random& random;  ///< blinds such a key; nothing of it shows in a signature
};

/// "a=1&b=2", percent-encoded as it goes on the wire.
class FormParameters {
public:
    FormParameters() { text_.reserve(384); }
    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
    [[nodiscard]] std::string const& text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }

private:
    std::string text_;
};

/// A REST request before it is signed.
struct VenueDraft {
    std::string_view method = "GET";
    std::string path{};
    FormParameters query{};
    std::optional<base::Json> body{};  ///< sent compact, members in the order they were set

    /// "/v5/order/realtime?symbol=BTCUSDT", as it goes on the wire and into most signatures.
    [[nodiscard]] std::string target() const;
    [[nodiscard]] std::string body_text() const { return body ? body->dump() : std::string(); }
};

/// invalid_argument about one member of the operation.
[[nodiscard]] std::unexpected<base::Error> not_allowed(std::string_view member, std::string detail);
/// invalid_argument "not_supported": the market has no words for the operation.
[[nodiscard]] std::unexpected<base::Error> not_known_to(std::string_view market);
/// The same with the reason in a sentence of its own.
[[nodiscard]] std::unexpected<base::Error> not_supported(std::string detail);

}  // namespace obscura::citadel
