#include "copies_fixture.hpp"

#include "support/run_until.hpp"

namespace obscura::store::test {
namespace {

using AcceptTest = CopiesTest;
constexpr auto body = R"({"symbol":"BTCUSDT","side":"buy","quantity":"0.5",
                          "external_trade_id":"T-1","metadata":{"b":1,"a":"é"}})";

TEST_F(AcceptTest, CommitsASignal) {
    (void)subscribe(pool);
    auto const accepted = accept(request(body), caller());
    ASSERT_TRUE(accepted) << accepted.error().detail;
    auto const& answer = accepted->answer;
    EXPECT_FALSE(answer.was_known);
    EXPECT_EQ(answer.pool, pool);
    EXPECT_EQ(answer.queued_at, clock.now());
    EXPECT_EQ(answer.estimated_subscribers, 1);
    EXPECT_EQ(answer.external_trade_id, "T-1");
    auto const read = run(io, signals.unfinished(10)).at(0);
    EXPECT_EQ(read.id, answer.id);
    EXPECT_EQ(read.sequence, accepted->signal.sequence);
    EXPECT_EQ(read.source, model::SignalSource::rest);
    EXPECT_EQ(read.source_id, "x:T-1");
    EXPECT_EQ(read.leader_ref, "xp:");
    EXPECT_EQ(read.environment, model::Environment::paper);
    EXPECT_EQ(read.leader_after.to_string(), "0.5");
    EXPECT_EQ(sql("SELECT body->'metadata'->>'a' FROM signals"), "é");
}

TEST_F(AcceptTest, EveryFieldTravels) {
    auto const accepted =
        accept(request(R"({"symbol":"BTCUSDT","side":"sell","quantity":"0.000000000001",
                    "order_type":"limit","price":"0.000000000002","reduce_only":true,
                    "priority":"low","expires_at":"2030-01-01T00:00:00.001Z",
                    "external_trader_ref":"anna"})"),
               caller(false));
    ASSERT_TRUE(accepted);
    auto const read = run(io, signals.unfinished(10)).at(0);
    EXPECT_EQ(read.quantity.to_string(), "0.000000000001");
    EXPECT_EQ(read.price->to_string(), "0.000000000002");
    EXPECT_EQ(read.order_type, model::OrderType::limit);
    EXPECT_TRUE(read.reduce_only);
    EXPECT_EQ(read.priority, model::Priority::low);
    EXPECT_EQ(base::to_rfc3339(*read.expires_at), "2030-01-01T00:00:00.001Z");
    EXPECT_EQ(read.environment, model::Environment::live);
    EXPECT_EQ(read.leader_ref, "x:anna");
    EXPECT_EQ(read.source_id, "r:" + read.id.value.to_hex());
}

TEST_F(AcceptTest, AnAgeBecomesAMoment) {
    auto const accepted = accept(
        request(R"({"symbol":"BTCUSDT","side":"buy","quantity":"1","max_age_ms":1500})"), caller());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->signal.expires_at, clock.now() + 1500ms);
}

TEST_F(AcceptTest, TheSameAgainIsTheSameSignal) {
    auto const first = accept(request(body), caller());
    clock.advance(1s);
    auto const reordered = R"({"external_trade_id":"T-1","metadata":{"a":"é","b":1},
                               "quantity":"0.5","side":"buy","symbol":"BTCUSDT"})";
    auto const again = accept(request(reordered), caller());
    ASSERT_TRUE(first && again);
    EXPECT_TRUE(again->answer.was_known);
    EXPECT_EQ(again->answer.id, first->answer.id);
    EXPECT_EQ(again->answer.queued_at, first->answer.queued_at);
    EXPECT_EQ(again->answer.priority, first->answer.priority);
    EXPECT_EQ(sql("SELECT count(*) FROM signals"), "1");
    EXPECT_EQ(sql("SELECT trim_scale(quantity) FROM leader_positions"), "0.5");

    // Even when the pool takes nothing new any more.
    sql("UPDATE pools SET status = 'paused'");
    EXPECT_TRUE(accept(request(body), caller())->answer.was_known);
}

TEST_F(AcceptTest, AnotherBodyIsAConflict) {
    (void)accept(request(body), caller());
    auto const other = accept(request(R"({"symbol":"BTCUSDT","side":"buy","quantity":"0.6",
                                          "external_trade_id":"T-1"})"),
                              caller());
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, base::Errc::conflict);
    EXPECT_EQ(other.error().reason, "external_trade_id_reused");
}

TEST_F(AcceptTest, WithoutAnIdEachIsNew) {
    auto const plain = R"({"symbol":"BTCUSDT","side":"buy","quantity":"1"})";
    auto const first = accept(request(plain), caller());
    auto const second = accept(request(plain), caller());
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->answer.id, second->answer.id);
    EXPECT_EQ(second->signal.leader_before.to_string(), "1");
    EXPECT_EQ(second->signal.leader_after.to_string(), "2");
}

