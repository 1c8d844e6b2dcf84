#include "citadel/secret_echo.hpp"

#include "base/random.hpp"
#include "crypto/base64.hpp"
#include "support/heap_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace obscura::citadel {
namespace {

bool tells(std::string_view text, std::string_view secret) {
    std::string_view const secrets[] = {"", secret};
    return tells_any(text, secrets);
}

TEST(SecretEchoTest, IsFoundHoweverItIsWritten) {
    EXPECT_TRUE(tells("a pass/\"word\\ b", "pass/\"word\\"));
    EXPECT_TRUE(tells(R"({"msg":"pass\/\"word\\"})", "pass/\"word\\"));
    EXPECT_TRUE(tells(R"({"msg":"p\u0061ss\u002fword"})", "pass/word"));
    EXPECT_TRUE(tells("?p=pass%2Fword", "pass/word"));
    EXPECT_TRUE(tells("%2fpass%41B", "passAB"));
    EXPECT_TRUE(tells("Basic cGFzcy93b3Jk", "pass/word"));
    EXPECT_TRUE(tells("a%41literal", "a%41literal"));
    EXPECT_TRUE(tells("706173732f776f7264", "pass/word"));
    EXPECT_TRUE(tells("706173732F776F7264", "pass/word"));
    // Within a longer text, wherever it begins there.
    for (std::string before : {"", "u", "us", "use"})
        for (std::string after : {"", ":", ":x", ":xy"}) {
            auto const all = before + "pass/w\xc3\xb6rd" + after;
            auto encoded = crypto::base64_encode(crypto::as_bytes(all));
            EXPECT_TRUE(tells(encoded, "pass/w\xc3\xb6rd")) << all;
            std::ranges::replace(encoded, '+', '-');
            std::ranges::replace(encoded, '/', '_');
            EXPECT_TRUE(tells(encoded, "pass/w\xc3\xb6rd")) << all;
        }
    EXPECT_TRUE(tells(R"(a=\%70ass%2Fword)", "pass/word")) << "behind a form's backslash";
}

TEST(SecretEchoTest, TheSearchLeavesNothingBehind) {
    if (!obscura::test::is_heap_searchable) GTEST_SKIP() << "a sanitizer's heap is elsewhere";
    obscura::test::TurnedSecret turned{};
    base::SystemRandom().fill(std::as_writable_bytes(std::span(turned)));
    // In the middle: an allocator writes over the beginning of what it takes back.
    std::string secret(3 * turned.size(), 'x');
    for (std::size_t i = 0; i < turned.size(); ++i)
        secret[turned.size() + i] = static_cast<char>(~turned[i]);
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(tells("an answer that says nothing of it", secret));
    EXPECT_EQ(obscura::test::copies_on_heap(turned), 1) << "the one that was looked for";
}

TEST(SecretEchoTest, WhatIsNotThereIsNotFound) {
    EXPECT_FALSE(tells("", "secret"));
    EXPECT_FALSE(tells("secre t%", "secret"));
    EXPECT_FALSE(tells(R"(\u00)", "secret"));
    EXPECT_FALSE(tells("%zz\\", "secret"));
    EXPECT_FALSE(tells("a short one", "short")) << "it would be found everywhere";
}

}  // namespace
}  // namespace obscura::citadel
