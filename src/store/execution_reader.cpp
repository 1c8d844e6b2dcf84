#include "store/execution_reader.hpp"

#include "store/columns.hpp"
#include "store/receipt_signatures.hpp"

#include <unordered_map>

namespace obscura::store {
namespace {

constexpr Statement list_copies{"execution_list", R"(
    SELECT c.id, c.signal_id, s.pool_id, c.subscription_id, c.status, c.reason, c.limit_bound,
           r.id, c.created_at, c.ended_at
      FROM copies c JOIN subscriptions s ON s.id = c.subscription_id
      LEFT JOIN receipts r ON r.copy_id = c.id
     WHERE ($1::uuid IS NULL OR s.user_id = $1) AND ($2::uuid IS NULL OR s.pool_id = $2)
       AND ($3::uuid IS NULL OR c.subscription_id = $3) AND ($4::uuid IS NULL OR c.signal_id = $4)
       AND ($5::uuid IS NULL OR c.id < $5)
     ORDER BY c.id DESC LIMIT $6)"};
constexpr Statement legs_of_copies{"execution_legs", R"(
    SELECT copy_id, id, client_order_id, symbol, side, order_type, quantity, limit_price,
           reduce_only, state, venue_order_id, executed_quantity, executed_quote, evidence, sent_at,
           accepted_at, ended_at, market, position_side, leverage
      FROM copy_legs WHERE copy_id = ANY($1::uuid[]) ORDER BY copy_id, seq)"};
constexpr Statement list_positions{"position_list", R"(
    SELECT p.subscription_id, s.pool_id, p.symbol, p.quantity, p.cost, p.realised_pnl, p.fees_quote,
           p.updated_at, p.market, p.position_side, p.leverage, p.entry_quote
      FROM positions p JOIN subscriptions s ON s.id = p.subscription_id
     WHERE ($1::uuid IS NULL OR s.user_id = $1) AND ($2::uuid IS NULL OR s.pool_id = $2)
       AND ($3::uuid IS NULL OR p.subscription_id = $3) AND (NOT $4::boolean OR p.quantity <> 0)
       AND ($5::uuid IS NULL OR (p.subscription_id, p.market, p.symbol) > ($5, $6::text, $7::text))
     ORDER BY p.subscription_id, p.market, p.symbol LIMIT $8)"};
constexpr Statement receipt_by_id{"receipt_by_id", R"(
    SELECT r.id, r.copy_id, r.subscription_id, r.body::text, r.created_at, r.tenant_id, r.key_id,
           r.signature
      FROM receipts r JOIN subscriptions s ON s.id = r.subscription_id
     WHERE r.id = $1 AND ($2::uuid IS NULL OR s.user_id = $2))"};

// obscura_app may read the public part of the table, and no more.
constexpr Statement list_receipt_keys{"receipt_keys", R"(
    SELECT key_id, public_key, created_at, retired_at FROM held_keys
     WHERE purpose = 'receipt' ORDER BY created_at DESC, key_id LIMIT 1000)"};

ports::Execution execution_of(Row const& row) {
    return {.id = row.id<model::CopyId>(0),
            .signal = row.id<model::SignalId>(1),
            .pool = row.id<model::PoolId>(2),
            .subscription = row.id<model::SubscriptionId>(3),
            .status = row.string(4),
            .reason = text_or_empty(row, 5),
            .limit_bound = text_or_empty(row, 6),
            .receipt = optional_id<model::ReceiptId>(row, 7),
            .created_at = row.timestamp(8),
            .ended_at = optional_time(row, 9),
            .legs = {}};
}

ports::ExecutionLeg leg_of(Row const& row) {
    return {.id = row.id<model::LegId>(1),
            .client_order_id = row.string(2),
            .market = row.string(17),
            .symbol = row.string(3),
            .side = row.string(4),
            .order_type = row.string(5),
            .quantity = row.amount<base::Quantity>(6),
            .limit_price = optional_amount<base::Price>(row, 7),
            .reduce_only = row.boolean(8),
            .position_side = row.string(18),
            .leverage = static_cast<int>(row.integer(19)),
            .state = row.string(9),
            .venue_order_id = text_or_empty(row, 10),
            .executed_quantity = row.amount<base::Quantity>(11),
            .executed_quote = row.amount<base::Money>(12),
            .evidence = text_or_empty(row, 13),
            .sent_at = optional_time(row, 14),
            .accepted_at = optional_time(row, 15),
            .ended_at = optional_time(row, 16)};
}

ports::Position position_of(Row const& row) {
    return {.subscription = row.id<model::SubscriptionId>(0),
            .pool = row.id<model::PoolId>(1),
            .market = row.string(8),
            .symbol = row.string(2),
            .quantity = row.amount<base::Quantity>(3),
            .cost = row.amount<base::Money>(4),
            .position_side = row.string(9),
            .leverage = static_cast<int>(row.integer(10)),
            .entry_quote = row.amount<base::Money>(11),
            .realised_pnl = row.amount<base::Money>(5),
            .fees_quote = row.amount<base::Money>(6),
            .updated_at = row.timestamp(7)};
}

}  // namespace

ports::Task<std::vector<ports::Execution>> PgExecutionReader::executions(
    ports::RecordScope scope, ports::ExecutionFilter filter, ports::Page page) {
    std::vector<ports::Execution> found;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto params = Params()
                          .add(scope.user)
                          .add(filter.pool)
                          .add(filter.subscription)
                          .add(filter.signal)
                          .add(page.before)
                          .add(page.limit);
        auto const copies = co_await tx.run(list_copies, std::move(params));
        std::unordered_map<model::CopyId, std::size_t> places;
        std::vector<std::optional<std::string>> ids;
        for (int i = 0; i < copies.size(); ++i) {
            found.push_back(execution_of(copies[i]));
            places[found.back().id] = found.size() - 1;
            ids.emplace_back(found.back().id.value.to_string());
        }
        auto which = Params().add_array(ids);
        auto const legs = co_await tx.run(legs_of_copies, std::move(which));
        for (int i = 0; i < legs.size(); ++i) {
            auto const place = places.at(legs[i].id<model::CopyId>(0));
            found[place].legs.push_back(leg_of(legs[i]));
        }
    };
    co_await pool_.transaction(TenantScope::of(scope.tenant), body);
    co_return found;
}

