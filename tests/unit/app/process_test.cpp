#include "app/process.hpp"
#include "app/child_environment.hpp"
#include "app/files.hpp"
#include "app/state_folder.hpp"
#include "app/unit.hpp"
#include "support/coroutine.hpp"
#include "unit/app/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;
using test::TemporaryFolder;
namespace asio = boost::asio;

struct ProcessTest : ::testing::Test {
    ProcessSpec shell(std::string script) const {
        return {.name = "sh",
                .argv = {"/bin/sh", "-c", std::move(script)},
                .environment = {"PATH=/usr/bin:/bin"},
                .log_file = folder.file("log")};
    }
    ExitStatus run(ProcessSpec const& spec) {
        Process process(io.get_executor(), spec);
        ExitStatus status;
        auto const wait = [](Process& p, ExitStatus& out) -> net::Task<void> {
            out = co_await p.wait();
        };
        test::run(io, wait(process, status));
        return status;
    }
    std::string log() const { return read_file(folder.file("log")).value_or(""); }

    TemporaryFolder folder;
    asio::io_context io{1};
};

bool is_running(pid_t pid) { return ::kill(pid, 0) == 0; }

TEST_F(ProcessTest, TellsHowAProcessEnded) {
    EXPECT_TRUE(run(shell("exit 0")).is_success());
    EXPECT_EQ(run(shell("exit 7")).to_string(), "exit status 7");
    EXPECT_EQ(run(shell("kill -9 $$")).to_string(), "signal 9 (Killed)");
}

TEST_F(ProcessTest, AProgramThatIsNotThereIsAnError) {
    ProcessSpec spec = shell("");
    spec.argv = {folder.file("absent")};
    EXPECT_THROW(Process(io.get_executor(), spec), std::system_error);
}

TEST_F(ProcessTest, InheritsNothingButWhatIsGiven) {
    ::setenv("OBSCURA_TEST_LEAK", "1", 1);
    auto const status = run(shell("env | sort; ulimit -c; [ ! -t 0 ] && cat; pwd"));
    ::unsetenv("OBSCURA_TEST_LEAK");
    EXPECT_TRUE(status.is_success());
    EXPECT_EQ(log().find("OBSCURA_TEST_LEAK"), std::string::npos) << log();
    EXPECT_NE(log().find("\n0\n/\n"), std::string::npos) << "no core dumps, no input: " << log();
}

