#pragma once

#include "base/metrics.hpp"
#include "store/copy_store.hpp"
#include "store/lease_store.hpp"
#include "store/signal_store.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/sample_trade.hpp"
#include "support/private_postgres.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::store::test {

using namespace std::chrono_literals;
using model::Side;
using obscura::test::PrivatePostgres;
using obscura::test::run;

inline base::Decimal dec(std::string_view text) { return base::Decimal::parse(text).value(); }
inline base::Quantity qty(std::string_view text) { return base::Quantity{dec(text)}; }
inline base::Price price(std::string_view text) { return base::Price{dec(text)}; }
inline base::Money usd(std::string_view text) { return base::Money{dec(text)}; }

/// A database of its own with one tenant, one user, one pool and its leader; the stores over the
/// engine's role. Rows that others write are written here as superuser.
class CopiesTest : public ::testing::Test {
protected:
    CopiesTest() {
        sql("INSERT INTO tenants (tenant_id, slug, name, kind) VALUES ('" + tenant.to_string() +
            "', 'one', 'One', 'b2b')");
        user = add_user("u");
        pool = add_pool();
        lead = add_connection("lead");
        trader = add_trader(lead, pool);
        epoch = acquire("me").value();
    }
    ~CopiesTest() override {
        database.close();
        io.restart();
        io.run();
    }

    // Rows
    /// As superuser, over one connection; the first value, "" for none.
    std::string sql(std::string const& text) {
        using Result = std::unique_ptr<PGresult, decltype([](PGresult* r) { PQclear(r); })>;
        Result const result(PQexec(superuser.get(), text.c_str()));
        auto const status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(text + ": " + PQerrorMessage(superuser.get()));
        return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
    }
    template <class Id>
    Id make() {
        return Id::make(clock.now() + std::chrono::milliseconds(++made), random);  // in order
    }
    model::UserId add_user(std::string const& mail) {
        auto const id = make<model::UserId>();
        sql("INSERT INTO users (id, tenant_id, email, password_hash) VALUES ('" + id.to_string() +
            "', '" + tenant.to_string() + "', '" + mail + "', 'x')");
        return id;
    }
    model::ConnectionId add_connection(std::string const& purpose,
                                       std::string const& environment = "paper") {
        auto const id = make<model::ConnectionId>();
        sql("INSERT INTO exchange_connections (id, tenant_id, user_id, venue, environment, "
            "purpose, "
            "label, credentials) VALUES ('" +
            id.to_string() + "', '" + tenant.to_string() + "', '" + user.to_string() +
            "', 'binance', '" + environment + "', '" + purpose +
            "', 'l', '{\"api_key\": \"nil:v1:k\", \"secret\": \"nil:v1:s\"}')");
        return id;
    }
    model::PoolId add_pool(std::string const& status = "active") {
        auto const id = make<model::PoolId>();
        sql("INSERT INTO pools (id, tenant_id, kind, name, status) VALUES ('" + id.to_string() +
            "', '" + tenant.to_string() + "', 'partner', 'p', '" + status + "')");
        return id;
    }
    model::TraderId add_trader(model::ConnectionId connection, model::PoolId into) {
        auto const id = make<model::TraderId>();
        sql("INSERT INTO traders (id, tenant_id, user_id, connection_id, display_name) VALUES ('" +
            id.to_string() + "', '" + tenant.to_string() + "', '" + user.to_string() + "', '" +
            connection.to_string() + "', 't')");
        join(into, id);
        return id;
    }
    void join(model::PoolId into, model::TraderId who) {
        sql("INSERT INTO pool_traders (pool_id, trader_id, tenant_id) VALUES ('" +
            into.to_string() + "', '" + who.to_string() + "', '" + tenant.to_string() + "')");
    }
    model::SubscriptionId subscribe(model::PoolId to, std::string const& total = "1000") {
        return subscribe(to, total, add_connection("follow"));
    }
    model::SubscriptionId subscribe(model::PoolId to, std::string const& total,
                                    model::ConnectionId account) {
        auto const id = make<model::SubscriptionId>();
        sql("INSERT INTO subscriptions (id, tenant_id, pool_id, user_id, connection_id, mode, "
            "total_investment_usd) VALUES ('" +
            id.to_string() + "', '" + tenant.to_string() + "', '" + to.to_string() + "', '" +
            user.to_string() + "', '" + account.to_string() + "', 'fixed_amount', " + total + ")");
        return id;
    }
    /// As sentinel leaves it: recorded, and in the outbox.
    void put_in_outbox(model::Trade const& trade) {
        auto const text = to_json(trade).dump();
        sql("INSERT INTO trades (id, tenant_id, connection_id, venue, environment, market, symbol, "
            "venue_trade_id, venue_order_id, side, price, quantity, fee, fee_asset, is_maker, "
            "executed_at, received_at, via, chain_seq, chain_hash, position_side, realised_pnl) "
            "SELECT "
            "(t->>'trade_id')::uuid, "
            "(t->>'tenant_id')::uuid, (t->>'connection_id')::uuid, t->>'venue', "
            "t->>'environment', t->>'market', t->>'symbol', t->>'venue_trade_id', "
            "t->>'venue_order_id', t->>'side', (t->>'price')::numeric, (t->>'quantity')::numeric, "
            "(t->>'fee')::numeric, t->>'fee_asset', (t->>'is_maker')::boolean, timestamptz 'epoch' "
            "+ (t->>'executed_at')::bigint * interval '1 us', timestamptz 'epoch' + "
            "(t->>'received_at')::bigint * interval '1 us', t->>'via', 1, '', "
            "coalesce(t->>'position_side', 'both'), (t->>'realised_pnl')::numeric FROM (SELECT '" +
            text + "'::jsonb) j(t) ON CONFLICT DO NOTHING");
        sql("INSERT INTO outbox (tenant_id, topic, source_id, payload) VALUES ('" +
            trade.tenant.to_string() + "', 'trade', '" + model::venue_identity(trade) + "', '" +
            text + "') ON CONFLICT DO NOTHING");
    }
    model::Trade fill(int id, Side side, std::string_view quantity, std::string_view fee = "0",
                      std::string fee_asset = "USDT") {
        auto trade = obscura::test::sample_trade(id);
        trade.connection = lead;
        trade.tenant = tenant;
        trade.side = side;
        trade.quantity = qty(quantity);
        trade.fee = dec(fee);
        trade.fee_asset = std::move(fee_asset);
        return trade;
    }

