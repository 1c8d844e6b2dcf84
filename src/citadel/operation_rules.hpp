#pragma once

#include "citadel/venue_request.hpp"

#include <string_view>

/// What is checked of an operation before a venue's words are made of it. Texts go into paths,
/// queries and JSON: each has a list of the characters that it may have, and no other passes.
namespace obscura::citadel {

/// How a venue writes symbols or ids.
struct Spelling {
    std::size_t min = 1;  ///< characters of the whole
    std::size_t max = 32;
    bool upper = false;
    bool lower = false;
    bool digits = true;
    std::string_view also{};    ///< characters beside letters and digits
    std::string_view prefix{};  ///< "t-"
    std::string_view suffix{};  ///< "-SWAP"
    char between = '\0';        ///< what parts "BTC-USDT" into two
    std::string_view says{};    ///< for who wrote it otherwise: "Must be written like BTC-USDT."
};
[[nodiscard]] bool fits(Spelling const& spelling, std::string_view text);

/// Decimal digits: order ids of most venues.
inline constexpr Spelling number_spelling{.max = 19, .says = "Must be a number."};
/// Of the message that logs a stream in.
inline constexpr Spelling request_id_spelling{.max = 36,
                                              .upper = true,
                                              .lower = true,
                                              .also = "-_",
                                              .says = "Must be 1 to 36 of A-Z, a-z, 0-9, - and _."};

/// How one market of a venue is spoken to.
struct OperationRules {
    Spelling symbol;
    Spelling client_order_id;
    Spelling venue_order_id = number_spelling;
    int most_trades = 100;  ///< of one page; longer ones are cut to it
    bool whole_contracts = false;
    /// What opens a position names its leverage; elsewhere it must not be given.
    bool orders_name_leverage = false;
};

[[nodiscard]] base::Result<void> check_symbol(OperationRules const& rules, std::string_view symbol);
[[nodiscard]] base::Result<void> check_order_name(OperationRules const& rules,
                                                  std::string_view symbol,
                                                  std::string_view client_order_id);
/// Spot has no positions; where one is named, it says itself what reduces.
[[nodiscard]] base::Result<void> check_order(OperationRules const& rules, model::Market market,
                                             model::PlaceOrder const& order);
/// Trades of one symbol: of an order or since a time. No venue but Binance begins at a trade's id.
[[nodiscard]] base::Result<void> check_trades(OperationRules const& rules,
                                              model::ListTrades const& list);
[[nodiscard]] base::Result<void> check_leverage(OperationRules const& rules,
                                                model::SetLeverage const& change);

/// Trading against the position that is named.
[[nodiscard]] bool closes_position(model::PlaceOrder const& order);
/// "gtc", "ioc", "fok", and in capitals.
[[nodiscard]] std::string_view lower_time_in_force(model::TimeInForce tif);
[[nodiscard]] std::string_view upper_time_in_force(model::TimeInForce tif);

}  // namespace obscura::citadel
