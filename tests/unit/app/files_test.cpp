#include "app/files.hpp"
#include "app/free_port.hpp"
#include "app/stack.hpp"
#include "app/state_folder.hpp"
#include "unit/app/temporary_folder.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace obscura::app {
namespace {

using test::TemporaryFolder;

unsigned mode_of(std::string const& path) {
    struct stat info{};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777;
}

/// Listens on any free port of loopback while it lives.
struct Listener {
    int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    std::uint16_t port = 0;
    Listener() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(fd, 1), 0);
        EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
        port = ntohs(address.sin_port);
    }
    ~Listener() { ::close(fd); }
};

TEST(Files, AFileIsReplacedAsAWholeWithItsMode) {
    TemporaryFolder const folder;
    auto const path = folder.file("secret");
    write_file(path, "one", 0600);
    write_file(path, "two\n", 0600);
    EXPECT_EQ(read_file(path), "two\n");
    EXPECT_EQ(mode_of(path), 0600U);
    EXPECT_FALSE(read_file(path + ".new"));
    EXPECT_FALSE(read_file(folder.file("absent")));
    EXPECT_THROW(write_file(folder.file("no/such/folder"), "x"), std::system_error);
}

TEST(Files, OfALargeOneNoMoreIsReadThanMayBe) {
    TemporaryFolder const folder;
    auto const path = folder.file("evidence");
    write_file(path, "1234");
    EXPECT_EQ(read_file(path, 4), "1234");
    EXPECT_THROW((void)read_file(path, 3), std::system_error);
    EXPECT_THROW((void)read_file("/dev/zero", 1 << 20), std::system_error) << "which has no end";
    EXPECT_THROW((void)read_file(folder.path(), 4), std::system_error) << "a folder";
    EXPECT_FALSE(read_file(folder.file("absent"), 4));
}

TEST(Files, OnlyALongLogIsRotatedAndThreeAreKept) {
    TemporaryFolder const folder;
    auto const log = folder.file("a.log");
    for (auto const* text : {"1111", "2222", "3333", "4444", "5555"}) {
        write_file(log, text);
        rotate_file(log, 100);
        EXPECT_TRUE(read_file(log)) << "short enough to stay";
        rotate_file(log, 3);
        EXPECT_FALSE(read_file(log));
    }
    EXPECT_EQ(read_file(log + ".1"), "5555");
    EXPECT_EQ(read_file(log + ".3"), "3333");
    EXPECT_FALSE(read_file(log + ".4"));
}

TEST(Files, TheLastLinesAreThose) {
    TemporaryFolder const folder;
    auto const log = folder.file("a.log");
    write_file(log, "one\ntwo\nthree\n");
    EXPECT_EQ(last_lines(log, 2), "two\nthree");
    EXPECT_EQ(last_lines(log, 9), "one\ntwo\nthree");
    EXPECT_EQ(last_lines(folder.file("absent"), 2), "");
}

TEST(StateFolder, SecretsAreMadeOnceAndForTheirOwnerOnly) {
    TemporaryFolder const folder;
    StateFolder const state(folder.file("state"));
    auto const first = state.secret("key", 32);
    EXPECT_EQ(first.size(), 64U);
    EXPECT_EQ(StateFolder(folder.file("state")).secret("key", 32).reveal(), first.reveal());
    EXPECT_NE(state.secret("other", 32).reveal(), first.reveal());
    EXPECT_EQ(mode_of(state.file("secrets/key")), 0600U);
    EXPECT_EQ(mode_of(state.file("secrets")), 0700U);
    EXPECT_EQ(mode_of(state.file("config")), 0700U);
}

TEST(StateFolder, ASecretWrittenByHandKeepsNoNewline) {
    TemporaryFolder const folder;
    StateFolder const state(folder.path());
    write_file(state.file("secrets/mine"), "by hand\n", 0600);
    EXPECT_EQ(state.secret("mine").reveal(), "by hand");
}

