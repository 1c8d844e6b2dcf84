#pragma once

#include "ports/receipt.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// A row of id, copy, subscription, body, created_at, tenant.
[[nodiscard]] ports::Receipt receipt_of(Row const& row);

/// Signatures of receipts, as obscura_engine.
class PgReceiptSignatures final : public ports::ReceiptSignatures {
public:
    explicit PgReceiptSignatures(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] net::Task<std::vector<ports::Receipt>> unsigned_receipts(
        std::vector<model::ReceiptId> except, std::size_t limit) override;
    [[nodiscard]] net::Task<void> store(std::vector<Signed> receipts) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
