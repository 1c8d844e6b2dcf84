#pragma once

#include "base/clock.hpp"
#include "model/ids.hpp"
#include "store/pg.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::store {

/// When one signal reached each stage, and what became of it.
struct SignalStages {
    model::SignalId id{};
    std::string source;
    std::string status;
    std::int64_t copies = 0;
    std::int64_t filled = 0;
    std::int64_t legs = 0;
    std::optional<base::Timestamp> leader_fill, ingested, planned;
    base::Timestamp accepted{};  ///< the signal was committed
    std::optional<base::Timestamp> last_signed, last_sent, first_accepted, last_accepted;
    [[nodiscard]] bool is_over() const { return status != "queued" && status != "processing"; }
};

/// The signals of a pool accepted at or after `since`, oldest first; at most 1,000.
[[nodiscard]] net::Task<std::vector<SignalStages>> stages_since(PgPool& pool, model::PoolId of,
                                                                base::Timestamp since);

/// How many signals of these pools, accepted at or after `since`, have come to their end.
[[nodiscard]] net::Task<std::size_t> ended_since(PgPool& pool, std::vector<model::PoolId> const& of,
                                                 base::Timestamp since);

}  // namespace obscura::store