TEST(StateLock, OneProcessHoldsItAndItsEndLetsGo) {
    TemporaryFolder const folder;
    EXPECT_EQ(lock_holder(folder.path()), 0);
    int ready[2];
    int end[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(end), 0);
    pid_t const child = ::fork();
    if (child == 0) {
        StateLock lock;
        char byte = lock.try_acquire(folder.path()) ? 'y' : 'n';
        if (::write(ready[1], &byte, 1) != 1 || ::read(end[0], &byte, 1) < 0) ::_exit(1);
        ::_exit(0);  // without letting go: the kernel has to
    }
    char held = 0;
    ASSERT_EQ(::read(ready[0], &held, 1), 1);
    EXPECT_EQ(held, 'y');
    EXPECT_EQ(lock_holder(folder.path()), child);
    StateLock second;
    EXPECT_FALSE(second.try_acquire(folder.path()));
    ASSERT_EQ(::write(end[1], "x", 1), 1);
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(lock_holder(folder.path()), 0);
    EXPECT_TRUE(second.try_acquire(folder.path()));
    for (int const fd : {ready[0], ready[1], end[0], end[1]}) ::close(fd);
}

TEST(PortPlan, KeepsItsPortsAcrossStarts) {
    TemporaryFolder const folder;
    auto const file = folder.file("ports.json");
    auto const port = [&] {
        PortPlan first(file, false);
        auto const chosen = first.choose("gateway", 8000);
        first.save();
        return chosen;
    }();
    EXPECT_NE(port, 8000) << "the well-known ports are left to others";
    EXPECT_EQ(PortPlan(file, false).choose("gateway", 8000), port);
}

// Between choosing a port and listening on it seconds pass, in which it looks free to everybody.
TEST(PortPlan, TwoStacksThatStartAtOnceHaveTheirOwn) {
    TemporaryFolder const folder;
    PortPlan one(folder.file("one.json"), false);
    auto const port = one.choose("postgres", 0);
    PortPlan other(folder.file("other.json"), true);
    EXPECT_NE(other.choose("postgres", port), port);
    ASSERT_TRUE(is_port_free(port)) << "nobody listens yet";
    EXPECT_FALSE(PortClaim(port).is_held());
}

TEST(PortPlan, LeavesATakenPortAlone) {
    TemporaryFolder const folder;
    Listener const listener;
    EXPECT_FALSE(is_port_free(listener.port));
    PortPlan plan(folder.file("ports.json"), true);
    EXPECT_NE(plan.choose("gateway", listener.port), listener.port);
    auto const free = plan.at("gateway");
    EXPECT_NE(plan.choose("paper", free), free) << "nor is one given twice";
}

TEST(Stack, IsLoadedFromItsFolder) {
    TemporaryFolder const folder;
    EXPECT_THROW((void)load_stack(folder.path()), std::runtime_error);
    write_file(folder.file("ports.json"), R"({"postgres":5000,"redis":6000,"gateway":8000})");
    auto const stack = load_stack(folder.path());
    EXPECT_EQ(stack.url("gateway"), "http://127.0.0.1:8000");
    EXPECT_TRUE(stack.app_database_url.starts_with("postgresql://obscura_app:"));
    EXPECT_TRUE(stack.app_database_url.ends_with("@127.0.0.1:5000/obscura"));
    EXPECT_TRUE(stack.redis_url.ends_with("@127.0.0.1:6000"));
    EXPECT_NE(stack.internal_keys.at("gateway@citadel").reveal(),
              stack.internal_keys.at("gateway@conductor").reveal());
}

TEST(Stack, ALoginOfTheSameNameIsReplaced) {
    TemporaryFolder const folder;
    StateFolder const state(folder.path());
    save_login(state.path(), {"somebody", "a@b", "one"});
    save_login(state.path(), {"somebody else", "c@d", "two"});
    save_login(state.path(), {"somebody", "a@b", "three"});
    auto const logins = load_logins(state.path());
    ASSERT_EQ(logins.size(), 2U);
    EXPECT_EQ(logins[0].secret, "three");
    EXPECT_EQ(logins[1].name, "c@d");
}

}  // namespace
}  // namespace obscura::app
