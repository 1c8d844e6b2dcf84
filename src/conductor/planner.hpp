#pragma once

#include "base/random.hpp"
#include "conductor/config.hpp"
#include "conductor/market_book.hpp"
#include "ports/copy_store.hpp"

#include <map>
#include <stdexcept>
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
};

/// The venue has not told its instruments or the price yet: nothing is refused for that, a
/// reduction never, an open not within `quote_patience` of its signal.
struct VenueSilent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// From a signal and those who have to answer it to copies, armed legs and refusals. Pure but for
/// the ids, which come from `random`. A subscription with an open leg in the symbol waits for it:
/// what it holds is not known yet. Throws VenueSilent.
[[nodiscard]] std::vector<ports::PlannedCopy> plan_copies(
    PlanContext const& context, std::vector<ports::PlanCandidate> const& candidates);

}  // namespace obscura::conductor
