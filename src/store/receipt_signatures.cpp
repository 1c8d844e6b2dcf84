#include "store/receipt_signatures.hpp"

#include "crypto/hex.hpp"
#include "store/column_batch.hpp"
#include "store/columns.hpp"

namespace obscura::store {
namespace {

constexpr Statement next_unsigned{"receipt_unsigned", R"(
    SELECT id, copy_id, subscription_id, body::text, created_at, tenant_id FROM receipts
     WHERE signature IS NULL AND id <> ALL($1::uuid[]) ORDER BY id LIMIT $2)"};
// One that grew by a leg since it was read stays unsigned, and is read again.
constexpr Statement store_signatures{"receipt_sign", R"(
    UPDATE receipts r SET signature = decode(s.signature, 'hex'), key_id = s.key_id
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS s(id, body, key_id, signature)
     WHERE r.id = s.id AND r.body = s.body::jsonb AND coalesce(length(r.signature), 0) = 0)"};

}  // namespace

ports::Receipt receipt_of(Row const& row) {
    return {.id = row.id<model::ReceiptId>(0),
            .tenant = row.id<model::TenantId>(5),
            .copy = row.id<model::CopyId>(1),
            .subscription = row.id<model::SubscriptionId>(2),
            .body = json_column(row, 3),
            .created_at = row.timestamp(4),
            .signature = {}};
}

net::Task<std::vector<ports::Receipt>> PgReceiptSignatures::unsigned_receipts(
    std::vector<model::ReceiptId> except, std::size_t limit) {
    std::vector<std::optional<std::string>> ids;
    for (auto const& id : except) ids.emplace_back(id.value.to_string());
    auto params = Params().add_array(ids).add(static_cast<std::int64_t>(limit));
    auto const rows = co_await pool_.query(TenantScope::engine(), next_unsigned, std::move(params));
    std::vector<ports::Receipt> out;
    for (int i = 0; i < rows.size(); ++i) out.push_back(receipt_of(rows[i]));
    co_return out;
}

net::Task<void> PgReceiptSignatures::store(std::vector<Signed> receipts) {
    if (receipts.empty()) co_return;
    ColumnBatch batch(4);
    for (auto const& [receipt, signature] : receipts)
        batch.add_row(receipt.id, receipt.body.dump(), signature.key_id,
                      crypto::hex_encode(crypto::as_bytes(signature.bytes)));
    (void)co_await pool_.query(TenantScope::engine(), store_signatures, batch.params());
}

}  // namespace obscura::store
