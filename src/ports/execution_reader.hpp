#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/held_key.hpp"
#include "ports/page.hpp"
#include "ports/receipt.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace obscura::ports {

using base::Task;

/// Whose records: a user's own, or all of the tenant's users'.
struct RecordScope {
    model::TenantId tenant{};
    std::optional<model::UserId> user;
};

/// One order of an execution, as it stands.
struct ExecutionLeg {
    model::LegId id{};
    std::string client_order_id;
    std::string market;
    std::string symbol;
    std::string side;
    std::string order_type;
    base::Quantity quantity{};
    std::optional<base::Price> limit_price;
    bool reduce_only = false;
    std::string position_side;  ///< futures: what the order names as its position
    int leverage = 1;
    std::string state;
    std::string venue_order_id;  ///< "" while unknown
    base::Quantity executed_quantity{};
    base::Money executed_quote{};
    std::string evidence;  ///< the venue's words for a rejection
    std::optional<base::Timestamp> sent_at;
    std::optional<base::Timestamp> accepted_at;
    std::optional<base::Timestamp> ended_at;
};

/// What became of a signal on one subscription.
struct Execution {
    model::CopyId id{};
    model::SignalId signal{};
    model::PoolId pool{};
    model::SubscriptionId subscription{};
    std::string status;
    std::string reason;       ///< why refused, rejected or alarmed
    std::string limit_bound;  ///< the limit that cut the size
    std::optional<model::ReceiptId> receipt;
    base::Timestamp created_at{};
    std::optional<base::Timestamp> ended_at;
    std::vector<ExecutionLeg> legs;
};

struct ExecutionFilter {
    std::optional<model::PoolId> pool;
    std::optional<model::SubscriptionId> subscription;
    std::optional<model::SignalId> signal;
};

struct Position {
    model::SubscriptionId subscription{};
    model::PoolId pool{};
    std::string market;
    std::string symbol;
    base::Quantity quantity{};  ///< of futures short ones are negative
    base::Money cost{};         ///< spot: paid; futures: what may still be lost
    std::string position_side;
    int leverage = 1;
    base::Money entry_quote{};  ///< futures: what is held, at its entry prices
    base::Money realised_pnl{};
    base::Money fees_quote{};
    base::Timestamp updated_at{};
};

/// Positions are listed by subscription, market and symbol.
struct PositionPage {
    struct Place {
        base::Uuid subscription{};
        std::string market;
        std::string symbol;
        friend auto operator<=>(Place const&, Place const&) = default;
    };
    std::optional<Place> after;  ///< the last row of the page before
    int limit = 50;
};

/// What conductor wrote, for reading.
class ExecutionReader {
public:
    virtual ~ExecutionReader() = default;
    [[nodiscard]] virtual Task<std::vector<Execution>> executions(RecordScope scope,
                                                                  ExecutionFilter filter,
                                                                  Page page) = 0;
    /// `held_only` leaves out symbols of which nothing is held any more.
    [[nodiscard]] virtual Task<std::vector<Position>> positions(RecordScope scope,
                                                                ExecutionFilter filter,
                                                                bool held_only,
                                                                PositionPage page) = 0;
    [[nodiscard]] virtual Task<std::optional<Receipt>> receipt(RecordScope scope,
                                                               model::ReceiptId id) = 0;
    /// The keys that receipts are and were signed with, the newest first. Everybody's.
    [[nodiscard]] virtual Task<std::vector<PublicKeyRecord>> receipt_keys() = 0;
};

}  // namespace obscura::ports
