#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "ports/page.hpp"

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
    std::string symbol;
    std::string side;
    std::string order_type;
    base::Quantity quantity{};
    std::optional<base::Price> limit_price;
    bool reduce_only = false;
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
    std::string symbol;
    base::Quantity quantity{};
    base::Money cost{};
    base::Money realised_pnl{};
    base::Money fees_quote{};
    base::Timestamp updated_at{};
};

/// Positions are listed by subscription and symbol; `after` is the last row of the page before.
struct PositionPage {
    std::optional<std::pair<base::Uuid, std::string>> after;
    int limit = 50;
};

struct Receipt {
    model::ReceiptId id{};
    model::CopyId copy{};
    model::SubscriptionId subscription{};
    base::Json body;
    base::Timestamp created_at{};
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
};

}  // namespace obscura::ports
