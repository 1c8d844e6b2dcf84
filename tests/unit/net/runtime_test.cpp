#include "net/runtime.hpp"

#include "support/coroutine.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace obscura::net::test {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using obscura::test::run;

class Runtime : public ::testing::Test {
protected:
    asio::io_context io;
    asio::any_io_executor executor = io.get_executor();
};

TEST_F(Runtime, an_event_is_not_lost_before_the_wait) {
    Event event(executor);
    event.notify();
    EXPECT_TRUE(run(io, event.wait(1h)));
    EXPECT_FALSE(run(io, event.wait(1ms)));
}

TEST_F(Runtime, an_event_wakes_all_that_wait) {
    Event event(executor);
    int woken = 0;
    Scope scope(executor);
    auto const wait = [](Event& e, int& n) -> Task<void> {
        if (co_await e.wait(1h)) ++n;
    };
    for (int i = 0; i < 3; ++i) scope.spawn("wait", wait(event, woken));
    run(io, sleep_for(1ms));
    event.notify();
    run(io, scope.join());
    EXPECT_EQ(woken, 3);
    EXPECT_FALSE(run(io, event.wait(1ms)));
}

/// Waits end when the test says so.
class HeldTime final : public WaitSource {
public:
    explicit HeldTime(asio::io_context& loop) : io(loop) { wait_by(loop, *this); }
    Ticket begin(std::chrono::milliseconds duration,
                 std::move_only_function<void()> on_end) override {
        waits.emplace(++last, std::pair(duration, std::move(on_end)));
        return last;
    }
    void end(Ticket ticket) override {
        auto const found = waits.find(ticket);
        if (found == waits.end()) return;
        asio::post(io, std::move(found->second.second));
        waits.erase(found);
    }
    asio::io_context& io;
    std::map<Ticket, std::pair<std::chrono::milliseconds, std::move_only_function<void()>>> waits;
    Ticket last = 0;
};

TEST_F(Runtime, waits_go_by_the_source_of_their_loop) {
    HeldTime time(io);
    Event event(executor);
    std::string log;
    Scope scope(executor);
    auto const sleep = [](std::string& to) -> Task<void> {
        co_await sleep_for(24h);
        to += "slept ";
    };
    auto const wait = [](Event& e, std::string& to) -> Task<void> {
        to += co_await e.wait(2h) ? "notified " : "in vain ";
    };
    scope.spawn("sleep", sleep(log));
    scope.spawn("wait", wait(event, log));
    scope.spawn("wait again", wait(event, log));
    io.poll();
    ASSERT_EQ(time.waits.size(), 3U);
    EXPECT_EQ(time.waits.at(1).first, 24h);
    EXPECT_EQ(time.waits.at(2).first, 2h);
    EXPECT_EQ(log, "");
    time.end(1);
    time.end(2);
    io.restart();
    io.poll();
    EXPECT_EQ(log, "slept in vain ");
    event.notify();
    io.restart();
    io.poll();
    EXPECT_EQ(log, "slept in vain notified ");
    EXPECT_EQ(scope.running(), 0U);
}

TEST_F(Runtime, stop_ends_a_wait_by_another_source) {
    HeldTime time(io);
    Scope scope(executor);
    bool left_by_itself = false;
    auto const sleep = [](bool& left) -> Task<void> {
        co_await sleep_for(24h);
        left = true;
    };
    scope.spawn("sleep", sleep(left_by_itself));
    io.poll();
    asio::co_spawn(io, scope.stop(), asio::detached);
    io.restart();
    io.poll();
    EXPECT_TRUE(left_by_itself);
    EXPECT_EQ(scope.running(), 0U);
}

TEST_F(Runtime, stop_ends_a_loop_that_sleeps) {
    Scope scope(executor);
    int rounds = 0;
    bool left_by_itself = false;
    auto const loop = [](Scope& owner, int& n, bool& left) -> Task<void> {
        while (!owner.stopping()) {
            ++n;
            co_await sleep_for(1h);
        }
        left = true;
    };
    scope.spawn("loop", loop(scope, rounds, left_by_itself));
    run(io, sleep_for(1ms));
    EXPECT_EQ(scope.running(), 1u);
    run(io, scope.stop());
    EXPECT_EQ(rounds, 1);
    EXPECT_TRUE(left_by_itself);
    EXPECT_EQ(scope.running(), 0u);
    EXPECT_TRUE(scope.stopping());
}

TEST_F(Runtime, stop_ends_a_loop_that_never_looks) {
    Scope scope(executor);
    auto const deaf = []() -> Task<void> {
        while (true) {
            try {
                co_await sleep_for(1h);
                co_await sleep_for(1h);
                co_return;
            } catch (std::exception const&) {
                // A loop that swallows one error more than it should still ends.
            }
            co_await sleep_for(1h);
        }
    };
    for (int i = 0; i < 10; ++i) scope.spawn("deaf", deaf());
    run(io, sleep_for(1ms));
    run(io, scope.stop());
    EXPECT_EQ(scope.running(), 0u);
}

