#pragma once

#include "net/client.hpp"
#include "net/http.hpp"
#include "ports/venue.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::venue {

/// The body of every refusal: {"code": -1121, "msg": "Invalid symbol."}.
struct BinanceError {
    std::int64_t code = 0;
    std::string message;
};
[[nodiscard]] std::optional<BinanceError> parse_binance_error(std::string_view body);

/// What a refusal says about the order it answers.
enum class Refusal {
    final,      ///< not accepted, and will not be as it is
    may_retry,  ///< not accepted; the same order may be later
    throttled,  ///< not looked at
    unknown,    ///< says nothing certain about the order: ask for the client id
};
/// By the tables that Binance documents for the market. A code that is not there is `unknown`:
/// asking costs one query, a wrong "rejected" costs a doubled order.
[[nodiscard]] Refusal refusal_of(BinanceError const& error, model::Market market);

/// How long to stay away after 429, 418 or 403; from Retry-After where it is given.
[[nodiscard]] std::chrono::milliseconds retry_after_of(net::Response const& response);
/// Whose limit it is that an answer which is throttled speaks of: too many orders are one
/// account's.
[[nodiscard]] ports::Throttled throttled_of(net::Response const& response,
                                            std::optional<BinanceError> const& error);
/// X-MBX-USED-WEIGHT-1M: what this address has spent in the venue's present minute.
[[nodiscard]] std::optional<std::int64_t> used_weight_of(net::Response const& response);
/// True for statuses and codes that speak of limits.
[[nodiscard]] bool is_throttled(net::Response const& response,
                                std::optional<BinanceError> const& error);

/// An order that was sent, from the answer that is not 2xx.
[[nodiscard]] ports::SubmitOutcome outcome_of_refusal(net::Response const& response,
                                                      model::Market market);
/// An order without an answer.
[[nodiscard]] ports::SubmitOutcome outcome_of(net::TransportError const& error);
[[nodiscard]] ports::SubmitOutcome outcome_of(ports::RelayFailure const& failure);
/// A read without a good answer: rate_limited, upstream_timeout, unavailable, or bad_gateway with
/// reason "venue_refused" ("unknown_symbol" for -1121, "unknown_listen_key" for -1125).
[[nodiscard]] base::Error read_error(net::Response const& response);
[[nodiscard]] base::Error read_error(net::TransportError const& error);
/// Or citadel's reason.
[[nodiscard]] base::Error read_error(ports::RelayFailure const& failure);

}  // namespace obscura::venue
