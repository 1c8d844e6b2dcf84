#pragma once

#include "ports/copy_store.hpp"
#include "store/pg.hpp"

#include <vector>

namespace obscura::store {

/// The same records, in which those with `gone` have the trades that took it as foreign fills. Of
/// legs that are final already nothing is gone any more. Holds the positions until the end of the
/// transaction.
[[nodiscard]] net::Task<std::vector<ports::LegRecord>> with_foreign_fills(
    PgTransaction& tx, std::vector<ports::LegRecord> records, base::Timestamp now);

}  // namespace obscura::store