TEST_F(Runtime, a_coroutine_that_throws_leaves_the_others_alone) {
    Scope scope(executor);
    int done = 0;
    auto const fail = []() -> Task<void> {
        co_await sleep_for(1ms);
        throw std::runtime_error("broken");
    };
    auto const work = [](int& n) -> Task<void> {
        co_await sleep_for(3ms);
        ++n;
    };
    scope.spawn("fail", fail());
    scope.spawn("work", work(done));
    run(io, scope.join());
    EXPECT_EQ(done, 1);
}

TEST_F(Runtime, an_empty_scope_stops_at_once) {
    Scope scope(executor);
    run(io, scope.join());
    run(io, scope.stop());
}

TEST_F(Runtime, the_cpu_pool_works_elsewhere_and_resumes_here) {
    CpuPool pool(2, 8);
    auto const main_thread = std::this_thread::get_id();
    std::thread::id worker;
    std::thread::id resumed;
    auto const script = [](CpuPool& p, std::thread::id& w, std::thread::id& r) -> Task<bool> {
        auto const ran = co_await p.run([&w] { w = std::this_thread::get_id(); });
        r = std::this_thread::get_id();
        co_return ran;
    };
    EXPECT_TRUE(run(io, script(pool, worker, resumed)));
    EXPECT_NE(worker, main_thread);
    EXPECT_EQ(resumed, main_thread);
}

TEST_F(Runtime, the_cpu_pool_hands_exceptions_over) {
    CpuPool pool(1, 8);
    EXPECT_THROW(run(io, pool.run([] { throw std::invalid_argument("no"); })),
                 std::invalid_argument);
}

TEST_F(Runtime, the_cpu_pool_is_bounded_and_stops) {
    auto pool = std::make_unique<CpuPool>(1, 1);
    std::atomic<bool> release = false;
    std::atomic<bool> entered = false;
    std::vector<bool> answers;
    Scope scope(executor);
    auto const submit = [](CpuPool& p, std::function<void()> work,
                           std::vector<bool>& out) -> Task<void> {
        out.push_back(co_await p.run(std::move(work)));
    };
    scope.spawn("busy", submit(
                            *pool,
                            [&] {
                                entered = true;
                                entered.notify_all();
                                release.wait(false);
                            },
                            answers));
    while (!entered) io.poll();
    scope.spawn("queued", submit(*pool, [] {}, answers));
    scope.spawn("refused", submit(*pool, [] {}, answers));
    io.restart();
    while (answers.empty()) io.poll();
    EXPECT_EQ(answers, std::vector<bool>{false});
    release = true;
    release.notify_all();
    run(io, scope.join());
    EXPECT_EQ(answers, (std::vector<bool>{false, true, true}));
    pool->stop();
    EXPECT_FALSE(run(io, pool->run([] {})));
}

TEST_F(Runtime, work_on_the_pool_is_waited_for_even_when_cancelled) {
    CpuPool pool(1, 8);
    std::atomic<bool> entered = false;
    std::atomic<bool> release = false;
    bool waited = false;
    auto const script = [](CpuPool& p, std::atomic<bool>& in, std::atomic<bool>& out,
                           bool& ended) -> Task<void> {
        bool local = false;  // what the work writes to
        struct Check {
            bool& value;
            bool& ended;
            ~Check() { ended = value; }
        } const check{local, ended};
        co_await p.run([&] {
            in = true;
            out.wait(false);
            local = true;
        });
    };
    Scope scope(executor);
    scope.spawn("work", script(pool, entered, release, waited));
    while (!entered) io.poll();
    auto const let_go = [](std::atomic<bool>& out) -> Task<void> {
        co_await sleep_for(5ms);
        out = true;
        out.notify_all();
    };
    asio::co_spawn(io, let_go(release), asio::detached);
    run(io, scope.stop());
    EXPECT_TRUE(waited);
}

TEST_F(Runtime, stop_steps_run_backwards_and_none_can_block_the_rest) {
    StopSequence sequence;
    std::vector<std::string> order;
    auto const step = [&order](std::string name) {
        return [&order, name]() -> Task<void> {
            order.push_back(name);
            co_return;
        };
    };
    sequence.add("database", step("database"));
    sequence.add("stuck", []() -> Task<void> { co_await sleep_for(1h); }, 5ms);
    sequence.add("broken", []() -> Task<void> {
        throw std::runtime_error("broken");
        co_return;
    });
    sequence.add("server", step("server"));
    run(io, sequence.run());
    EXPECT_EQ(order, (std::vector<std::string>{"server", "database"}));
    run(io, sequence.run());
    EXPECT_EQ(order.size(), 2u);
}

}  // namespace
}  // namespace obscura::net::test