    /// Of a perpetual.
    model::Trade contract_fill(int id, Side side, std::string_view quantity,
                               std::string_view won = "0") {
        auto trade = fill(id, side, quantity);
        trade.market = model::Market::futures;
        trade.realised_pnl = usd(won);
        return trade;
    }

    // Calls
    std::optional<ports::Epoch> acquire(std::string owner, std::chrono::milliseconds ttl = 60s) {
        return run(io, leases.acquire("conductor", std::move(owner), ttl));
    }
    ports::SignalStore::Moved move(std::size_t limit = 100) {
        return run(io, signals.move_trades(limit));
    }
    model::Signal signal_of(model::Trade const& trade) {
        put_in_outbox(trade);
        return move().signals.at(0);
    }
    ports::Caller caller(bool is_test_key = true) {
        return {.tenant = tenant, .is_test_key = is_test_key};
    }
    static model::SignalRequest request(std::string const& json) {
        return model::signal_request_from_json(base::parse_json(json).value()).value();
    }
    base::Result<ports::SignalStore::Accepted> accept(model::SignalRequest what, ports::Caller by) {
        // A Result has no value to begin with: `run` wants one that can be kept.
        std::optional<base::Result<ports::SignalStore::Accepted>> answer;
        run(io,
            keep(signals.accept(std::move(by), pool, std::move(what), model::SignalSource::rest),
                 answer));
        return std::move(*answer);
    }

