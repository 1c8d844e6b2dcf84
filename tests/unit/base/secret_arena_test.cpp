#include "base/secret_arena.hpp"

#include "base/random.hpp"
#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

namespace obscura::base {
namespace {

constexpr std::size_t size = 64 << 10;

TEST(SecretArena, BlocksAreDistinctAndComeBackZeroed) {
    SecretArena arena(size);
    auto* const a = static_cast<char*>(arena.allocate(40));
    auto* const b = static_cast<char*>(arena.allocate(40));
    ASSERT_TRUE(a && b);
    EXPECT_GE(std::abs(a - b), 64);
    EXPECT_EQ(arena.used(), 128U);
    std::memset(a, 'x', 64);
    arena.deallocate(a, 40);
    auto* const again = static_cast<char*>(arena.allocate(64));
    EXPECT_EQ(again, a);
    EXPECT_TRUE(std::all_of(again, again + 64, [](char c) { return c == 0; }));
}

TEST(SecretArena, IsWholeAgainAfterAnyOrder) {
    SecretArena arena(size);
    SeededRandom random(11);
    struct Block {
        std::size_t size;
        unsigned char mark;
    };
    std::map<unsigned char*, Block> out;
    for (int i = 0; i < 20'000; ++i) {
        if (random.next_u64() % 2 == 0) {
            auto const wanted = 1 + random.next_u64() % 3000;
            auto* const block = static_cast<unsigned char*>(arena.allocate(wanted));
            if (block == nullptr) continue;
            auto const mark = static_cast<unsigned char>(random.next_u64());
            std::memset(block, mark, wanted);
            ASSERT_TRUE(out.emplace(block, Block{wanted, mark}).second);
        } else if (!out.empty()) {
            auto const found =
                std::next(out.begin(), static_cast<std::ptrdiff_t>(random.next_u64() % out.size()));
            auto const [block, what] = *found;
            // Nobody else wrote into it.
            ASSERT_TRUE(std::all_of(block, block + what.size,
                                    [&](unsigned char c) { return c == what.mark; }));
            arena.deallocate(block, what.size);
            out.erase(found);
        }
    }
    for (auto const& [block, what] : out) arena.deallocate(block, what.size);
    EXPECT_EQ(arena.used(), 0U);
    auto* const all = arena.allocate(size);
    EXPECT_NE(all, nullptr);
    arena.deallocate(all, size);
}

TEST(SecretArena, SaysWhenItHasNoMore) {
    SecretArena arena(size);
    EXPECT_EQ(arena.allocate(size + 1), nullptr);
    EXPECT_NE(arena.allocate(size), nullptr);
    EXPECT_EQ(arena.allocate(1), nullptr);
    EXPECT_EQ(arena.exhausted(), 2U);
}

/// VmFlags of the mapping that holds `address` (man proc, smaps).
std::string flags_of(void const* address) {
    std::ifstream in("/proc/self/smaps");
    bool is_here = false;
    for (std::string line; std::getline(in, line);) {
        unsigned long from = 0;
        unsigned long to = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2)
            is_here = reinterpret_cast<unsigned long>(address) >= from &&
                      reinterpret_cast<unsigned long>(address) < to;
        if (is_here && line.starts_with("VmFlags:")) return line + " ";
    }
    return "";
}

TEST(SecretArena, IsLockedNotDumpedAndNotInherited) {
    SecretArena arena(size);
    auto const flags = flags_of(arena.allocate(1));
    ASSERT_TRUE(arena.granted().locked) << "RLIMIT_MEMLOCK is below 64 KiB here";
    EXPECT_TRUE(arena.granted().not_dumped);
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    GTEST_SKIP() << "sanitizers make nothing of mlock";
#endif
#endif
    EXPECT_NE(flags.find(" lo "), flags.npos) << flags;
    EXPECT_NE(flags.find(" dd "), flags.npos) << flags;
    EXPECT_NE(flags.find(" dc "), flags.npos) << flags;
}

TEST(SecretArena, NobodyReadsPastItsEnds) {
    SecretArena arena(size);
    auto* const begin = static_cast<char*>(arena.allocate(size));
    EXPECT_EQ(flags_of(begin - 1).find(" rd "), std::string::npos);
    EXPECT_EQ(flags_of(begin + size).find(" rd "), std::string::npos);
}

/// In a process of its own: an arena is for ever.
TEST(SecretArena, SecretsAreInItOnceItIsThere) {
    auto const child = ::fork();
    if (child == 0) {
        Secret const before{std::string_view("on the heap")};
        auto& arena = *new SecretArena(size);
        keep_secrets_in(arena);
        bool good = !arena.owns(before.bytes().data());
        {
            Secret const inside{std::string_view("in the arena")};
            auto const moved = inside.clone();
            Secret const large = Secret::zeroed(2 * size);  // more than there is: on the heap
            good = good && arena.owns(inside.bytes().data()) && arena.owns(moved.bytes().data()) &&
                   !arena.owns(large.bytes().data());
        }
        ::_exit(good && arena.used() == 0 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace obscura::base
