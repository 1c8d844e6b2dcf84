// A log over several files: begun when one is full or old, and checked together.
#include "audit/journal.hpp"
#include "log_fixture.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace obscura::audit {
namespace {

using namespace std::chrono_literals;
using base::Json;
namespace fs = std::filesystem;

std::string text_of_file(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class LogFilesTest : public ::testing::Test {
protected:
    LogFilesTest() { fs::remove_all(folder_); }
    ~LogFilesTest() override { fs::remove_all(folder_); }

    [[nodiscard]] std::unique_ptr<Journal> open(std::int64_t file_bytes = 2'000,
                                                EntryReader reader = {}) {
        return std::make_unique<Journal>(JournalConfig{.folder = folder_,
                                                       .flush_interval = 1ms,
                                                       .file_bytes = file_bytes,
                                                       .is_daily = true},
                                         test::key_of(1), clock_, random_, std::move(reader));
    }
    void add(Journal& journal, int count) {
        for (int i = 0; i < count; ++i) {
            (void)journal.append(
                Json::object({{"kind", "call"}, {"at", base::to_rfc3339(clock_.now())}}));
            journal.flush();
        }
    }
    /// Some files, the last of them not full.
    std::vector<std::string> files() {
        {
            auto const journal = open();
            add(*journal, 50);
        }
        auto out = files_of_log(folder_);
        EXPECT_GE(out.size(), 4U);
        return out;
    }
    static std::string fault_of(Report const& report) {
        return report.finding ? std::string(to_string(report.finding->fault)) + " " +
                                    std::to_string(report.finding->sequence)
                              : "";
    }
    /// The last entry of these files, and its place.
    static Known::Place end_of(std::vector<std::string> const& files) {
        auto const report = check_files(files, {});
        EXPECT_EQ(fault_of(report), "");
        return {report.entries, report.link};
    }

    std::string folder_ =
        fs::temp_directory_path() / ("obscura-log-files-" + std::to_string(::getpid()));
    base::ManualClock clock_{base::from_unix_ms(1'764'000'000'000)};
    base::SeededRandom random_{7};
};

TEST_F(LogFilesTest, AFullFileIsFollowedByTheNext) {
    auto const all = files();
    auto const report = check_files(all, {.key = test::key_of(1).public_key().bytes()});
    EXPECT_EQ(fault_of(report), "");
    EXPECT_EQ(report.unsigned_entries, 0);
    EXPECT_EQ(report.entries, 50 + 1 + report.heads);
    for (auto const& file : all) EXPECT_LT(fs::file_size(file), 3'000U);
    EXPECT_EQ(fs::path(all.back()).filename(), "audit.log");
}

TEST_F(LogFilesTest, ANewDayBeginsOneToo) {
    auto const journal = open(1 << 20);
    add(*journal, 3);
    clock_.advance(23h);
    add(*journal, 1);
    EXPECT_EQ(files_of_log(folder_).size(), 2U);
    add(*journal, 3);
    EXPECT_EQ(files_of_log(folder_).size(), 2U);
}

TEST_F(LogFilesTest, AFileThatIsMissingIsFound) {
    auto all = files();
    auto const next = end_of({all[0]}).sequence + 1;
    all.erase(all.begin() + 1);
    EXPECT_EQ(fault_of(check_files(all, {})), "deleted " + std::to_string(next));
}

TEST_F(LogFilesTest, SoAreFilesThatChangedPlacesAndOneThatWasCut) {
    auto const all = files();
    auto swapped = all;
    std::swap(swapped[1], swapped[2]);
    EXPECT_TRUE(check_files(swapped, {}).finding);
    auto const end = end_of({all[0], all[1]}).sequence;
    auto text = text_of_file(all[1]);
    text.resize(text.rfind('\n', text.size() - 2) + 1);
    std::ofstream(all[1], std::ios::trunc | std::ios::binary) << text;
    EXPECT_EQ(fault_of(check_files(all, {})), "deleted " + std::to_string(end));
    text.resize(text.size() - 5);
    std::ofstream(all[1], std::ios::trunc | std::ios::binary) << text;
    EXPECT_EQ(fault_of(check_files(all, {})), "edited " + std::to_string(end - 1));
}

TEST_F(LogFilesTest, OldOnesMayBeMovedAwayByWhoKeepsTheirEnd) {
    auto const all = files();
    std::vector<std::string> const moved(all.begin(), all.begin() + 2);
    std::vector<std::string> const left(all.begin() + 2, all.end());
    auto const end = end_of(moved);
    EXPECT_EQ(fault_of(check_files(left, {})), "deleted 1");
    auto const report = check_files(left, {.after = end});
    EXPECT_EQ(fault_of(report), "");
    EXPECT_EQ(report.first, end.sequence + 1);
    EXPECT_EQ(report.entries, end_of(all).sequence);
    auto other = end;
    other.link[0] ^= 1;
    EXPECT_EQ(fault_of(check_files(left, {.after = other})),
              "rewritten " + std::to_string(end.sequence));
    EXPECT_EQ(fault_of(check_files(left, {.after = end_of({all[0]})})),
              "deleted " + std::to_string(end_of({all[0]}).sequence + 1))
        << "one more than was moved is gone";
    EXPECT_EQ(fault_of(check_files(all, {.after = end})), "reordered 1");
}

TEST_F(LogFilesTest, AStartReadsTheLastFileOnlyAndGoesOn) {
    auto const all = files();
    std::int64_t read = 0;
    {
        auto const journal = open(2'000, [&](Json const&) { ++read; });
        add(*journal, 20);
        EXPECT_EQ(journal->put_aside(), "");
    }
    EXPECT_LT(read, 12);
    EXPECT_EQ(fault_of(check_files(files_of_log(folder_), {})), "");
}

// A crash between two files leaves none that is written, or one without a whole line.
TEST_F(LogFilesTest, ACrashBetweenTwoFilesIsMended) {
    auto const all = files();
    for (std::string const left : {"", "0123"}) {
        fs::remove(all.back());
        if (!left.empty()) std::ofstream(all.back()) << left;
        auto const end = end_of({all.begin(), all.end() - 1});
        auto const left_unsigned = check_files({all.begin(), all.end() - 1}, {}).unsigned_entries;
        {
            auto const journal = open();
            EXPECT_EQ(journal->put_aside(), "");
            add(*journal, 2);
        }
        auto const report = check_files(files_of_log(folder_), {.place = end});
        EXPECT_EQ(fault_of(report), "");
        EXPECT_GT(report.entries, end.sequence);
        EXPECT_EQ(report.adopted_entries, left_unsigned);
        EXPECT_GT(left_unsigned, 0);
    }
}

TEST_F(LogFilesTest, AFileTellsAtItsBeginningWhatIsCarried) {
    {
        auto const journal = open();
        journal->carry(Json::object({{"day", "2026-11-29"}}));
        add(*journal, 20);
    }
    auto const text = text_of_file(files_of_log(folder_).back());
    EXPECT_NE(text.substr(0, text.find('\n')).find(R"("carried":{"day":"2026-11-29"})"), text.npos);
}

TEST_F(LogFilesTest, FilesOfAnotherLogAreNotOfThisOne) {
    auto const first = files();
    std::ofstream(folder_ + "/audit.log", std::ios::app) << "spoiled\n";
    std::string aside;
    {
        auto const journal = open();
        aside = journal->put_aside();
        add(*journal, 1);
    }
    EXPECT_NE(aside, "");
    EXPECT_EQ(files_of_log(folder_), std::vector<std::string>{folder_ + "/audit.log"});
}

TEST_F(LogFilesTest, WhereNoNextFileCanBeBegunTheOldOneGoesOn) {
    fs::create_directories(folder_);
    LogFile file(folder_ + "/a.log");
    EXPECT_FALSE(file.append("one\n"));
    EXPECT_TRUE(file.begin_next(folder_ + "/nowhere/b.log"));
    EXPECT_FALSE(file.append("two\n"));
    EXPECT_EQ(text_of_file(folder_ + "/a.log"), "one\ntwo\n");
    EXPECT_FALSE(file.begin_next(folder_ + "/b.log"));
    EXPECT_FALSE(file.append("three\n"));
    EXPECT_EQ(text_of_file(folder_ + "/a.log"), "three\n");
    EXPECT_EQ(text_of_file(folder_ + "/b.log"), "one\ntwo\n");
}

}  // namespace
}  // namespace obscura::audit
