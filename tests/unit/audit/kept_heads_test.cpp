// A log held to heads that a witness has kept.
#include "log_fixture.hpp"

#include <gtest/gtest.h>

namespace obscura::audit {
namespace {

using namespace std::chrono_literals;

struct KeptHeadsTest : ::testing::Test {
    test::Log log;
    std::vector<SignedHead> kept;

    /// A few entries and what the witness saw behind each two of them.
    KeptHeadsTest() {
        for (int i = 0; i < 6; ++i) {
            log.call("sign");
            log.call("sign");
            log.at += 1s;
            log.head();
            kept.push_back(log.head_now());
        }
        std::swap(kept.front(), kept.back());  // in no order
    }
    [[nodiscard]] std::string verdict(std::vector<std::string> const& lines) const {
        return test::verdict(test::text_of(lines), {.heads = kept});
    }
    [[nodiscard]] Report report() const {
        return test::check_text(test::text_of(log.lines), {.heads = kept});
    }
};

TEST_F(KeptHeadsTest, AWholeLogHasBeenAllOfThem) {
    EXPECT_EQ(verdict(log.lines), "");
    EXPECT_EQ(report().heads_kept, 6);
    EXPECT_EQ(report().heads_ignored, 0);
}

TEST_F(KeptHeadsTest, ALogThatWasCutHasNot) {
    auto cut = log.lines;
    cut.pop_back();
    EXPECT_EQ(verdict(cut), "truncated " + std::to_string(log.lines.size()));
}

// Set back to an earlier copy, and written on since: longer than what was kept, and another.
TEST_F(KeptHeadsTest, NorHasOneThatWasSetBackAndGrewSince) {
    test::Log back;
    back.call("sign");
    back.call("sign");
    back.at += 1s;
    back.head();
    for (int i = 0; i < 30; ++i) {
        back.call("decrypt");
        back.at += 1min;
        back.head();
    }
    ASSERT_GT(back.lines.size(), log.lines.size());
    EXPECT_EQ(verdict(back.lines), "rewritten 7");  // the second head; the first one it was
}

TEST_F(KeptHeadsTest, AnotherLogInItsPlaceIsFound) {
    test::Log other;
    other.lines.clear();
    other.link = chain_start();
    other.id = base::Uuid{{9}};
    other.add(base::Json::object({{"kind", "open"},
                                  {"log", other.id.to_string()},
                                  {"key", other.key_text()},
                                  {"head_entries", 4}}));
    other.call("sign");
    EXPECT_EQ(verdict(other.lines), "another_log 1");
    // Once its own heads are kept it is the one that is written; the others were of before.
    other.at = log.at + 1h;
    other.head();
    kept.push_back(other.head_now());
    EXPECT_EQ(verdict(other.lines), "");
    auto const known = test::check_text(test::text_of(other.lines), {.heads = kept});
    EXPECT_EQ(known.heads_kept, 1);
    EXPECT_EQ(known.heads_ignored, 6);
}

TEST_F(KeptHeadsTest, WhatNobodySignedProvesNothing) {
    auto false_head = log.head_now();
    false_head.head.sequence += 100;
    kept.push_back(false_head);
    EXPECT_EQ(report().heads_ignored, 1);
    EXPECT_EQ(verdict(log.lines), "");
}

TEST_F(KeptHeadsTest, AHeadOfAnotherKeyIsAnObjectionUnlessTheKeyIsKnown) {
    auto const stranger = test::key_of(2);
    kept.push_back(sign(log.head_now().head, stranger));
    EXPECT_EQ(verdict(log.lines), "another_log 1");
    auto const known = test::check_text(test::text_of(log.lines),
                                        {.key = log.key.public_key().bytes(), .heads = kept});
    EXPECT_FALSE(known.finding);
    EXPECT_EQ(known.heads_ignored, 1);
}

}  // namespace
}  // namespace obscura::audit