TEST_F(AcceptTest, OnlyTheOwnActivePool) {
    auto stranger = caller();
    stranger.tenant = make<model::TenantId>();
    EXPECT_EQ(accept(request(body), stranger).error().reason, "pool_not_found");
    pool = make<model::PoolId>();
    EXPECT_EQ(accept(request(body), caller()).error().code, base::Errc::not_found);
    pool = add_pool("draft");
    EXPECT_EQ(accept(request(body), caller()).error().reason, "pool_not_active");
    EXPECT_EQ(sql("SELECT count(*) FROM signals"), "0");
}

TEST_F(AcceptTest, ManyAtOnceMakeOneSignal) {
    using Answer = std::optional<base::Result<ports::SignalStore::Accepted>>;
    std::vector<Answer> answers(12);
    std::size_t ended = 0;
    auto one = [&](Answer& out) -> net::Task<void> {
        auto who = caller();
        auto what = request(body);
        out = co_await signals.accept(std::move(who), pool, std::move(what),
                                      model::SignalSource::rest);
        ++ended;
    };
    for (auto& answer : answers) boost::asio::co_spawn(io, one(answer), boost::asio::detached);
    obscura::test::run_until(io, [&] { return ended == answers.size(); });
    int fresh = 0;
    for (auto const& answer : answers) {
        ASSERT_TRUE(*answer);
        fresh += (*answer)->answer.was_known ? 0 : 1;
        EXPECT_EQ((*answer)->answer.id, (*answers[0])->answer.id);
    }
    EXPECT_EQ(fresh, 1);
    EXPECT_EQ(sql("SELECT count(*) FROM signals"), "1");
}

// Sequences rise in the order of the commits, and positions follow one another.
TEST_F(AcceptTest, OnePoolIsNumberedOneAfterTheOther) {
    std::size_t ended = 0;
    std::vector<ports::SignalStore::Accepted> accepted;
    auto one = [&]() -> net::Task<void> {
        auto who = caller();
        auto what = request(R"({"symbol":"BTCUSDT","side":"buy","quantity":"1"})");
        auto answer = co_await signals.accept(std::move(who), pool, std::move(what),
                                              model::SignalSource::rest);
        if (answer) accepted.push_back(std::move(*answer));
        ++ended;
    };
    for (int i = 0; i < 12; ++i) boost::asio::co_spawn(io, one(), boost::asio::detached);
    obscura::test::run_until(io, [&] { return ended == 12; });
    ASSERT_EQ(accepted.size(), 12U);
    std::ranges::sort(accepted, {}, [](auto const& a) { return a.signal.sequence; });
    for (std::size_t i = 0; i < accepted.size(); ++i)
        EXPECT_EQ(accepted[i].signal.leader_before, base::Quantity(static_cast<std::int64_t>(i)));
}

TEST_F(AcceptTest, StatusAndListTellTheTenantAlone) {
    auto const accepted = accept(request(body), caller());
    ASSERT_TRUE(accepted);
    auto const id = accepted->answer.id;
    std::optional<base::Result<base::Json>> document;
    run(io, keep(signals.status(caller(), pool, id), document));
    ASSERT_TRUE(*document);
    EXPECT_EQ((**document)["signal_id"].as_string(), id.to_string());
    EXPECT_EQ((**document)["status"].as_string(), "queued");
    EXPECT_EQ((**document)["external_trade_id"].as_string(), "T-1");
    EXPECT_EQ((**document)["quantity"].as_string(), "0.5");
    EXPECT_EQ((**document)["counts"]["copies"].digits(), "0");

    auto stranger = caller();
    stranger.tenant = make<model::TenantId>();
    run(io, keep(signals.status(stranger, pool, id), document));
    EXPECT_EQ(document->error().reason, "signal_not_found");

    auto const unnamed = accept(request(R"({"symbol":"BTCUSDT","side":"buy","quantity":"1",)"
                                        R"("external_trade_id":"idempotency-key:7"})"),
                                caller());
    run(io, keep(signals.status(caller(), pool, unnamed->answer.id), document));
    EXPECT_TRUE((**document)["external_trade_id"].is_null()) << "ours, not theirs";

    for (int i = 0; i < 3; ++i)
        (void)accept(request(R"({"symbol":"BTCUSDT","side":"buy","quantity":"1"})"), caller());
    run(io, keep(signals.list(caller(), pool, "", 3), document));
    EXPECT_EQ((**document)["data"].as_array().size(), 3U);
    auto const cursor = (**document)["next_cursor"].as_string();
    run(io, keep(signals.list(caller(), pool, cursor, 3), document));
    ASSERT_EQ((**document)["data"].as_array().size(), 2U);
    EXPECT_EQ((**document)["data"].as_array()[1]["signal_id"].as_string(), id.to_string());
    EXPECT_TRUE((**document)["next_cursor"].is_null());
    run(io, keep(signals.list(caller(), pool, "x", 3), document));
    EXPECT_EQ(document->error().fields.at(0).pointer, "/cursor");
    run(io, keep(signals.list(stranger, pool, "", 3), document));
    EXPECT_EQ(document->error().reason, "pool_not_found");
}

}  // namespace
}  // namespace obscura::store::test
