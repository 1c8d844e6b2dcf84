#include "store/audit_reader.hpp"

#include "store/columns.hpp"

namespace obscura::store {
namespace {

constexpr Statement last_sequence{"audit_last_sequence",
                                  "SELECT coalesce(max(sequence), 0) FROM signals"};
constexpr Statement audit_lease{"audit_lease", "SELECT owner FROM leases WHERE name = $1"};
constexpr Statement audit_signals{"audit_signals", R"(
    SELECT id, pool_id, source_id, status FROM signals WHERE sequence > $1 ORDER BY sequence)"};
constexpr Statement audit_copies{"audit_copies", R"(
    SELECT c.id, c.signal_id, c.subscription_id, c.status, c.reason
      FROM copies c JOIN signals s ON s.id = c.signal_id WHERE s.sequence > $1 ORDER BY c.id)"};
constexpr Statement audit_legs{"audit_legs", R"(
    SELECT l.copy_id, ec.label, l.symbol, l.client_order_id, l.state, l.executed_quantity,
           coalesce((SELECT sum(f.quantity) FROM leg_fills f WHERE f.leg_id = l.id AND NOT f.is_foreign), 0),
           l.quantity, l.seq, l.reduce_only, l.continues
      FROM copy_legs l JOIN signals s ON s.id = l.signal_id
      JOIN exchange_connections ec ON ec.id = l.connection_id
     WHERE s.sequence > $1 ORDER BY l.id)"};
constexpr Statement audit_subscriptions{"audit_subscriptions", R"(
    SELECT sub.id, sub.pool_id, ec.label
      FROM subscriptions sub JOIN exchange_connections ec ON ec.id = sub.connection_id
     WHERE sub.status = 'active' ORDER BY sub.id)"};
constexpr Statement audit_positions{"audit_positions", R"(
    SELECT ec.label, p.market, p.symbol, sum(p.quantity)
      FROM positions p JOIN subscriptions sub ON sub.id = p.subscription_id
      JOIN exchange_connections ec ON ec.id = sub.connection_id
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3)"};

std::vector<AuditRecord::Signal> signals_of(PgResult const& rows) {
    std::vector<AuditRecord::Signal> signals;
    for (int i = 0; i < rows.size(); ++i)
        signals.push_back({.id = rows[i].id<model::SignalId>(0),
                           .pool = rows[i].id<model::PoolId>(1),
                           .source_id = rows[i].string(2),
                           .status = rows[i].string(3)});
    return signals;
}

net::Task<void> read_copies(PgTransaction& tx, std::int64_t after, AuditRecord& record) {
    auto since = Params().add(after);
    auto const rows = co_await tx.run(audit_copies, std::move(since));
    for (int i = 0; i < rows.size(); ++i)
        record.copies.push_back({.id = rows[i].id<model::CopyId>(0),
                                 .signal = rows[i].id<model::SignalId>(1),
                                 .subscription = rows[i].id<model::SubscriptionId>(2),
                                 .status = rows[i].string(3),
                                 .reason = text_or_empty(rows[i], 4)});
}

net::Task<void> read_legs(PgTransaction& tx, std::int64_t after, AuditRecord& record) {
    auto since = Params().add(after);
    auto const rows = co_await tx.run(audit_legs, std::move(since));
    for (int i = 0; i < rows.size(); ++i)
        record.legs.push_back({.copy = rows[i].id<model::CopyId>(0),
                               .account = rows[i].string(1),
                               .symbol = rows[i].string(2),
                               .client_order_id = rows[i].string(3),
                               .state = rows[i].string(4),
                               .executed = rows[i].amount<base::Quantity>(5),
                               .filled = rows[i].amount<base::Quantity>(6),
                               .quantity = rows[i].amount<base::Quantity>(7),
                               .seq = static_cast<int>(rows[i].integer(8)),
                               .reduce_only = rows[i].boolean(9),
                               .continues = rows[i].boolean(10)});
}

net::Task<void> read_holders(PgTransaction& tx, AuditRecord& record) {
    auto const subscriptions = co_await tx.run(audit_subscriptions, {});
    for (int i = 0; i < subscriptions.size(); ++i)
        record.subscriptions.push_back({.id = subscriptions[i].id<model::SubscriptionId>(0),
                                        .pool = subscriptions[i].id<model::PoolId>(1),
                                        .account = subscriptions[i].string(2)});
    auto const positions = co_await tx.run(audit_positions, {});
    for (int i = 0; i < positions.size(); ++i)
        record.positions.push_back({.account = positions[i].string(0),
                                    .market = enum_column(positions[i], 1, model::market_names),
                                    .symbol = positions[i].string(2),
                                    .quantity = positions[i].amount<base::Quantity>(3)});
}

net::Task<void> read_all(PgTransaction& tx, std::int64_t after, AuditRecord& record) {
    record = {};
    auto since = Params().add(after);
    auto const signals = co_await tx.run(audit_signals, std::move(since));
    record.signals = signals_of(signals);
    co_await read_copies(tx, after, record);
    co_await read_legs(tx, after, record);
    co_await read_holders(tx, record);
}

}  // namespace

net::Task<std::string> lease_owner(PgPool& pool, std::string name) {
    auto which = Params().add(name);
    auto const rows = co_await pool.query(TenantScope::engine(), audit_lease, std::move(which));
    co_return rows.empty() ? std::string() : std::string(rows[0].text(0));
}

net::Task<std::int64_t> last_signal(PgPool& pool) {
    auto const rows = co_await pool.query(TenantScope::engine(), last_sequence, {});
    co_return rows[0].integer(0);
}

net::Task<std::vector<AuditRecord::Signal>> signals_after(PgPool& pool, std::int64_t after) {
    auto since = Params().add(after);
    auto const rows = co_await pool.query(TenantScope::engine(), audit_signals, std::move(since));
    co_return signals_of(rows);
}

net::Task<AuditRecord> read_audit(PgPool& pool, std::int64_t after) {
    AuditRecord record;
    std::function<net::Task<void>(PgTransaction&)> body = [&](PgTransaction& tx) {
        return read_all(tx, after, record);
    };
    co_await pool.transaction(TenantScope::engine(), std::move(body));
    co_return record;
}

}  // namespace obscura::store
