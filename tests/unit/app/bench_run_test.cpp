// What `obscura bench` reads from the venue, from its peers' programs and from its command line.
#include "app/bench.hpp"
#include "app/bench_child.hpp"
#include "app/bench_gateway.hpp"
#include "app/bench_ledger.hpp"
#include "app/bench_machine.hpp"

#include "support/coroutine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace obscura::app::bench {
namespace {

Acceptance order(std::int64_t id, char const* account, int ms, char const* side = "BUY") {
    return {.order_id = id,
            .account = account,
            .side = side,
            .accepted_at = base::from_unix_ms(1'000 + ms)};
}
constexpr auto fill = base::Timestamp(std::chrono::seconds(1));

TEST(BenchLedger, FanOutIsFromTheFillToTheFirstAndTheLastOrder) {
    auto const found = fan_out({order(1, "f-2", 30), order(2, "f-1", 12), order(3, "leader", 0),
                                order(4, "f-3", 700, "SELL")},
                               "f-", "BUY", fill);
    EXPECT_EQ(found.orders, 2U);
    EXPECT_EQ(found.first_ms, 12);
    EXPECT_EQ(found.last_ms, 30);
    EXPECT_EQ(fan_out({}, "f-", "BUY", fill).orders, 0U);
}

TEST(BenchLedger, ADoubledOrderIsNoMeasurement) {
    EXPECT_THROW((void)fan_out({order(1, "f-1", 1), order(2, "f-1", 2)}, "f-", "BUY", fill),
                 std::runtime_error);
}

TEST(BenchLedger, APageIsReadOrRefused) {
    auto const page = base::parse_json(
        R"({"orders":[{"order_id":"7","label":"a","side":"SELL","accepted_at":"2027-01-15T08:00:00.250Z"}]})");
    auto const orders = acceptances_in(*page);
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(orders[0].order_id, 7);
    EXPECT_EQ(base::to_unix_ms(orders[0].accepted_at) % 1'000, 250);
    EXPECT_THROW((void)acceptances_in(base::Json("no")), std::runtime_error);
    EXPECT_THROW((void)acceptances_in(*base::parse_json(R"({"orders":[{"order_id":"7"}]})")),
                 std::runtime_error);
}

TEST(BenchPeers, WrkIsReadAndItsErrorsAreErrors) {
    EXPECT_DOUBLE_EQ(requests_per_second_in("x\nRequests/sec:  12345.67\nTransfer/sec: 1MB\n"),
                     12'345.67);
    EXPECT_THROW((void)requests_per_second_in("Non-2xx or 3xx responses: 7\nRequests/sec: 5\n"),
                 std::runtime_error);
    EXPECT_THROW((void)requests_per_second_in("Socket errors: connect 1\nRequests/sec: 5\n"),
                 std::runtime_error);
    EXPECT_THROW((void)requests_per_second_in("unable to connect"), std::runtime_error);
    EXPECT_EQ(version_in("nginx version: nginx/1.22.1\n"), "1.22.1");
    EXPECT_EQ(version_in("nginx/1.22.1 (Debian)"), "1.22.1");
    EXPECT_EQ(version_in(""), "");
}

TEST(BenchMachine, IsReadFromTheKernelsFiles) {
    EXPECT_EQ(cpu_model_in("processor\t: 0\nmodel name\t: Fast One\nmodel name\t: Other\n"),
              "Fast One");
    EXPECT_EQ(cpu_model_in("processor\t: 0\n"), "unknown");
    EXPECT_EQ(memory_mib_in("MemTotal:       2097152 kB\nMemFree: 1 kB\n"), 2'048);
    EXPECT_EQ(memory_mib_in(""), 0);
    auto const machine = this_machine();
    EXPECT_GE(machine.cores, 1U);
    EXPECT_GT(machine.memory_mib, 0);
    EXPECT_FALSE(build_commit().empty());
}

TEST(BenchCommand, WrongArgumentsAreUsage) {
    EXPECT_EQ(run_bench({}), 2);
    EXPECT_EQ(run_bench({"nonsense"}), 2);
    EXPECT_EQ(run_bench({"decide", "--runs", "0"}), 2);
    EXPECT_EQ(run_bench({"decide", "--followers", "ten"}), 2);
    EXPECT_EQ(run_bench({"decide", "--no-such-option"}), 2);
    EXPECT_EQ(run_bench_load({"--to", "http://127.0.0.1:1"}), 2);
}

net::Task<void> note_or_fail(std::vector<std::size_t>& done, std::size_t index) {
    if (index == 2) throw std::runtime_error("the third");
    done.push_back(index);
    co_return;
}

TEST(BenchParallel, EachIsDoneOnceAndAFailureComesOut) {
    std::vector<std::size_t> done;
    auto const note = [&done](std::size_t i) -> net::Task<void> {
        done.push_back(i);
        co_return;
    };
    auto const fails = [&done](std::size_t i) { return note_or_fail(done, i); };
    boost::asio::io_context io(1);
    test::run(io, in_parallel(io.get_executor(), 5, 2, note));
    std::ranges::sort(done);
    EXPECT_EQ(done, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
    done.clear();
    EXPECT_THROW(test::run(io, in_parallel(io.get_executor(), 5, 1, fails)), std::runtime_error);
    EXPECT_EQ(done, (std::vector<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace obscura::app::bench
