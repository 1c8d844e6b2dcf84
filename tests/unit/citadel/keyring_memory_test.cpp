// Where master keys are: in locked memory, and nowhere else once a call is over.
#include "base/secret_arena.hpp"
#include "citadel/keyring.hpp"
#include "support/heap_search.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace obscura::citadel {
namespace {

constexpr int does_not_open = 101, does_not_find = 102;

/// Copies that are left of a key which was used, or what went wrong. In a process of its own: the
/// arena is for good.
int copies_left() {
    base::SecretArena arena(1 << 16);
    base::keep_secrets_in(arena);
    base::SystemRandom random;
    Keyring::Keys keys;
    keys[0] = crypto::random_key(random, crypto::Aead::key_size);
    obscura::test::TurnedSecret searched{};
    obscura::test::turn(keys[0].bytes(), searched);
    Keyring keyring(keys, random);
    for (auto const* context : {"", "tenant|user|venue"})
        if (!keyring.decrypt(keyring.encrypt("secret", context), context)) return does_not_open;
    if (keyring.decrypt(keyring.encrypt("secret", "one"), "another")) return does_not_open;
    auto const left = obscura::test::copies_on_heap(searched);
    auto const planted = std::make_unique<obscura::test::TurnedSecret>();
    std::ranges::copy(keys[0].bytes(), planted->begin());
    return obscura::test::copies_on_heap(searched) == left + 1 ? left : does_not_find;
}

TEST(KeyringMemoryTest, NoMasterKeyIsLeftOnTheHeap) {
    if (!obscura::test::is_heap_searchable) GTEST_SKIP() << "a sanitizer's heap is elsewhere";
    auto const child = ::fork();
    if (child == 0) ::_exit(copies_left());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace obscura::citadel