ports::Task<std::vector<ports::Position>> PgExecutionReader::positions(
    ports::RecordScope scope, ports::ExecutionFilter filter, bool held_only,
    ports::PositionPage page) {
    auto params = Params().add(scope.user).add(filter.pool).add(filter.subscription).add(held_only);
    if (page.after)
        params.add(page.after->subscription).add(page.after->market).add(page.after->symbol);
    else
        params.add_null().add_null().add_null();
    params.add(page.limit);
    auto const rows =
        co_await pool_.query(TenantScope::of(scope.tenant), list_positions, std::move(params));
    std::vector<ports::Position> positions;
    for (int i = 0; i < rows.size(); ++i) positions.push_back(position_of(rows[i]));
    co_return positions;
}

ports::Task<std::optional<ports::Receipt>> PgExecutionReader::receipt(ports::RecordScope scope,
                                                                      model::ReceiptId id) {
    auto params = Params().add(id).add(scope.user);
    auto const rows =
        co_await pool_.query(TenantScope::of(scope.tenant), receipt_by_id, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    auto found = receipt_of(rows[0]);
    if (!rows[0].is_null(6))
        found.signature = {.key_id = rows[0].string(6), .bytes = rows[0].bytes(7)};
    co_return found;
}

ports::Task<std::vector<ports::PublicKeyRecord>> PgExecutionReader::receipt_keys() {
    auto const rows = co_await pool_.query(TenantScope::engine(), list_receipt_keys, {});
    std::vector<ports::PublicKeyRecord> out;
    for (int i = 0; i < rows.size(); ++i)
        out.push_back({.id = rows[i].string(0),
                       .public_key = rows[i].string(1),
                       .created_at = rows[i].timestamp(2),
                       .retired_at = optional_time(rows[i], 3)});
    co_return out;
}

}  // namespace obscura::store
