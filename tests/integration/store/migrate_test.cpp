#include "database.hpp"

#include "store/migrate.hpp"

#include <boost/asio/detached.hpp>

#include <algorithm>

namespace obscura::store::test {
namespace {

using Names = std::vector<std::string>;

Migration made(int number, std::string const& name, std::string const& sql) {
    return {.number = number, .name = name, .sql = sql, .checksum = "sum of " + sql};
}

class Migrations : public Database {
protected:
    Migrations() {
        name = server.create_empty_database("migrate");
        pool = open(config());
    }
    Names apply(std::vector<Migration> migrations) {
        return run(io, migrate(*pool, std::move(migrations)));
    }
    [[nodiscard]] std::string tables() {
        return server.execute(name,
                              "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class "
                              "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'");
    }
    std::unique_ptr<PgPool> pool;
    std::vector<Migration> two{made(1, "0001_one", "CREATE TABLE one ();"),
                               made(2, "0002_two", "CREATE TABLE two (); SELECT 1;")};
};

TEST_F(Migrations, AreAppliedOnceInOrder) {
    EXPECT_EQ(apply({two[0]}), Names{"0001_one"});
    EXPECT_EQ(apply(two), Names{"0002_two"});
    EXPECT_EQ(apply(two), Names{});
    EXPECT_EQ(tables(), "one schema_migrations two");
    EXPECT_EQ(server.execute(name,
                             "SELECT string_agg(number || ':' || name, ' ' ORDER BY number) "
                             "FROM schema_migrations"),
              "1:0001_one 2:0002_two");
}

TEST_F(Migrations, ThatChangedAfterwardsAreRefused) {
    apply(two);
    auto changed = two;
    changed[0].checksum = "other";
    changed.push_back(made(3, "0003_three", "CREATE TABLE three ();"));
    EXPECT_THROW(apply(changed), std::runtime_error);
    EXPECT_EQ(tables(), "one schema_migrations two");
}

TEST_F(Migrations, OfANewerProgramAreRefused) {
    apply(two);
    EXPECT_THROW(apply({two[0]}), std::runtime_error);
}

TEST_F(Migrations, ThatFailLeaveNothingAndCanBeTriedAgain) {
    auto broken = two;
    broken[1].sql = "CREATE TABLE two (); SELECT nonsense;";
    EXPECT_THROW(apply(broken), PgError);
    EXPECT_EQ(tables(), "one schema_migrations");
    EXPECT_EQ(apply(two), Names{"0002_two"});
}

TEST_F(Migrations, AtTheSameTimeAreAppliedOnce) {
    // Slow enough that the second one waits in the middle of the first.
    two[0].sql += "SELECT pg_sleep(0.1);";
    auto const other = open(config());
    std::array<Names, 2> names;
    std::array<Ending, 2> endings;
    for (int i = 0; i < 2; ++i) {
        auto const apply_all = [](PgPool& on, std::vector<Migration> all,
                                  Names& out) -> net::Task<void> {
            out = co_await migrate(on, std::move(all));
        };
        boost::asio::co_spawn(
            io, observe(apply_all(i == 0 ? *pool : *other, two, names[i]), endings[i]),
            boost::asio::detached);
    }
    run_until([&] { return endings[0].done && endings[1].done; });
    EXPECT_TRUE(endings[0].well()) << endings[0].refused;
    EXPECT_TRUE(endings[1].well()) << endings[1].refused;
    auto all = names[0];
    all.insert(all.end(), names[1].begin(), names[1].end());
    std::ranges::sort(all);
    EXPECT_EQ(all, (Names{"0001_one", "0002_two"}));
}

TEST_F(Migrations, OfTheProductApplyToAnEmptyDatabase) {
    RolePasswords none;
    run(io, ensure_roles(*pool, std::move(none)));
    auto const real = read_migrations(OBSCURA_SOURCE_DIR "/db/migrations");
    ASSERT_FALSE(real.empty());
    EXPECT_EQ(apply(real).size(), real.size());
    EXPECT_EQ(apply(real), Names{});
}

TEST_F(Migrations, RolesGetThePasswordThatIsSetLast) {
    auto const set_password = [this](std::string const& text) {
        run(io, ensure_roles(*pool, {.app = base::Secret(std::string_view(text)), .engine = {}}));
    };
    auto const usual = PrivatePostgres::password_of("obscura_app");
    set_password("quite 'another' \"one\"");
    auto settings = config("obscura_app");
    settings.acquire_timeout = 300ms;
    EXPECT_NE(run(io, open(settings)->ping(300ms)), "");
    set_password(usual);
    EXPECT_EQ(run(io, open(settings)->ping(10s)), "");
    EXPECT_EQ(server.execute(name,
                             "SELECT left(rolpassword, 14) FROM pg_authid "
                             "WHERE rolname = 'obscura_app'"),
              "SCRAM-SHA-256$");
    EXPECT_THROW(set_password("pässword"), std::invalid_argument);
}

}  // namespace
}  // namespace obscura::store::test
