#include "engine_world.hpp"

#include "base/metrics.hpp"
#include "simulation/stores.hpp"
#include "store/copy_store.hpp"
#include "store/lease_store.hpp"
#include "store/signal_store.hpp"
#include "store/trade_store.hpp"
#include "support/coroutine.hpp"
#include "support/private_postgres.hpp"

#include <boost/asio/co_spawn.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <stdexcept>

namespace obscura::test {
namespace {

/// What the simulation uses, driven by virtual time.
class SimulatedWorld final : public EngineWorld {
public:
    SimulatedWorld() {
        record_.clock = [this] { return world_.time(); };
        record_.part_size = part_size;
        record_.pools = {{.id = pool, .tenant = tenant}, {.id = second_pool, .tenant = tenant}};
        record_.leaders = {{.trader = trader, .connection = lead, .pools = {pool, second_pool}}};
        node_.set_program([](simulation::Node&) { return std::shared_ptr<void>(); });
        node_.boot();
    }
    ports::LeaseStore& leases() override { return stores_; }
    ports::SignalStore& signals() override { return stores_; }
    ports::CopyStore& copies() override { return stores_; }
    ports::TradeStore& trades() override { return stores_; }
    void run(ports::Task<void> task) override {
        bool done = false;
        std::exception_ptr failure;
        boost::asio::co_spawn(node_.io(), std::move(task), [&](std::exception_ptr e) {
            failure = e;
            done = true;
        });
        (void)world_.run([&] { return done; }, std::chrono::minutes(1));
        if (!done) throw std::logic_error("a call did not end within a minute");
        if (failure) std::rethrow_exception(failure);
    }
    void advance(std::chrono::milliseconds by) override {
        (void)world_.run([] { return false; }, by);
    }
    [[nodiscard]] base::Timestamp now() const override { return world_.time(); }
    void subscribe(model::Subscription const& s) override {
        simulation::Record::Follower follower{.subscription = s};
        follower.credentials.fields = {{"api_key", "nil:v1:k"}};
        follower.credentials.context =
            ports::credential_context(s.tenant, s.user, "binance", s.environment,
                                      ports::ConnectionPurpose::follow, s.connection);
        record_.followers.push_back(std::move(follower));
    }
    void set_status(model::SubscriptionId id, model::SubscriptionStatus status) override {
        for (auto& follower : record_.followers)
            if (follower.subscription.id == id) follower.subscription.status = status;
    }
    std::string position(model::SubscriptionId id, model::Market market,
                         std::string const& symbol) override {
        auto const found = record_.positions().find({id, market, symbol});
        if (found == record_.positions().end()) return "";
        auto const& p = found->second;
        auto text = fmt::format("{} {} {} {}", p.quantity.to_string(), p.target.to_string(),
                                p.cost.to_string(), p.realised.to_string());
        if (market == model::Market::futures)
            text +=
                fmt::format(" {} {} {}", p.entry_quote.to_string(), to_string(p.side), p.leverage);
        return text;
    }
    std::string signal_status(model::SignalId id) override { return record_.signal_of(id)->status; }
    std::string copies_of(model::SignalId id) override {
        std::map<model::SubscriptionId, std::string> told;
        for (auto const& copy : record_.copies())
            if (copy.signal == id)
                told[copy.subscription] =
                    copy.status + (copy.reason.empty() ? "" : " " + copy.reason);
        std::string text;
        for (auto const& [subscription, one] : told) text += (text.empty() ? "" : ", ") + one;
        return text;
    }
    std::string leg(model::LegId id) override {
        auto const& row = record_.legs().at(id);
        return fmt::format("{} {} {}", to_string(row.leg.state), row.leg.attempt,
                           row.executed_quantity.to_string());
    }

private:
    simulation::World world_{1};
    simulation::Faults faults_{world_, {}};
    simulation::Record record_{open_lifetime};
    simulation::Database database_{world_, faults_, record_};
    simulation::Node& node_ = world_.add_node("contract");
    base::SeededRandom random_{5};
    simulation::SimulatedStores stores_{database_, node_, random_};
};

/// As conductor and sentinel have it: obscura_engine.
class PostgresWorld final : public EngineWorld {
public:
    PostgresWorld() {
        sql(
            fmt::format("INSERT INTO tenants (tenant_id, slug, name, kind) VALUES ('{}', 'one', "
                        "'One', 'b2b')",
                        tenant.to_string()));
        sql(
            fmt::format("INSERT INTO users (id, tenant_id, email, password_hash) VALUES ('{}', "
                        "'{}', 'u', 'x')",
                        user.to_string(), tenant.to_string()));
        for (auto const& one : {pool, second_pool})
            sql(
                fmt::format("INSERT INTO pools (id, tenant_id, kind, name, status) VALUES ('{}', "
                            "'{}', 'partner', 'p', 'active')",
                            one.to_string(), tenant.to_string()));
        connect(lead, "lead");
        sql(fmt::format(
            "INSERT INTO traders (id, tenant_id, user_id, connection_id, "
            "display_name) VALUES ('{}', '{}', '{}', '{}', 't')",
            trader.to_string(), tenant.to_string(), user.to_string(), lead.to_string()));
        for (auto const& one : {pool, second_pool})
            sql(
                fmt::format("INSERT INTO pool_traders (pool_id, trader_id, tenant_id) VALUES "
                            "('{}', '{}', '{}')",
                            one.to_string(), trader.to_string(), tenant.to_string()));
    }
    ~PostgresWorld() override {
        database_.close();
        io_.restart();
        io_.run();
    }
    ports::LeaseStore& leases() override { return leases_; }
    ports::SignalStore& signals() override { return signals_; }
    ports::CopyStore& copies() override { return copies_; }
    ports::TradeStore& trades() override { return trades_; }
    void run(ports::Task<void> task) override { test::run(io_, std::move(task)); }
    void advance(std::chrono::milliseconds by) override { clock_.advance(by); }
    [[nodiscard]] base::Timestamp now() const override { return clock_.now(); }
    void subscribe(model::Subscription const& s) override {
        connect(s.connection, "follow");
        auto const or_null = [](std::optional<base::Money> const& m) {
            return m ? m->to_string() : std::string("NULL");
        };
        sql(
            fmt::format("INSERT INTO subscriptions (id, tenant_id, pool_id, user_id, "
                        "connection_id, mode, total_investment_usd, max_loss_usd, "
                        "daily_loss_limit_usd) VALUES ('{}', '{}', '{}', '{}', '{}', "
                        "'fixed_amount', {}, {}, {})",
                        s.id.to_string(), tenant.to_string(), s.pool.to_string(), user.to_string(),
                        s.connection.to_string(), s.total_investment.to_string(),
                        or_null(s.max_loss), or_null(s.daily_loss_limit)));
    }
    void set_status(model::SubscriptionId id, model::SubscriptionStatus status) override {
        using Status = model::SubscriptionStatus;
        auto const* const text = status == Status::active    ? "active"
                                 : status == Status::paused  ? "paused"
                                 : status == Status::closing ? "closing"
                                                             : "closed";
        sql(fmt::format("UPDATE subscriptions SET status = '{}' WHERE id = '{}'", text,
                        id.to_string()));
    }
    std::string position(model::SubscriptionId id, model::Market market,
                         std::string const& symbol) override {
        return sql(fmt::format(
            "SELECT concat_ws(' ', trim_scale(quantity), "
            "trim_scale(target_quantity), trim_scale(cost), "
            "trim_scale(realised_pnl), CASE WHEN market = 'futures' THEN concat_ws(' ', "
            "trim_scale(entry_quote), position_side, leverage) END) "
            "FROM positions WHERE subscription_id = "
            "'{}' AND market = '{}' AND symbol = '{}'",
            id.to_string(), to_string(market), symbol));
    }
    std::string signal_status(model::SignalId id) override {
        return sql("SELECT status FROM signals WHERE id = '" + id.value.to_string() + "'");
    }
    std::string copies_of(model::SignalId id) override {
        return sql(
            "SELECT string_agg(status || coalesce(' ' || reason, ''), ', ' ORDER BY "
            "subscription_id) FROM copies WHERE signal_id = '" +
            id.value.to_string() + "'");
    }
    std::string leg(model::LegId id) override {
        return sql(
            "SELECT concat_ws(' ', state, attempt, trim_scale(executed_quantity)) FROM "
            "copy_legs WHERE id = '" +
            id.to_string() + "'");
    }

private:
    std::string sql(std::string const& text) {
        using Result = std::unique_ptr<PGresult, decltype([](PGresult* r) { PQclear(r); })>;
        Result const result(PQexec(superuser_.get(), text.c_str()));
        auto const status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(text + ": " + PQerrorMessage(superuser_.get()));
        return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
    }
    void connect(model::ConnectionId connection, std::string const& purpose) {
        sql(
            fmt::format("INSERT INTO exchange_connections (id, tenant_id, user_id, venue, "
                        "environment, purpose, label, credentials) VALUES ('{}', '{}', '{}', "
                        "'binance', 'paper', '{}', 'l', '{{\"api_key\": \"nil:v1:k\"}}') "
                        "ON CONFLICT DO NOTHING",
                        connection.to_string(), tenant.to_string(), user.to_string(), purpose));
    }

    boost::asio::io_context io_;
    base::Metrics metrics_;
    base::ManualClock clock_{start};
    base::SeededRandom random_{5};
    PrivatePostgres& server_ = PrivatePostgres::shared();
    std::string name_ = server_.create_database("engine");
    std::unique_ptr<PGconn, decltype([](PGconn* c) { PQfinish(c); })> superuser_{
        PQconnectdb(server_.url(name_).c_str())};
    store::PgPool database_{
        io_.get_executor(), {.url = server_.url(name_, "obscura_engine")}, metrics_};
    store::PgLeaseStore leases_{database_};
    store::PgSignalStore signals_{database_, clock_, random_};
    store::PgCopyStore copies_{database_, clock_, open_lifetime, part_size};
    store::PgTradeStore trades_{database_};
};

}  // namespace

std::unique_ptr<EngineWorld> simulated_engine_world() { return std::make_unique<SimulatedWorld>(); }
std::unique_ptr<EngineWorld> postgres_engine_world() { return std::make_unique<PostgresWorld>(); }

}  // namespace obscura::test