TEST_F(ProcessTest, WhatItLeavesBehindInItsGroupIsEndedWithIt) {
    EXPECT_TRUE(run(shell("sleep 600 & echo $!")).is_success());
    auto const left = static_cast<pid_t>(std::atoi(log().c_str()));
    ASSERT_GT(left, 1);
    // Its parent is gone: whoever adopted it has to reap it, which the signal does not wait for.
    for (int tries = 0; tries < 200 && is_running(left); ++tries) {
        ::waitpid(left, nullptr, WNOHANG);
        auto const state = last_lines("/proc/" + std::to_string(left) + "/stat", 1);
        if (state.find(") Z ") != std::string::npos) break;
        ::usleep(10'000);
    }
    auto const state = last_lines("/proc/" + std::to_string(left) + "/stat", 1);
    EXPECT_TRUE(state.empty() || state.find(") Z ") != std::string::npos) << state;
}

TEST_F(ProcessTest, DiesWithItsParent) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    pid_t const parent = ::fork();
    if (parent == 0) {
        asio::io_context own{1};
        auto* const orphan = new Process(own.get_executor(), shell("exec sleep 600"));
        auto const pid = orphan->pid();
        if (::write(pipe_ends[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
        ::raise(SIGKILL);
    }
    pid_t child = 0;
    ASSERT_EQ(::read(pipe_ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
    auto const wait = [](asio::any_io_executor e, pid_t pid) -> net::Task<void> {
        co_await wait_for_end_of(std::move(e), pid);
    };
    test::run(io, wait(io.get_executor(), child));
    ::waitpid(parent, nullptr, 0);
    SUCCEED();
}

TEST(ServiceEnvironment, OnceIsForOneStartOnly) {
    TemporaryFolder const folder;
    StateFolder const state(folder.path());
    write_file(state.file("config/paper.env"), "# always\nALWAYS=1\nnonsense\n");
    write_file(state.file("config/paper.once.env"), "ONCE=1\n");
    auto const has = [](std::vector<std::string> const& all, char const* text) {
        return std::ranges::find(all, text) != all.end();
    };
    auto const first = service_environment(state, "paper");
    EXPECT_TRUE(has(first, "ALWAYS=1"));
    EXPECT_TRUE(has(first, "ONCE=1"));
    EXPECT_FALSE(has(first, "nonsense"));
    auto const second = service_environment(state, "paper");
    EXPECT_TRUE(has(second, "ALWAYS=1"));
    EXPECT_FALSE(has(second, "ONCE=1"));
    EXPECT_FALSE(has(service_environment(state, "gateway"), "ALWAYS=1"));
}

struct UnitTest : ProcessTest {
    UnitSpec spec(std::string script) {
        UnitSpec unit;
        unit.name = "thing";
        unit.process = [this, script] { return shell(script); };
        unit.probe = [] { return answer(""); };
        unit.stop_deadline = 300ms;
        return unit;
    }
    static net::Task<std::string> answer(std::string text) { co_return text; }

    /// What start and stop did: "" or the failure.
    std::string start_and_stop(Unit& unit, std::function<net::Task<void>()> meanwhile = {}) {
        std::string failure;
        auto const whole = [](Unit& u, std::function<net::Task<void>()>& between,
                              std::string& out) -> net::Task<void> {
            try {
                co_await u.start([] { return false; });
            } catch (StartFailure const& e) {
                out = e.what();
            }
            if (between && out.empty()) co_await between();
            co_await u.stop();
        };
        test::run(io, whole(unit, meanwhile, failure));
        return failure;
    }
};

TEST_F(UnitTest, IsStartedAgainWhenItDies) {
    Unit unit(io.get_executor(), spec("exec sleep 600"), [] {});
    pid_t first = 0;
    auto const kill_once = [&]() -> net::Task<void> {
        first = unit.pid();
        ::kill(first, SIGKILL);
        while (unit.restarts() == 0 || unit.pid() == 0) co_await net::sleep_for(5ms);
        EXPECT_NE(unit.pid(), first);
    };
    EXPECT_EQ(start_and_stop(unit, kill_once), "");
    EXPECT_EQ(unit.restarts(), 1);
    EXPECT_EQ(unit.pid(), 0) << "stopped";
}

TEST_F(UnitTest, GivesUpOnWhatEndsAgainAndAgain) {
    auto broken = spec("echo the reason; exit 3");
    broken.probe = [] { return answer("not yet"); };
    Unit hopeless(io.get_executor(), std::move(broken), [] {});
    auto const failure = start_and_stop(hopeless);
    EXPECT_NE(failure.find("exit status 3"), std::string::npos) << failure;
    EXPECT_NE(failure.find("the reason"), std::string::npos) << "its last words are shown";
}

TEST_F(UnitTest, SaysWhatWasMissingWhenItIsNotReadyInTime) {
    auto slow = spec("exec sleep 600");
    slow.probe = [] { return answer("no schema"); };
    slow.ready_deadline = 200ms;
    Unit unit(io.get_executor(), std::move(slow), [] {});
    EXPECT_NE(start_and_stop(unit).find("no schema"), std::string::npos);
}

TEST_F(UnitTest, IsKilledWhenItDoesNotHeedTheSignal) {
    Unit unit(io.get_executor(), spec("trap '' TERM; while :; do sleep 0.05; done"), [] {});
    pid_t pid = 0;
    auto const look = [&]() -> net::Task<void> {
        pid = unit.pid();
        co_return;
    };
    EXPECT_EQ(start_and_stop(unit, look), "");
    EXPECT_FALSE(is_running(pid));
}

}  // namespace
}  // namespace obscura::app
