#pragma once

#include "ports/copy_store.hpp"
#include "store/pg.hpp"

#include <vector>

namespace obscura::store {

/// Moves the positions of contracts by the fills that are new, in the order given, as
/// model::after_fill has it. Fills of spot are left alone.
[[nodiscard]] net::Task<void> apply_contract_fills(PgTransaction& tx,
                                                   std::vector<ports::LegRecord> const& records);

}  // namespace obscura::store
