#pragma once

#include "ports/lead_directory.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Accounts to follow, as obscura_engine.
class PgLeadDirectory final : public ports::LeadDirectory {
public:
    explicit PgLeadDirectory(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<std::vector<ports::LeaderAccount>> active_leads() override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
