#pragma once

#include "base/random.hpp"
#include "conductor/account.hpp"
#include "conductor/config.hpp"
#include "conductor/market_book.hpp"
#include "ports/copy_store.hpp"

#include <functional>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

namespace obscura::conductor {

/// Where followers trade: a quote for each environment that is served.
using Quotes = std::map<model::Environment, Quote>;

/// What a planning knows besides the candidates.
struct PlanContext {
    model::Signal const& signal;
    Quotes const& quotes;
    EngineConfig const& config;
    base::Timestamp now;
    base::Random& random;
    /// Of futures accounts; without it nobody was asked.
    std::function<AccountMode(model::ConnectionId)> mode_of = {};
    base::Timestamp begun_at{};  ///< this planning; the signal may be much older
};

/// The venue has not told its instruments or the price yet: nothing is refused for that, a
/// reduction never, an open not within `quote_patience` of its signal or of its planning here.
struct VenueSilent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Accounts that have to be asked for their position mode before an order is made for them.
struct ModesUnknown : std::runtime_error {
    explicit ModesUnknown(std::vector<FuturesAccount> of)
        : std::runtime_error("position modes are not known"), accounts(std::move(of)) {}
    std::vector<FuturesAccount> accounts;
};

/// From a signal and those who have to answer it to copies, armed legs and refusals. Pure but for
/// the ids, which come from `random`. A subscription with an open leg in the symbol waits for it:
/// what it holds is not known yet. Throws VenueSilent and ModesUnknown.
[[nodiscard]] std::vector<ports::PlannedCopy> plan_copies(
    PlanContext const& context, std::vector<ports::PlanCandidate> const& candidates);

}  // namespace obscura::conductor
