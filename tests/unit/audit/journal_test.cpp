#include "audit/journal.hpp"

#include "log_fixture.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

namespace obscura::audit {
namespace {

using namespace std::chrono_literals;
using base::Json;

class JournalTest : public ::testing::Test {
protected:
    JournalTest() { std::filesystem::remove_all(folder_); }
    ~JournalTest() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::unique_ptr<Journal> open(JournalConfig config = {}, std::uint8_t key = 1) {
        config.folder = folder_;
        return std::make_unique<Journal>(config, test::key_of(key), clock_, random_);
    }
    static Json call(int i) { return Json::object({{"kind", "call"}, {"number", i}}); }
    [[nodiscard]] std::string text() const {
        std::ifstream in(folder_ + "/audit.log", std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    [[nodiscard]] std::uintmax_t size() const {
        std::error_code none_yet;
        auto const size = std::filesystem::file_size(folder_ + "/audit.log", none_yet);
        return none_yet ? 0 : size;
    }
    void write(std::string const& text) const {
        std::ofstream(folder_ + "/audit.log", std::ios::binary | std::ios::trunc) << text;
    }

    std::string folder_ =
        std::filesystem::temp_directory_path() / ("obscura-journal-" + std::to_string(::getpid()));
    base::ManualClock clock_{base::from_unix_ms(1'764'000'000'000)};
    base::SeededRandom random_{7};
};

TEST_F(JournalTest, WhatIsAppendedIsThereAndSigned) {
    {
        auto const journal = open();
        for (int i = 0; i < 1'000; ++i) (void)journal->append(call(i));
        journal->flush();
        EXPECT_EQ(journal->standing(), Standing::good);
    }
    auto const report = test::check_text(text());
    EXPECT_FALSE(report.finding);
    EXPECT_EQ(report.unsigned_entries, 0);
    EXPECT_GE(report.heads, 1'000 / 256);
    EXPECT_EQ(report.entries, 1'000 + 1 + report.heads);
}

TEST_F(JournalTest, EntriesComeInGroups) {
    auto const journal = open({.flush_interval = 500ms});
    auto const begun = std::chrono::steady_clock::now();
    auto last = journal->append(call(0));
    journal->flush();
    for (int i = 0; i < 2'000; ++i) last = journal->append(call(i));
    EXPECT_FALSE(journal->is_durable(last)) << "the next group is not due yet";
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 450ms) << "and nobody waited for it";
}

TEST_F(JournalTest, WhatSomebodyWaitsForDoesNotWaitForItsGroup) {
    auto const journal = open({.flush_interval = 10min});
    (void)journal->append(call(0));
    journal->flush();  // the next group is due in ten minutes
    for (int i = 1; i < 4; ++i) {
        std::promise<void> settled;
        auto const ticket = journal->append(call(i));
        journal->when_settled(ticket, [&] { settled.set_value(); });
        ASSERT_EQ(settled.get_future().wait_for(30s), std::future_status::ready);
        EXPECT_TRUE(journal->is_durable(ticket));
        bool is_told_at_once = false;
        journal->when_settled(ticket, [&] { is_told_at_once = true; });
        EXPECT_TRUE(is_told_at_once);
    }
}

TEST_F(JournalTest, AHeadIsDueAfterAWhile) {
    auto const journal = open({.head_interval = 20ms});
    auto const before = journal->head().head.sequence;
    (void)journal->append(call(0));
    for (int i = 0; i < 200 && journal->head().head.sequence == before; ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_GT(journal->head().head.sequence, before);
}

TEST_F(JournalTest, ATornLineIsMendedWithoutBreakingTheChain) {
    {
        (void)open()->append(call(0));
    }
    auto const whole = text();
    for (auto const cut : {1UL, 30UL, 70UL}) {
        write(whole.substr(0, whole.size() - cut));
        {
            (void)open()->append(call(1));
        }
        auto const report = test::check_text(text());
        ASSERT_FALSE(report.finding) << cut;
        EXPECT_EQ(report.torn_bytes, 0U);
        EXPECT_NE(text().find("\"torn_bytes\":"), std::string::npos);
    }
}

// Whoever can write the file links an entry of his own to its end, and the next start signs it.
TEST_F(JournalTest, WhatAStartFindsUnsignedIsTold) {
    (void)open()->append(call(0));
    (void)open()->append(call(1));
    auto const whole = test::check_text(text());
    ASSERT_FALSE(whole.finding);
    EXPECT_EQ(whole.adopted_entries, 0) << "an end leaves nothing without a head";
    auto const entry =
        R"({"sequence":)" + std::to_string(whole.entries + 1) + R"(,"kind":"call","number":2})";
    write(text() + to_text({.link = chain_link(whole.link, entry), .entry = entry}));
    (void)open()->append(call(3));
    auto const report = test::check_text(text());
    ASSERT_FALSE(report.finding);
    EXPECT_EQ(report.unsigned_entries, 0);
    EXPECT_EQ(report.adopted_entries, 1);
}

TEST_F(JournalTest, ALogThatDoesNotHoldIsPutAside) {
    {
        (void)open()->append(call(0));
    }
    auto altered = text();
    altered[altered.find("number\":0") + 8] = '1';
    write(altered);
    {
        auto const journal = open();
        EXPECT_EQ(journal->put_aside(), "entry 3: edited");
        (void)journal->append(call(1));
    }
    EXPECT_FALSE(test::check_text(text()).finding);
    EXPECT_NE(text().find("\"fault\":\"entry 3: edited\""), std::string::npos);
    std::ifstream in(folder_ + "/audit.log.broken-1", std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), altered);
    {
        EXPECT_EQ(open({}, 2)->put_aside(), "entry 1: another_log");
    }
}

TEST_F(JournalTest, OneProcessWritesALog) {
    auto const journal = open();
    EXPECT_THROW((void)open(), std::system_error);
}

TEST_F(JournalTest, AFileTakenAwayIsNoticed) {
    auto const journal = open();
    std::filesystem::rename(folder_ + "/audit.log", folder_ + "/elsewhere");
    std::filesystem::remove(folder_ + "/elsewhere");
    (void)journal->append(call(0));
    journal->flush();
    EXPECT_EQ(journal->standing(), Standing::failing);
}

// Killed at any moment: what the next start finds is a chain, with a torn line at most, and it goes
// on with it.
TEST_F(JournalTest, KilledAtAnyMomentItGoesOn) {
    for (int round = 0; round < 10; ++round) {
        auto const child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto const journal = open({.flush_interval = 1ms});
            for (int i = 0;; ++i) {
                (void)journal->append(call(i));
                if (i % 20 == 0) ::usleep(200);
            }
        }
        auto const before = size();
        while (size() < before + 5'000) std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(std::chrono::milliseconds(7 * round));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        EXPECT_EQ(test::verdict(text()), "");
    }
    EXPECT_EQ(open()->put_aside(), "");
    auto const report = test::check_text(text());
    EXPECT_FALSE(report.finding);
    EXPECT_GT(report.entries, 10 + 10);
}

}  // namespace
}  // namespace obscura::audit
