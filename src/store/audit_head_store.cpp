#include "store/audit_head_store.hpp"

#include <algorithm>

namespace obscura::store {
namespace {

constexpr Statement newest_head{"audit_head_newest", R"(
    SELECT log, sequence, link, at, signature, key FROM audit_heads
     ORDER BY seen_at DESC, sequence DESC LIMIT 1)"};
constexpr Statement keep_head{"audit_head_keep", R"(
    INSERT INTO audit_heads (log, sequence, link, at, signature, key)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING)"};
constexpr Statement all_heads{"audit_head_list", R"(
    SELECT log, sequence, link, at, signature, key FROM audit_heads
     ORDER BY seen_at, log, sequence, link)"};

template <std::size_t N>
std::array<std::uint8_t, N> bytes_of(Row const& row, int column) {
    auto const bytes = row.bytes(column);
    if (bytes.size() != N) throw std::runtime_error("a head's column has another size");
    std::array<std::uint8_t, N> out{};
    std::ranges::copy(bytes, out.begin());
    return out;
}

template <std::size_t N>
std::string_view text_of(std::array<std::uint8_t, N> const& bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

ports::AuditHead audit_head_of(Row const& row) {
    return {.log = row.uuid(0),
            .sequence = row.integer(1),
            .link = bytes_of<32>(row, 2),
            .at = row.timestamp(3),
            .signature = bytes_of<64>(row, 4),
            .key = bytes_of<32>(row, 5)};
}

}  // namespace

net::Task<std::optional<ports::AuditHead>> PgAuditHeads::newest() {
    auto const rows = co_await pool_.query(TenantScope::engine(), newest_head, {});
    if (rows.empty()) co_return std::nullopt;
    co_return audit_head_of(rows[0]);
}

net::Task<void> PgAuditHeads::keep(ports::AuditHead head) {
    auto params = Params()
                      .add(head.log)
                      .add(head.sequence)
                      .add_bytes(text_of(head.link))
                      .add(head.at)
                      .add_bytes(text_of(head.signature))
                      .add_bytes(text_of(head.key));
    (void)co_await pool_.query(TenantScope::engine(), keep_head, std::move(params));
}

net::Task<std::vector<ports::AuditHead>> PgAuditHeads::all() {
    auto const rows = co_await pool_.query(TenantScope::engine(), all_heads, {});
    std::vector<ports::AuditHead> out;
    out.reserve(static_cast<std::size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) out.push_back(audit_head_of(rows[i]));
    co_return out;
}

}  // namespace obscura::store
