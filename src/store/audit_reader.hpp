#pragma once

#include "base/decimal.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"
#include "store/pg.hpp"

#include <string>
#include <vector>

namespace obscura::store {

/// What the record says became of a stretch of signals, for a judge that holds it against a venue's
/// own ledger. Accounts are named by their connection's label.
struct AuditRecord {
    struct Signal {
        model::SignalId id{};
        model::PoolId pool{};
        std::string source_id;
        std::string status;
        [[nodiscard]] bool is_over() const { return status != "queued" && status != "processing"; }
    };
    struct Copy {
        model::CopyId id{};
        model::SignalId signal{};
        model::SubscriptionId subscription{};
        std::string status;
        std::string reason;  ///< "": none
    };
    struct Leg {
        model::CopyId copy{};
        std::string account;
        std::string symbol;
        std::string client_order_id;
        std::string state;
        base::Quantity executed{};
        base::Quantity filled{};  ///< sum of its fills on record
        base::Quantity quantity{};
        int seq = 0;
        bool reduce_only = false;
        bool continues = false;
    };
    /// An active subscription.
    struct Subscription {
        model::SubscriptionId id{};
        model::PoolId pool{};
        std::string account;
    };
    /// What all subscriptions of an account hold of a symbol together.
    struct Position {
        std::string account;
        model::Market market = model::Market::spot;
        std::string symbol;
        base::Quantity quantity{};
    };
    std::vector<Signal> signals;
    std::vector<Copy> copies;
    std::vector<Leg> legs;
    std::vector<Subscription> subscriptions;
    std::vector<Position> positions;
};

/// Who holds the lease, or held it last; "" when nobody ever did.
[[nodiscard]] net::Task<std::string> lease_owner(PgPool& pool, std::string name);
/// The number of the last signal, 0 when there is none.
[[nodiscard]] net::Task<std::int64_t> last_signal(PgPool& pool);
/// The signals numbered above `after`, in their order.
[[nodiscard]] net::Task<std::vector<AuditRecord::Signal>> signals_after(PgPool& pool,
                                                                        std::int64_t after);
/// Everything about the signals numbered above `after`, with what is held now.
[[nodiscard]] net::Task<AuditRecord> read_audit(PgPool& pool, std::int64_t after);

}  // namespace obscura::store
