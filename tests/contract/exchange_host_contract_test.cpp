// ExchangeHost: what citadel may rely on, and what it checks all the same (citadel/hosted_request).
#include "citadel/hosted_request.hpp"
#include "contract/exchange_host_world.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <set>

namespace obscura::test {
namespace {

using namespace std::chrono_literals;
using ports::HostTask;
using ports::SignedRequest;
using Answer = base::Result<SignedRequest>;

class ExchangeHostContract : public ::testing::TestWithParam<NamedHostWorld> {
protected:
    boost::asio::io_context io;
    std::unique_ptr<ExchangeHostWorld> world = GetParam().make();

    [[nodiscard]] model::PlaceOrder order() const {
        return {.symbol = world->symbol(),
                .side = model::Side::buy,
                .type = model::OrderType::limit,
                .quantity = base::Quantity(2),
                .limit_price = base::Price(50'000),
                .client_order_id = world->order_id()};
    }
    [[nodiscard]] std::vector<model::VenueOperation> all_operations() const {
        auto const symbol = world->symbol();
        auto const id = world->order_id();
        return {order(),
                model::QueryOrder{symbol, id},
                model::CancelOrder{symbol, id},
                model::ReadAccount{},
                model::ListTrades{.symbol = symbol},
                model::SetLeverage{.symbol = symbol},
                model::SetMarginMode{.symbol = symbol},
                model::ReadPositions{},
                model::ReadPositionMode{},
                model::StreamLogin{.request_id = "1"},
                model::ListenKey{},
                model::ReadKeyRights{},
                model::PlaceTriggerOrder{.symbol = symbol, .client_order_id = id},
                model::QueryTriggerOrder{symbol, id},
                model::CancelTriggerOrder{symbol, id}};
    }
    [[nodiscard]] Answer sign(HostTask task, std::chrono::milliseconds within = 2s) {
        return run(io, world->host().sign(std::move(task), within));
    }
    [[nodiscard]] std::string refusal(HostTask task) {
        auto const answer = sign(std::move(task));
        return answer ? "" : answer.error().reason;
    }
    /// What citadel would make of it.
    [[nodiscard]] static base::Result<void> check(SignedRequest const& request,
                                                  HostTask const& task) {
        return citadel::check_hosted_request(request, {.origin = task.origin,
                                                       .operation = task.operation,
                                                       .credentials = task.credentials,
                                                       .venue_now = task.venue_now,
                                                       .not_after = task.not_after});
    }
};

TEST_P(ExchangeHostContract, MakesWhatItIsAskedFor) {
    auto const operations = all_operations();
    ASSERT_EQ(operations.size(), std::variant_size_v<model::VenueOperation>);
    for (std::size_t i = 0; i < operations.size(); ++i) {
        auto const shown = to_json(operations[i]).dump();
        auto const answer = sign(world->task(operations[i]));
        if (!ports::may_ask_host(operations[i])) {
            ASSERT_FALSE(answer) << shown;
            EXPECT_EQ(answer.error().reason, "not_supported") << shown;
        } else if (answer) {
            auto const good = check(*answer, world->task(operations[i]));
            EXPECT_TRUE(good) << shown << (good ? "" : good.error().reason);
        } else {
            EXPECT_EQ(answer.error().reason, "not_supported") << shown;
            EXPECT_GE(i, 4U) << "without orders and balances there is no copying: " << shown;
        }
    }
}

TEST_P(ExchangeHostContract, ServesItsVenuesAndNoOther) {
    auto task = world->task(order());
    EXPECT_TRUE(world->host().serves(task.venue));
    EXPECT_FALSE(world->host().serves("nowhere"));
    EXPECT_FALSE(world->host().serves(""));
    task.venue = "nowhere";
    EXPECT_EQ(refusal(std::move(task)), "not_supported");
}

TEST_P(ExchangeHostContract, GoesWhereItIsTold) {
    auto task = world->task(order());
    task.origin = "https://another.test:8443";
    auto const answer = sign(std::move(task));
    ASSERT_TRUE(answer) << answer.error().reason;
    EXPECT_TRUE(answer->url.starts_with("https://another.test:8443/")) << answer->url;
}

TEST_P(ExchangeHostContract, NoRequestOutlivesWhatWasAskedFor) {
    for (auto const lives : {1'000ms, 5'000ms, 60'000ms}) {
        auto task = world->task(order());
        task.not_after = task.venue_now + lives;
        auto const answer = sign(std::move(task));
        ASSERT_TRUE(answer);
        auto const again = world->task(order());
        EXPECT_LE(answer->expires_at, again.venue_now + lives);
        EXPECT_GT(answer->expires_at, again.venue_now);
    }
    auto task = world->task(order());
    task.not_after = task.venue_now;
    EXPECT_EQ(refusal(std::move(task)), "not_after_passed");
}

TEST_P(ExchangeHostContract, ACredentialThatLacksAFieldIsRefusedWithoutAWordOfIt) {
    auto const whole = world->task(order());
    for (auto const& [name, value] : whole.credentials) {
        auto task = world->task(order());
        task.credentials.erase(name);
        auto const answer = sign(std::move(task));
        ASSERT_FALSE(answer) << name;
        EXPECT_EQ(answer.error().reason, "invalid_credentials") << name;
        auto const told = answer.error().detail + answer.error().internal;
        for (auto const& [other, secret] : whole.credentials)
            EXPECT_EQ(told.find(secret.reveal()), std::string::npos) << other;
    }
}

net::Task<void> collect(ports::ExchangeHost& host, HostTask task, std::vector<Answer>& into) {
    auto answer = co_await host.sign(std::move(task), 2s);
    into.push_back(std::move(answer));
}

TEST_P(ExchangeHostContract, TasksAtOnceKeepTheirCredentialsApart) {
    auto const alone = [&](std::string_view account) {
        return sign(world->task(order(), account)).value_or(SignedRequest{});
    };
    auto const text = [](SignedRequest const& request) {
        auto out = request.url + request.body;
        for (auto const& [name, value] : request.headers) out += value;
        return out;
    };
    std::set<std::string> const expected{text(alone("one")), text(alone("another"))};
    ASSERT_EQ(expected.size(), 2U) << "whose it is shows";
    std::vector<Answer> answers;
    for (auto const* account : {"one", "another", "one", "another"})
        boost::asio::co_spawn(io, collect(world->host(), world->task(order(), account), answers),
                              boost::asio::detached);
    io.restart();
    io.run();
    std::multiset<std::string> seen;
    for (auto const& answer : answers) seen.insert(text(answer.value_or(SignedRequest{})));
    for (auto const& one : expected) EXPECT_EQ(seen.count(one), 2U);
}

TEST_P(ExchangeHostContract, TooManyAtOnceAreToldSo) {
    std::vector<Answer> answers;
    constexpr auto many = ports::ExchangeHost::max_under_way + 8;
    for (std::size_t i = 0; i < many; ++i)
        boost::asio::co_spawn(io, collect(world->host(), world->task(order()), answers),
                              boost::asio::detached);
    io.restart();
    io.run();
    ASSERT_EQ(answers.size(), many) << "each has an answer";
    std::size_t good = 0;
    for (auto const& answer : answers) {
        if (answer)
            ++good;
        else
            EXPECT_EQ(answer.error().reason, "exchange_host_busy");
    }
    EXPECT_GE(good, ports::ExchangeHost::max_under_way);
    EXPECT_TRUE(sign(world->task(order()))) << "and afterwards it takes more";
}

TEST_P(ExchangeHostContract, AnswersInTimeOrSaysThatItCannot) {
    world->hang();
    auto const answer = sign(world->task(order()), 20ms);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reason, "exchange_host_timeout");
    EXPECT_EQ(answer.error().code, base::Errc::upstream_timeout);
}

net::Task<bool> gives_up(ports::ExchangeHost& host, HostTask task) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto const first = co_await (host.sign(std::move(task), 30s) || net::sleep_for(20ms));
    co_return first.index() == 1;
}

TEST_P(ExchangeHostContract, EndsAtOnceWhenItIsCancelled) {
    world->hang();
    auto const begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(run(io, gives_up(world->host(), world->task(order()))));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST_P(ExchangeHostContract, OnceEndedItIsUnavailable) {
    world->end();
    auto const answer = sign(world->task(order()));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reason, "exchange_host_unavailable");
    EXPECT_EQ(answer.error().code, base::Errc::unavailable);
}

INSTANTIATE_TEST_SUITE_P(Hosts, ExchangeHostContract, ::testing::ValuesIn(exchange_host_worlds()),
                         [](auto const& world) { return world.param.name; });

}  // namespace
}  // namespace obscura::test
