#pragma once

#include "store/pg.hpp"

#include <string>
#include <vector>

namespace obscura::store {

struct Migration {
    int number = 0;
    std::string name;      ///< "0001_first"
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

}  // namespace obscura::store
