#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <sstream>
#include <utility>

namespace obscura::base {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, T const& value) { out << value; };

static_assert(!std::copyable<Secret>);
static_assert(std::movable<Secret>);
static_assert(!std::equality_comparable<Secret>);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!Printable<Secret>);

TEST(Secret, OpensOnlyByName) {
    Secret const secret{std::string_view("hunter2")};
    EXPECT_EQ(secret.reveal(), "hunter2");
    EXPECT_EQ(secret.size(), 7U);
    EXPECT_EQ(secret.clone().reveal(), "hunter2");
    EXPECT_TRUE(Secret{}.empty());
    EXPECT_EQ(Secret::zeroed(3).reveal(), std::string_view("\0\0\0", 3));
}

TEST(Secret, MovesWithoutLeavingAnythingBehind) {
    Secret a{std::string_view("one")};
    Secret b = std::move(a);
    EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
    EXPECT_EQ(b.reveal(), "one");
    Secret c{std::string_view("two")};
    c = std::move(b);
    EXPECT_EQ(c.reveal(), "one");
    EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move)
    auto& self = c;
    c = std::move(self);
    EXPECT_EQ(c.reveal(), "one");
}

TEST(Secret, WipesItsBytes) {
    Secret secret{std::string_view("hunter2")};
    auto const span = secret.mutable_bytes();
    secret.wipe();
    EXPECT_TRUE(secret.empty());
    // The storage is still the vector's own: clear() keeps the capacity.
    EXPECT_EQ(span.data()[0], 0);
    EXPECT_EQ(span.data()[6], 0);
}

TEST(Cleanse, WipesAStringsWholeCapacity) {
    std::string text(100, 'x');
    text.resize(3);
    auto const* const data = text.data();
    cleanse(text);
    EXPECT_TRUE(text.empty());
    for (std::size_t i = 0; i < 100; ++i) ASSERT_EQ(data[i], 0) << i;
    std::array<char, 4> bytes{'a', 'b', 'c', 'd'};
    cleanse(bytes.data(), 3);
    EXPECT_EQ(bytes, (std::array<char, 4>{0, 0, 0, 'd'}));
    cleanse(nullptr, 0);
}

TEST(EqualConstantTime, ComparesContentsAndLength) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("xbc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abcd"));
    EXPECT_FALSE(equal_constant_time("", "a"));
    EXPECT_FALSE(equal_constant_time("\x80", std::string_view("\0", 1)));
}

}  // namespace
}  // namespace obscura::base
