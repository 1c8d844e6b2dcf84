#pragma once

#include "ports/copy_store.hpp"
#include "store/pg.hpp"

#include <chrono>
#include <string_view>

namespace obscura::store {

/// Reads the columns that `plan_unsent_legs` and `legs_unresolved` select, in their order.
[[nodiscard]] ports::ArmedLeg armed_leg_from_row(Row const& row,
                                                 std::chrono::milliseconds open_lifetime);

/// `credentials` as stored: an object of field -> ciphertext.
[[nodiscard]] ports::SealedCredentials credentials_from_json(std::string_view json);

}  // namespace obscura::store
