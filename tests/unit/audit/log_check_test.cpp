#include "log_fixture.hpp"

#include <gtest/gtest.h>

namespace obscura::audit {
namespace {

using test::Log;
using test::text_of;
using test::verdict;

/// An opening, six calls, heads after the second and the last: nine entries.
Log small_log() {
    Log log;
    log.call("encrypt");
    log.call("sign");
    log.head();
    for (auto const* operation : {"sign", "decrypt", "rewrap", "sign"}) log.call(operation);
    log.head();
    return log;
}

Known known_of(Log const& log) {
    return {.key = log.key.public_key().bytes(), .head = log.head_now()};
}

Known::Place end_of(Log const& log) {
    return {.sequence = static_cast<std::int64_t>(log.lines.size()), .link = log.link};
}

TEST(LogCheckTest, AWholeLogHolds) {
    auto const log = small_log();
    auto const report = test::check_text(text_of(log.lines), known_of(log));
    ASSERT_FALSE(report.finding) << report.finding->detail;
    EXPECT_EQ(report.entries, 9);
    EXPECT_EQ(report.heads, 2);
    EXPECT_EQ(report.unsigned_entries, 0);
    EXPECT_EQ(report.log, log.id);
    EXPECT_EQ(report.link, log.link);
    EXPECT_EQ(report.last_head->head.sequence, 8);
    EXPECT_EQ(verdict(text_of(log.lines)), "") << "nothing known from elsewhere";
}

TEST(LogCheckTest, EveryByteChangedIsFound) {
    auto const log = small_log();
    auto const text = text_of(log.lines);
    std::int64_t sequence = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (char const bit : {1, 32}) {  // another digit; the other case
            auto altered = text;
            altered[i] ^= bit;
            auto const report = test::check_text(altered, {.place = end_of(log)});
            ASSERT_TRUE(report.finding) << i;
            EXPECT_EQ(report.finding->sequence, sequence) << i;
            // Two lines in one, or half a line, are another thing than an entry that was changed.
            if (sequence < 9) EXPECT_EQ(report.finding->fault, Fault::edited) << i;
        }
        if (text[i] == '\n') ++sequence;
    }
}

TEST(LogCheckTest, EveryDeletionIsFound) {
    auto const log = small_log();
    for (std::size_t first = 0; first < log.lines.size(); ++first) {
        for (std::size_t last = first; last < log.lines.size(); ++last) {
            auto lines = log.lines;
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                        lines.begin() + static_cast<std::ptrdiff_t>(last) + 1);
            bool const is_end = last + 1 == log.lines.size() && first > 0;
            EXPECT_EQ(verdict(text_of(lines), known_of(log)),
                      (is_end ? "truncated " : "deleted ") + std::to_string(first + 1));
        }
    }
}

TEST(LogCheckTest, EverySwapIsFound) {
    auto const log = small_log();
    for (std::size_t i = 0; i < log.lines.size(); ++i) {
        for (std::size_t j = i + 1; j < log.lines.size(); ++j) {
            auto lines = log.lines;
            std::swap(lines[i], lines[j]);
            EXPECT_EQ(verdict(text_of(lines)), "reordered " + std::to_string(i + 1));
        }
    }
}

TEST(LogCheckTest, AnEntryTwiceIsFound) {
    auto lines = small_log().lines;
    lines.insert(lines.begin() + 5, lines[2]);
    EXPECT_EQ(verdict(text_of(lines)), "reordered 6");
}

TEST(LogCheckTest, EveryCutIsFoundByAHeadAndTornLinesAreTold) {
    auto const log = small_log();
    auto const text = text_of(log.lines);
    for (std::size_t size = 0; size < text.size(); ++size) {
        auto const cut = text.substr(0, size);
        EXPECT_NE(verdict(cut, {.place = end_of(log)}), "") << size;
        auto const alone = test::check_text(cut);
        bool const has_an_entry = size >= log.lines[0].size();
        EXPECT_EQ(alone.finding.has_value(), !has_an_entry) << size;
        if (has_an_entry) {
            EXPECT_EQ(alone.torn_bytes, size - 1 - cut.rfind('\n')) << size;
        }
    }
}

// Whoever can write the file can link it anew; what he cannot do is sign.
TEST(LogCheckTest, ALogMadeAnewIsFoundByItsHeads) {
    Log const real = small_log();
    Log made;
    made.call("encrypt");
    made.call("nothing");
    made.lines.reserve(real.lines.size());
    auto const& head = real.lines[3];
    auto const signature = base::parse_json(line_of(head.substr(0, head.size() - 1))->entry);
    made.add(base::Json::object({{"kind", "head"},
                                 {"at", base::to_rfc3339(made.at)},
                                 {"signature", (*signature)["signature"]}}));
    EXPECT_EQ(verdict(text_of(made.lines)), "wrong_signature 4");
}

