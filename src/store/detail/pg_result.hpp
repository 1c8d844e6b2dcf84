#pragma once

#include <libpq-fe.h>

namespace obscura::store {

/// Owns one libpq result; what PgResult and Row share.
struct PgResultData {
    explicit PgResultData(PGresult* owned) : result(owned) {}
    ~PgResultData() { PQclear(result); }
    PgResultData(PgResultData const&) = delete;
    PgResultData& operator=(PgResultData const&) = delete;

    PGresult* result;
};

}  // namespace obscura::store