    // Plans
    /// An armed leg for a candidate, as the planner makes one.
    ports::PlannedCopy arm(ports::PlanCandidate const& c, model::Signal const& s,
                           std::string_view quantity) {
        ports::PlannedCopy copy;
        copy.id = c.waiting_copy.value_or(make<model::CopyId>());
        copy.subscription = c.subscription;
        copy.credentials = c.credentials;
        copy.target_after = s.is_reducing() ? base::Quantity{} : qty(quantity);
        model::Leg leg;
        leg.id = make<model::LegId>();
        leg.tenant = c.subscription.tenant;
        leg.copy = copy.id;
        leg.signal = s.id;
        leg.subscription = c.subscription.id;
        leg.connection = c.subscription.connection;
        leg.user = c.subscription.user;
        leg.venue = c.venue;
        leg.environment = c.subscription.environment;
        leg.market = s.market;
        leg.symbol = s.symbol;
        leg.seq = c.legs_before;
        leg.base_asset = "BTC";
        leg.quote_asset = "USDT";
        leg.side = s.side;
        leg.quantity = qty(quantity);
        leg.reduce_only = s.is_reducing();
        leg.client_order_id = model::client_order_id_of(leg.id);
        leg.send_not_after = clock.now() + 5s;
        if (!leg.reduce_only) leg.give_up_at = s.accepted_at + open_lifetime;
        copy.leg = std::move(leg);
        return copy;
    }
    static ports::PlannedCopy refuse(ports::PlannedCopy copy, std::string reason) {
        copy.leg.reset();
        copy.reason = std::move(reason);
        return copy;
    }
    static ports::PlannedCopy wait(ports::PlannedCopy copy) { return refuse(std::move(copy), ""); }
    ports::CopyStore::Plan plan(model::Signal const& s, ports::CopyStore::Planner planner) {
        return run(io, copies.plan(epoch, s, ports::CopyStore::Try::again, std::move(planner)));
    }
    /// Plans with one leg of `quantity` for each candidate that has none under way.
    ports::CopyStore::Plan plan(model::Signal const& s, std::string const& quantity) {
        return plan(s, [&](std::vector<ports::PlanCandidate> const& candidates) {
            std::vector<ports::PlannedCopy> out;
            for (auto const& c : candidates) {
                seen.push_back(c);
                out.push_back(c.has_open_leg ? wait(arm(c, s, quantity)) : arm(c, s, quantity));
            }
            return out;
        });
    }
    std::vector<model::SignalId> record(std::vector<ports::LegRecord> records) {
        std::vector<model::SignalId> released;
        for (auto const& signal : run(io, copies.record(epoch, std::move(records), clock.now())))
            released.push_back(signal.id);
        return released;
    }
    ports::VenueFill venue_fill(std::string_view at, std::string_view quantity,
                                std::string_view fee, std::string asset) {
        return {.venue_trade_id = std::to_string(++trades),
                .price = price(at),
                .quantity = qty(quantity),
                .fee = dec(fee),
                .fee_asset = std::move(asset),
                .executed_at = clock.now()};
    }
    ports::LegRecord ended(model::Leg leg, model::LegState state,
                           std::vector<ports::VenueFill> fills = {}, std::string evidence = "") {
        ports::LegRecord r{.leg = std::move(leg), .fills = std::move(fills)};
        r.leg.state = state;
        r.evidence = std::move(evidence);
        for (auto const& f : r.fills) {
            r.venue_order_id = "4711";
            r.executed_quantity += f.quantity;
            r.executed_quote += notional(f.price, f.quantity, base::Rounding::half_even);
            r.signed_at = r.sent_at = clock.now() - 10ms;
            r.accepted_at = clock.now();
        }
        return r;
    }
    /// "quantity target cost pnl" of the only position, or of one subscription.
    std::string position(std::optional<model::SubscriptionId> of = std::nullopt) {
        return sql(
            "SELECT concat_ws(' ', trim_scale(quantity), trim_scale(target_quantity), "
            "trim_scale(cost), trim_scale(realised_pnl)) FROM positions" +
            (of ? " WHERE subscription_id = '" + of->to_string() + "'" : std::string()));
    }
    std::string copies_told() {
        return sql(
            "SELECT string_agg(status || coalesce(' ' || reason, ''), ', ' "
            "ORDER BY subscription_id) FROM copies");
    }
    std::string status_of(model::Signal const& s) {
        return sql("SELECT status FROM signals WHERE id = '" + s.id.value.to_string() + "'");
    }

    template <class T>
    static net::Task<void> keep(net::Task<T> task, std::optional<T>& out) {
        out = co_await std::move(task);
    }

    static constexpr std::chrono::milliseconds open_lifetime = 60s;
    boost::asio::io_context io;
    base::Metrics metrics;
    base::ManualClock clock{base::from_unix_us(1'795'386'000'123'456)};
    base::SeededRandom random{17};
    PrivatePostgres& server = PrivatePostgres::shared();
    std::string name = server.create_database("copies");
    std::unique_ptr<PGconn, decltype([](PGconn* c) { PQfinish(c); })> superuser{
        PQconnectdb(server.url(name).c_str())};
    PgPool database{io.get_executor(), {.url = server.url(name, "obscura_engine")}, metrics};
    PgLeaseStore leases{database};
    PgSignalStore signals{database, clock, random};
    PgCopyStore copies{database, clock, open_lifetime};
    model::TenantId tenant = make<model::TenantId>();
    model::UserId user;
    model::PoolId pool;
    model::ConnectionId lead;
    model::TraderId trader;
    ports::Epoch epoch = 0;
    std::vector<ports::PlanCandidate> seen;  ///< by the planner
    int trades = 0;
    int made = 0;
};

}  // namespace obscura::store::test
