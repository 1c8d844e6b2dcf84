#pragma once

#include "base/secret.hpp"
#include "store/pg.hpp"

#include <string>
#include <vector>

namespace obscura::store {

struct Migration {
    int number = 0;
    std::string name;  ///< "0001_first"
    std::string sql;
    std::string checksum;  ///< SHA-256 hex of the file
};

/// Reads NNNN_name.sql files, in order; throws when numbers repeat or leave a gap.
[[nodiscard]] std::vector<Migration> read_migrations(std::string const& folder);

/// Applies what is missing, each in its own transaction under one advisory lock, and records it in
/// schema_migrations. Forward only: an applied file whose checksum changed stops everything.
/// Returns the names applied now. The role must own the schema.
[[nodiscard]] net::Task<std::vector<std::string>> migrate(PgPool& pool,
                                                          std::vector<Migration> migrations);

/// Of the two roles that services log in with; an empty one leaves the role's as it is.
struct RolePasswords {
    base::Secret app;     ///< obscura_app: gateway, alchemist
    base::Secret engine;  ///< obscura_engine: conductor, sentinel
};

/// Makes the cluster's roles where they are missing, and sets what they may do: obscura_app and
/// obscura_engine log in and are bound by row-level security, obscura_definer owns the look-ups
/// across tenants and cannot log in. Call before `migrate`; the pool's role must be a superuser.
/// std::invalid_argument for a password that is not printable ASCII.
[[nodiscard]] net::Task<void> ensure_roles(PgPool& pool, RolePasswords passwords);

}  // namespace obscura::store
