#pragma once

#include "paper/engine/state.hpp"

#include <string>

namespace obscura::paper {

enum class ZeroBalances { show, omit };

[[nodiscard]] std::string render_account(Account const& account, Catalogue const& catalogue,
                                         ZeroBalances zeros);
/// GET /sapi/v1/capital/config/getall.
[[nodiscard]] std::string render_coins(Account const& account, Catalogue const& catalogue);
/// GET /sapi/v1/account/apiRestrictions: what the key may do.
[[nodiscard]] std::string render_restrictions(Account const& account);

}  // namespace obscura::paper
