// The definition that test executables link. Being part of this executable, it is taken before the
// empty one of the library.
#include "base/failpoint_on.cpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

namespace obscura::base {
namespace {

/// A child process that passes "a" three times and "b" once, then exits with 0. The plan is read
/// once a process, so this process itself must never pass a failpoint.
pid_t start_child(char const* plan) {
    auto const child = ::fork();
    if (child != 0) return child;
    ::setenv("OBSCURA_FAILPOINT", plan, 1);
    for (auto const* const name : {"a", "b", "a", "a"}) failpoint(name);
    std::_Exit(0);
}

int status_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }
bool exited_with(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

TEST(Failpoint, KillsAtTheNthPass) {
    EXPECT_TRUE(was_killed(status_of(start_child("a:1:kill"))));
    EXPECT_TRUE(was_killed(status_of(start_child("a:3:kill"))));
    EXPECT_TRUE(was_killed(status_of(start_child("b:1:kill"))));
}

TEST(Failpoint, LeavesOtherPassesAlone) {
    for (auto const* const plan : {"", "a:4:kill", "b:2:kill", "c:1:kill"}) {
        EXPECT_TRUE(exited_with(status_of(start_child(plan)), 0)) << plan;
    }
}

TEST(Failpoint, RefusesAPlanItCannotRead) {
    for (auto const* const plan : {"a", "a:1", ":1:kill", "a:0:kill", "a:x:kill", "a:-1:kill",
                                   "a:1:die", "a:1:", "a:1:report:", "a:1x:kill"}) {
        EXPECT_TRUE(exited_with(status_of(start_child(plan)), 2)) << plan;
    }
}

TEST(Failpoint, ClockStepsAsItsFileSays) {
    auto pattern = (std::filesystem::temp_directory_path() / "clock-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    auto const path = pattern + "/clock";
    auto const write = [&](std::int64_t step) {
        std::ofstream(path, std::ios::binary | std::ios::in | std::ios::out)
            .write(reinterpret_cast<char const*>(&step), sizeof step);
    };
    std::ofstream(path).close();
    write(0);
    auto const child = ::fork();
    if (child == 0) {
        ::setenv("OBSCURA_CLOCK_FILE", path.c_str(), 1);
        bool right = clock_step().count() == 0;
        write(-7);
        right = right && clock_step().count() == -7;
        std::_Exit(right ? 0 : 1);
    }
    EXPECT_TRUE(exited_with(status_of(child), 0));
    std::filesystem::remove_all(pattern);
}

TEST(Failpoint, ReportsAndStopsUntilContinued) {
    auto pattern = (std::filesystem::temp_directory_path() / "failpoint-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    auto const fifo = pattern + "/fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    auto const child = start_child(("a:2:report:" + fifo).c_str());
    std::string line;
    std::getline(std::ifstream(fifo), line);
    EXPECT_EQ(line, "a");
    int status = 0;
    ::waitpid(child, &status, WUNTRACED);
    EXPECT_TRUE(WIFSTOPPED(status));
    ::kill(child, SIGCONT);
    EXPECT_TRUE(exited_with(status_of(child), 0));
    std::filesystem::remove_all(pattern);
}

}  // namespace
}  // namespace obscura::base
