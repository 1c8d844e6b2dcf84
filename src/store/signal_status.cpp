// The documents that tell a tenant how a signal went.
#include "store/signal_store.hpp"

#include "ports/signal_intake.hpp"
#include "store/signal_rows.hpp"

namespace obscura::store {
namespace {

using base::Json;

// Those that are begun first: nobody looks for them later, as for those that are queued.
constexpr Statement unfinished_signals{"signals_unfinished", R"(
    SELECT s.id, s.tenant_id, s.pool_id, s.sequence, s.source, s.source_id, s.leader_ref, s.symbol,
           s.side, s.quantity, s.price, s.order_type, s.venue, s.market, s.environment, s.reduce_only,
           s.priority, s.leader_before, s.leader_after, s.expires_at, s.leader_executed_at,
           s.ingested_at, s.accepted_at, s.position_side, s.leverage, s.margin_mode, s.stop_loss_pct,
           s.take_profit_pct
      FROM signals s WHERE s.status IN ('queued', 'processing')
     ORDER BY s.status = 'queued', s.sequence LIMIT $1)"};

constexpr Statement forgotten_signals{"signals_forgotten", R"(
    SELECT s.id, s.tenant_id, s.pool_id, s.sequence, s.source, s.source_id, s.leader_ref, s.symbol,
           s.side, s.quantity, s.price, s.order_type, s.venue, s.market, s.environment, s.reduce_only,
           s.priority, s.leader_before, s.leader_after, s.expires_at, s.leader_executed_at,
           s.ingested_at, s.accepted_at, s.position_side, s.leverage, s.margin_mode, s.stop_loss_pct,
           s.take_profit_pct
      FROM signals s
     WHERE s.status = 'queued' AND (s.accepted_at < $1 OR s.accepted_at > $2)
     ORDER BY s.sequence LIMIT $3)"};

constexpr Statement signal_document{"signal_document", R"(
    SELECT s.id, s.pool_id, s.status, s.accepted_at, s.priority, s.symbol, s.side, s.quantity, s.source,
           s.source_id, s.planned_at, s.first_accepted_at, s.completed_at,
           count(c.id), count(c.id) FILTER (WHERE c.status = 'filled'),
           count(c.id) FILTER (WHERE c.status = 'refused'),
           count(c.id) FILTER (WHERE c.status = 'rejected'),
           count(c.id) FILTER (WHERE c.status = 'alarmed'),
           count(c.id) FILTER (WHERE c.status IN ('open', 'waiting'))
      FROM signals s LEFT JOIN copies c ON c.signal_id = s.id
     WHERE s.id = $1 AND s.pool_id = $2 AND s.tenant_id = $3 GROUP BY s.id)"};
constexpr Statement signal_latencies{"signal_latencies", R"(
    SELECT avg(ms), percentile_cont(0.5) WITHIN GROUP (ORDER BY ms),
           percentile_cont(0.99) WITHIN GROUP (ORDER BY ms), max(ms)
      FROM (SELECT extract(epoch FROM l.accepted_at - s.accepted_at) * 1000 AS ms
              FROM copy_legs l JOIN signals s ON s.id = l.signal_id
             WHERE l.signal_id = $1 AND l.accepted_at IS NOT NULL) AS legs)"};
constexpr Statement signal_errors{"signal_errors", R"(
    SELECT coalesce(reason, status), status, count(*) FROM copies
     WHERE signal_id = $1 AND status IN ('refused', 'rejected', 'alarmed')
     GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 50)"};
constexpr Statement signal_page{"signal_page", R"(
    SELECT s.id, s.pool_id, s.status, s.accepted_at, s.priority, s.symbol, s.side, s.quantity, s.source,
           s.source_id, s.planned_at, s.first_accepted_at, s.completed_at, s.sequence
      FROM signals s
     WHERE s.pool_id = $1 AND s.tenant_id = $2 AND ($3::bigint = 0 OR s.sequence < $3)
     ORDER BY s.sequence DESC LIMIT $4)"};
// The pools that signals go to: see pool_for_signal.
constexpr Statement pool_of_tenant{"pool_of_tenant", R"(
    SELECT 1 FROM pools p WHERE p.id = $1 AND p.tenant_id = $2 AND p.kind <> 'custom')"};

Json time_or_null(Row const& row, int column) {
    if (row.is_null(column)) return nullptr;
    return base::to_rfc3339(row.timestamp(column));
}

Json milliseconds(base::Decimal value) { return Json::figure(value.to_double_lossy()); }

Json milliseconds_between(Row const& row, int from, int to) {
    if (row.is_null(from) || row.is_null(to)) return nullptr;
    auto const us = (row.timestamp(to) - row.timestamp(from)).count();
    return milliseconds(base::Decimal::from_scaled(us, 3));
}

Json head_of(Row const& row) {
    auto document = Json::object({
        {"signal_id", row.id<model::SignalId>(0).to_string()},
        {"pool_id", row.id<model::PoolId>(1).to_string()},
        {"status", row.string(2)},
        {"queued_at", base::to_rfc3339(row.timestamp(3))},
        {"priority", std::string(to_string(static_cast<model::Priority>(row.integer(4))))},
        {"symbol", row.string(5)},
        {"side", row.string(6)},
        {"quantity", row.decimal(7)},
        {"source", row.string(8)},
        {"external_trade_id", nullptr},
        {"planned_at", time_or_null(row, 10)},
        {"first_accepted_at", time_or_null(row, 11)},
        {"completed_at", time_or_null(row, 12)},
        {"queue_wait_ms", milliseconds_between(row, 3, 10)},
    });
    auto const source = row.text(9);
    if (source.starts_with("x:") && !source.substr(2).starts_with(ports::idempotency_name_prefix))
        document.set("external_trade_id", source.substr(2));
    return document;
}

Json latencies_of(PgResult const& rows) {
    if (rows.empty() || rows[0].is_null(0)) return nullptr;
    // avg() of numeric carries more digits than a Decimal holds: cut them.
    auto cut = [&](int column) {
        auto text = rows[0].text(column);
        if (auto const dot = text.find('.'); dot != std::string_view::npos)
            text = text.substr(0, dot + 7);
        return milliseconds(base::Decimal::parse(text).value_or(base::Decimal{}));
    };
    return Json::object({{"avg", cut(0)}, {"p50", cut(1)}, {"p99", cut(2)}, {"last", cut(3)}});
}

std::vector<model::Signal> signals_of(PgResult const& rows) {
    std::vector<model::Signal> signals;
    for (int i = 0; i < rows.size(); ++i) signals.push_back(signal_from_row(rows[i]));
    return signals;
}

}  // namespace

ports::Task<std::vector<model::Signal>> PgSignalStore::unfinished(std::size_t limit) {
    auto params = Params().add(static_cast<std::int64_t>(limit));
    auto const rows =
        co_await pool_.query(TenantScope::engine(), unfinished_signals, std::move(params));
    co_return signals_of(rows);
}

ports::Task<std::vector<model::Signal>> PgSignalStore::forgotten(base::Timestamp accepted_before,
                                                                 std::size_t limit) {
    auto params =
        Params().add(accepted_before).add(clock_.now()).add(static_cast<std::int64_t>(limit));
    auto const rows =
        co_await pool_.query(TenantScope::engine(), forgotten_signals, std::move(params));
    co_return signals_of(rows);
}

ports::Task<base::Result<Json>> PgSignalStore::status(ports::Caller caller, model::PoolId pool,
                                                      model::SignalId signal) {
    auto find = Params().add(signal).add(pool).add(caller.tenant);
    auto const rows = co_await pool_.query(TenantScope::engine(), signal_document, std::move(find));
    if (rows.empty())
        co_return base::fail(base::Errc::not_found, "signal_not_found", "No such signal.");
    auto const row = rows[0];
    auto document = head_of(row);
    document.set("counts", Json::object({{"copies", row.integer(13)},
                                         {"filled", row.integer(14)},
                                         {"refused", row.integer(15)},
                                         {"rejected", row.integer(16)},
                                         {"alarmed", row.integer(17)},
                                         {"open", row.integer(18)}}));
    auto timing = Params().add(signal);
    document.set("execution_ms", latencies_of(co_await pool_.query(
                                     TenantScope::engine(), signal_latencies, std::move(timing))));
    auto failing = Params().add(signal);
    auto const failed =
        co_await pool_.query(TenantScope::engine(), signal_errors, std::move(failing));
    auto errors = Json::array();
    for (int i = 0; i < failed.size(); ++i)
        errors.push_back(Json::object({{"code", failed[i].string(0)},
                                       {"status", failed[i].string(1)},
                                       {"count", failed[i].integer(2)}}));
    document.set("errors", std::move(errors));
    co_return document;
}

ports::Task<base::Result<Json>> PgSignalStore::list(ports::Caller caller, model::PoolId pool,
                                                    std::string cursor, int limit) {
    auto const before = base::Json(base::Json::Number{cursor.empty() ? "0" : cursor}).to_int64();
    if (!before || *before < 0)
        co_return std::unexpected(
            base::field_error("/cursor", "not_allowed", "Use the next_cursor given."));
    auto params = Params().add(pool).add(caller.tenant).add(*before).add(limit + 1);
    auto const rows = co_await pool_.query(TenantScope::engine(), signal_page, std::move(params));
    if (rows.empty()) {
        auto find = Params().add(pool).add(caller.tenant);
        auto const known =
            co_await pool_.query(TenantScope::engine(), pool_of_tenant, std::move(find));
        if (known.empty())
            co_return base::fail(base::Errc::not_found, "pool_not_found", "No such pool.");
    }
    auto data = Json::array();
    for (int i = 0; i < std::min(rows.size(), limit); ++i) data.push_back(head_of(rows[i]));
    Json next = nullptr;
    if (rows.size() > limit) next = std::to_string(rows[limit - 1].integer(13));
    co_return Json::object({{"data", std::move(data)}, {"next_cursor", std::move(next)}});
}

}  // namespace obscura::store
