#pragma once

#include "ports/audit_heads.hpp"
#include "store/pg.hpp"

#include <vector>

namespace obscura::store {

/// Heads of citadel's audit log, as obscura_engine, which may add rows and no more.
class PgAuditHeads final : public ports::AuditHeads {
public:
    explicit PgAuditHeads(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] net::Task<std::optional<ports::AuditHead>> newest() override;
    [[nodiscard]] net::Task<void> keep(ports::AuditHead head) override;
    /// All of them, in the order in which they were seen.
    [[nodiscard]] net::Task<std::vector<ports::AuditHead>> all();

private:
    PgPool& pool_;
};

}  // namespace obscura::store
