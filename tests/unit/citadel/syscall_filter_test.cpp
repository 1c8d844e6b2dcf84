#include "citadel/syscall_filter.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <thread>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OBSCURA_SANITIZED 1
#endif
#endif

namespace obscura::citadel {
namespace {

constexpr int no_filter = 77;

/// What became of a process that does this under the filter: its exit status, or minus the signal.
int outcome_of(std::function<bool()> const& deed) {
    auto const child = ::fork();
    if (child == 0) {
        if (!restrict_system_calls()) ::_exit(no_filter);
        ::_exit(deed() ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

class SyscallFilterTest : public ::testing::Test {
protected:
    void SetUp() override {
#ifdef OBSCURA_SANITIZED
        GTEST_SKIP() << "sanitizers do more than citadel does";
#endif
    }
};

TEST_F(SyscallFilterTest, WhatCitadelDoesGoesOn) {
    EXPECT_EQ(outcome_of([] {
                  int const a = ::socket(AF_INET, SOCK_STREAM, 0);
                  sockaddr_in here{.sin_family = AF_INET,
                                   .sin_port = 0,
                                   .sin_addr = {htonl(INADDR_LOOPBACK)},
                                   .sin_zero = {}};
                  bool good = a >= 0 &&
                              ::bind(a, reinterpret_cast<sockaddr*>(&here), sizeof here) == 0 &&
                              ::listen(a, 1) == 0;
                  std::thread([&good] { good = good && ::getpid() > 0; }).join();
                  auto* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return good && page != MAP_FAILED;
              }),
              0);
}

TEST_F(SyscallFilterTest, StartingAProgramEndsIt) {
    EXPECT_EQ(outcome_of([] {
                  char name[] = "/bin/true";
                  char* const argv[] = {name, nullptr};
                  ::execv(name, argv);
                  return true;
              }),
              -SIGSYS);
}

TEST_F(SyscallFilterTest, SoDoesLookingIntoAnother) {
    auto const other = ::getpid();
    EXPECT_EQ(outcome_of([other] { return ::ptrace(PTRACE_ATTACH, other, nullptr, 0) == 0; }),
              -SIGSYS);
}

TEST_F(SyscallFilterTest, AnotherProcessIsNotMade) {
    EXPECT_NE(outcome_of([] { return ::fork() >= 0; }), 0);
}

TEST_F(SyscallFilterTest, NoMemoryIsBothWrittenAndRun) {
    EXPECT_EQ(outcome_of([] {
                  auto const made = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return made == MAP_FAILED && errno == EPERM;
              }),
              0);
}

TEST_F(SyscallFilterTest, HardeningIsNotTakenBack) {
    EXPECT_EQ(outcome_of([] {
                  rlimit const any{.rlim_cur = 4096, .rlim_max = 4096};
                  return ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 &&
                         ::setrlimit(RLIMIT_CORE, &any) != 0;
              }),
              0);
}

TEST_F(SyscallFilterTest, ItHoldsForThreadsThatRunAlready) {
    auto const child = ::fork();
    if (child == 0) {
        std::atomic<bool> is_filtered = false;
        bool was_refused = false;
        std::thread early([&] {
            is_filtered.wait(false);
            was_refused = ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0;
        });
        bool const good = restrict_system_calls().has_value();
        is_filtered = true;
        is_filtered.notify_one();
        early.join();
        ::_exit(good && was_refused ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(SyscallFilterTest, NobodyElseIsSignalled) {
    auto const parent = ::getpid();
    EXPECT_EQ(outcome_of([parent] { return ::kill(parent, 0) != 0 && ::kill(::getpid(), 0) == 0; }),
              0);
}

}  // namespace
}  // namespace obscura::citadel
