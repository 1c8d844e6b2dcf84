#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/strong.hpp"
#include "model/types.hpp"
#include "model/venue_operation.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace obscura::paper {

/// Accounts count from 1 in the order of their opening; the number is what "uid" shows.
using AccountId = base::Strong<struct AccountTag, std::uint32_t>;
/// Orders count from 1 over all symbols.
using OrderId = base::Strong<struct OrderTag, std::uint64_t>;
/// Trades count from 1 per symbol, the market's own included.
using TradeId = base::Strong<struct TradeTag, std::uint64_t>;
/// Positions in the catalogue.
using SymbolId = base::Strong<struct SymbolTag, std::uint16_t>;
using AssetId = base::Strong<struct AssetTag, std::uint16_t>;

using model::MarginMode;
using model::Market;
using model::PositionSide;
using model::Side;
using model::TimeInForce;

enum class OrderKind { limit, limit_maker, market };
enum class OrderStatus { open, partially_filled, filled, canceled, expired };

/// A refusal in the venue's own terms: {"code": -2010, "msg": "..."}.
struct VenueError {
    int code = -1000;
    std::string message;
    unsigned http_status = 400;
};
template <class T>
using Outcome = std::expected<T, VenueError>;

[[nodiscard]] inline std::unexpected<VenueError> refuse(int code, std::string message,
                                                        unsigned http_status = 400) {
    return std::unexpected(VenueError{code, std::move(message), http_status});
}

struct Balance {
    base::Decimal free{};
    base::Decimal locked{};
};

struct Fill {
    TradeId trade{};
    base::Price price{};
    base::Quantity quantity{};
    base::Decimal commission{};  ///< spot: in the received asset; futures: in the margin asset
    bool is_maker = false;
    base::Timestamp time{};
    base::Money realised{};  ///< futures: what closing a position with it won or lost
};

/// What a futures order has besides.
struct ContractTerms {
    PositionSide position_side = PositionSide::both;
    bool reduce_only = false;
    bool liquidates = false;    ///< the venue's own, of an account that ran out of margin
    std::int64_t leverage = 0;  ///< of its symbol on acceptance
};

struct Order {
    OrderId id{};
    AccountId account{};
    SymbolId symbol{};
    std::string client_id;
    Side side = Side::buy;
    OrderKind kind = OrderKind::market;
    TimeInForce time_in_force = TimeInForce::gtc;
    base::Price price{};           ///< 0 for market orders
    base::Quantity quantity{};     ///< for quoteOrderQty what the book gave for it
    base::Money quote_quantity{};  ///< quoteOrderQty, or 0
    base::Quantity executed{};
    base::Money executed_quote{};
    OrderStatus status = OrderStatus::open;
    base::Timestamp accepted_at{};
    base::Timestamp updated_at{};
    std::vector<Fill> fills;
    ContractTerms contract{};

    [[nodiscard]] bool is_open() const {
        return status == OrderStatus::open || status == OrderStatus::partially_filled;
    }
    [[nodiscard]] base::Quantity remaining() const { return quantity - executed; }
};

/// What a client asks for, decoded and complete but for the venue's rules.
struct NewOrder {
    SymbolId symbol{};
    Side side = Side::buy;
    OrderKind kind = OrderKind::market;
    TimeInForce time_in_force = TimeInForce::gtc;
    base::Price price{};           ///< > 0 for limit kinds
    base::Quantity quantity{};     ///< > 0, or 0 when quote_quantity is given
    base::Money quote_quantity{};  ///< market orders only
    std::string client_id;         ///< "" = the venue chooses
    ContractTerms contract{};
    /// How much of what it would trade at once the book gives it: fault injection.
    std::optional<base::Decimal> fill_share{};
};

enum class KeyType { hmac, ed25519 };

/// How an account's requests are signed.
struct Credential {
    KeyType type = KeyType::hmac;
    std::string api_key;
    /// HMAC: the shared secret. Ed25519: the public key, PEM. Play money: kept in the journal.
    std::string verifier;
    /// Ed25519: the private key, PEM, when the venue made it (so that a label answers twice).
    std::string private_key;
    bool can_trade = true;
    bool can_withdraw = false;  ///< only shown: nothing can be withdrawn
};

}  // namespace obscura::paper
