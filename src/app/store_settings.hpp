#pragma once

#include "base/config.hpp"
#include "store/pg.hpp"
#include "store/redis.hpp"

#include <string>

namespace obscura::app {

/// [database]: PostgreSQL, as `meaning` says it is used, and TLS with it.
void bind_database(base::ConfigTable& table, store::PgConfig& config, std::string meaning);
/// [redis]: the same of Redis.
void bind_redis(base::ConfigTable& table, store::RedisConfig& config, std::string meaning);

}  // namespace obscura::app
