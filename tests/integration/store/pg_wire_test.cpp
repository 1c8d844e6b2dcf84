#include "database.hpp"
#include "relay.hpp"

namespace obscura::store::test {
namespace {

constexpr Statement insert_item{"insert_item", "INSERT INTO items (id) VALUES ($1)"};
constexpr Statement count_items{"count_items", "SELECT count(*) FROM items"};

/// The pool's connections go through a relay that counts.
class Wire : public Database {
protected:
    Wire() {
        name = server.create_empty_database("wire");
        server.execute(name, "CREATE TABLE items (id int PRIMARY KEY)");
        auto settings = config();
        auto const at = settings.url.rfind(':') + 1;
        auto const end = settings.url.find('/', at);
        relay.emplace(io, std::stoi(settings.url.substr(at, end - at)));
        settings.url.replace(at, end - at, std::to_string(relay->port()));
        settings.url += "?sslmode=disable";
        settings.connections = 1;
        pool = open(settings);
        query(*pool, count_items);
    }
    int trips_of(std::function<void()> const& action) {
        auto const before = relay->round_trips();
        action();
        return relay->round_trips() - before;
    }
    std::optional<obscura::test::Relay> relay;
    std::unique_ptr<PgPool> pool;
};

TEST_F(Wire, AQueryIsOneRoundTripEvenForATenantAndTheFirstTime) {
    auto const tenant = TenantScope::of(base::Uuid{});
    EXPECT_EQ(trips_of([&] { query(*pool, count_items); }), 1);
    EXPECT_EQ(trips_of([&] { query(*pool, insert_item, Params().add(1), tenant); }), 1);
    EXPECT_EQ(trips_of([&] { query(*pool, insert_item, Params().add(2), tenant); }), 1);
}

TEST_F(Wire, ATransactionIsOneRoundTripMoreThanItsRuns) {
    auto const body = [](PgTransaction& t) -> net::Task<void> {
        for (int i = 0; i < 100; ++i) t.send(insert_item, Params().add(i));
        auto const inside = co_await t.run(count_items, {});
        EXPECT_EQ(inside[0].integer(0), 100);
        for (int i = 100; i < 200; ++i) t.send(insert_item, Params().add(i));
    };
    EXPECT_EQ(trips_of([&] { transact(*pool, body, TenantScope::of(base::Uuid{})); }), 2);
    EXPECT_EQ(query(*pool, count_items)[0].integer(0), 200);
}

TEST_F(Wire, ALostAnswerToACommitIsUnavailableThoughItTookEffect) {
    relay->cut_after([](std::string_view bytes) { return bytes.contains("commit"); });
    Ending ending;
    run(io, observe(pool->transaction(TenantScope::engine(),
                                      [](PgTransaction& t) -> net::Task<void> {
                                          t.send(insert_item, Params().add(1));
                                          co_return;
                                      }),
                    ending));
    EXPECT_FALSE(ending.unavailable.empty());
    relay->cut_after(nullptr);
    EXPECT_EQ(query(*pool, count_items)[0].integer(0), 1);
}

TEST_F(Wire, ACutInTheMiddleOfATransactionLeavesNothing) {
    relay->cut_after([](std::string_view bytes) { return bytes.contains("insert_item"); });
    Ending ending;
    run(io, observe(pool->transaction(TenantScope::engine(),
                                      [](PgTransaction& t) -> net::Task<void> {
                                          auto const r =
                                              co_await t.run(insert_item, Params().add(1));
                                          ADD_FAILURE() << r.affected();
                                      }),
                    ending));
    EXPECT_FALSE(ending.unavailable.empty());
    relay->cut_after(nullptr);
    EXPECT_EQ(query(*pool, count_items)[0].integer(0), 0);
}

}  // namespace
}  // namespace obscura::store::test
