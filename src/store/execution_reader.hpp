#pragma once

#include "ports/execution_reader.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Copies, legs, positions and receipts, read as obscura_app.
class PgExecutionReader final : public ports::ExecutionReader {
public:
    explicit PgExecutionReader(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<std::vector<ports::Execution>> executions(
        ports::RecordScope scope, ports::ExecutionFilter filter, ports::Page page) override;
    [[nodiscard]] ports::Task<std::vector<ports::Position>> positions(
        ports::RecordScope scope, ports::ExecutionFilter filter, bool held_only,
        ports::PositionPage page) override;
    [[nodiscard]] ports::Task<std::optional<ports::Receipt>> receipt(ports::RecordScope scope,
                                                                     model::ReceiptId id) override;
    [[nodiscard]] ports::Task<std::vector<ports::PublicKeyRecord>> receipt_keys() override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
