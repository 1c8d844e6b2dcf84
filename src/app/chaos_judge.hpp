#pragma once

#include "app/venue_ledger.hpp"
#include "store/audit_reader.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace obscura::app {

/// What the traders of a fault run did, as they know it.
struct ChaosDeeds {
    /// By label of the account: the pools that follow it.
    std::map<std::string, std::vector<model::PoolId>> leaders;
    std::vector<std::string> followers;  ///< labels
    std::string symbol;                  ///< on spot
    std::string asset;                   ///< its base asset
    std::string contract;                ///< its lots are small: followers hold several
    std::string contracts_leader;        ///< one of `leaders`; out of the market at rest
    model::PoolId partner{};             ///< the tenant's pool
    std::set<std::string> accepted;      ///< external_trade_ids that were answered 202 or 200
    std::set<std::string> sent;          ///< all that were sent
    /// Orders that were cancelled while they filled: what their owner was told they had executed,
    /// by client order id.
    struct Cancelled {
        base::Quantity wanted, executed;
    };
    std::map<std::string, Cancelled> cancelled;
};

struct ChaosFinding {
    enum class Kind {
        lost,        ///< a fill, a signal or a copy is not there
        doubled,     ///< placed more often than meant
        unresolved,  ///< still open when patience was over
        stray,       ///< an order or a signal that nobody asked for
        mismatch,    ///< the record differs from the ledger
        trouble,     ///< the stack did not do what the run needs (a crash, no recovery)
    };
    Kind kind = Kind::trouble;
    std::string detail;
};
[[nodiscard]] std::string_view to_string(ChaosFinding::Kind kind);

struct ChaosVerdict {
    std::int64_t copies = 0;
    std::int64_t orders = 0;                      ///< of followers, in the ledger
    std::int64_t refusals = 0;                    ///< copies refused with a reason
    std::map<std::string, std::int64_t> reasons;  ///< of copies that were not filled
    std::vector<ChaosFinding> findings;
    [[nodiscard]] std::int64_t count(ChaosFinding::Kind kind) const;
};

/// Holds the record against the venue's ledger, of both markets. Pure. Both must cover the same
/// stretch of time; the balances and the positions are those of now.
[[nodiscard]] ChaosVerdict judge_chaos(VenueLedger const& ledger, store::AuditRecord const& record,
                                       ChaosDeeds const& deeds);

/// The venue's trade id in a signal's source id ("t:<connection>:spot:<symbol>:<id>"), else "".
[[nodiscard]] std::string trade_of_source(std::string const& source_id);

}  // namespace obscura::app