TEST(LogCheckTest, ALogWithoutItsHeadsIsFound) {
    Log made;
    for (int i = 0; i < 3; ++i) made.call("sign");
    EXPECT_EQ(verdict(text_of(made.lines)), "") << "four entries may wait for a head";
    made.call("sign");
    EXPECT_EQ(verdict(text_of(made.lines)), "unsigned_run 5");
}

TEST(LogCheckTest, AnotherKeyIsNotTheLogs) {
    auto const log = small_log();
    auto const other = test::key_of(2).public_key().bytes();
    EXPECT_EQ(verdict(text_of(log.lines), {.key = other}), "another_log 1");
    auto known = known_of(log);
    known.key = other;
    EXPECT_EQ(verdict(text_of(log.lines), known), "wrong_signature 9")
        << "the head, before all else";
    auto head = log.head_now();
    head.head.log = base::Uuid{{9}};
    EXPECT_EQ(verdict(text_of(log.lines), {.head = sign(head.head, log.key)}), "another_log 1");
}

TEST(LogCheckTest, AnEarlierHeadFindsWhatWasWrittenAnewAfterARollBack) {
    auto log = small_log();
    auto const head = log.head_now();
    auto const place = end_of(log);
    Log other;
    other.call("encrypt");
    other.call("decrypt");
    other.head();
    EXPECT_EQ(verdict(text_of(other.lines), {.head = head}), "truncated 5");
    for (int i = 0; i < 4; ++i) other.call("sign");
    other.head();
    EXPECT_EQ(verdict(text_of(other.lines)), "") << "it is well made";
    EXPECT_EQ(verdict(text_of(other.lines), {.head = head}), "rewritten 9");
    EXPECT_EQ(verdict(text_of(other.lines), {.place = place}), "rewritten 9");
    log.call("sign");
    EXPECT_EQ(verdict(text_of(log.lines), {.head = head, .place = place}), "");
}

// Its head is of the entries before it: what the file says of them besides must be the same.
TEST(LogCheckTest, AFileGoesOnFromTheEntryBeforeIt) {
    auto const going_on = [](std::string_view field, base::Json value) {
        auto log = small_log();
        auto entry = base::Json::object({{"kind", "continue"},
                                         {"at", base::to_rfc3339(log.at)},
                                         {"log", log.id.to_string()},
                                         {"key", log.key_text()},
                                         {"head_entries", 4},
                                         {"link", crypto::hex_encode(log.link)},
                                         {"signature", to_json(log.head_now())["signature"]}});
        if (!field.empty()) entry.set(field, std::move(value));
        log.add(std::move(entry));
        return verdict(text_of(log.lines));
    };
    EXPECT_EQ(going_on("", {}), "");
    EXPECT_EQ(going_on("link", crypto::hex_encode(chain_start())), "edited 10");
    EXPECT_EQ(going_on("log", base::Uuid{{9}}.to_string()), "another_log 10");
    auto const other = crypto::hex_encode(test::key_of(2).public_key().bytes());
    EXPECT_EQ(going_on("key", other), "another_log 10");
    EXPECT_EQ(going_on("signature", std::string(128, '0')), "wrong_signature 10");
}

TEST(LogCheckTest, WhatIsNoLog) {
    EXPECT_EQ(verdict(""), "deleted 1");
    EXPECT_EQ(verdict("\n"), "edited 1");
    EXPECT_EQ(verdict(std::string(1 << 20, 'a')), "edited 1");
    auto log = small_log();
    log.add(base::Json::object({{"text", std::string(max_line, 'x')}}));
    EXPECT_EQ(verdict(text_of(log.lines)), "edited 10") << "longer than any entry";
    Log headless;
    headless.lines.clear();
    headless.link = chain_start();
    headless.call("sign");
    EXPECT_EQ(verdict(text_of(headless.lines)), "edited 1") << "no opening";
}

TEST(HeadTest, AsJsonAndBack) {
    auto const head = small_log().head_now();
    auto const read = head_from_json(to_json(head));
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(*read), to_json(head));
    for (auto const* member : {"log", "sequence", "link", "at", "signature", "key"}) {
        auto json = to_json(head);
        json.set(member, "?");
        EXPECT_FALSE(head_from_json(json)) << member;
    }
}

}  // namespace
}  // namespace obscura::audit
