#include "citadel/notional_book.hpp"
#include "crypto/hex.hpp"
#include "seal_fixture.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;

std::string contents_of(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(std::string const& path, std::string const& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::vector<std::string> lines_of_file(std::string const& path) {
    std::istringstream in(contents_of(path));
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line + "\n");
    return out;
}

/// Takes off the last row and what stands behind it.
void cut_last_row(std::string const& path) {
    auto lines = lines_of_file(path);
    while (lines.back().find(R"("kind":"row")") == std::string::npos) lines.pop_back();
    lines.pop_back();
    std::string text;
    for (auto const& line : lines) text += line;
    overwrite(path, text);
}

struct Folder {
    std::string path =
        std::filesystem::temp_directory_path() / ("obscura-day-" + std::to_string(::getpid()));
    Folder() { std::filesystem::remove_all(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

class NotionalBookTest : public ::testing::Test {
protected:
    NotionalBookTest() { start(); }

    void start(std::string lost_day = "", std::int64_t min_version = 1) {
        stop();
        Keyring::Keys keys;
        keys[0] = base::Secret(std::string_view(std::string(32, 'a')));
        keys[1] = base::Secret(std::string_view(std::string(32, 'b')));
        if (!has_second_) keys[1] = base::Secret();
        keyring_ = std::make_unique<Keyring>(keys, random_,
                                             Keyring::Limits{.min_decrypt_version = min_version});
        log_ = std::make_unique<CallLog>(audit::JournalConfig{.folder = folder_.path}, *keyring_,
                                         clock_, random_);
        book_ = std::make_unique<NotionalBook>(
            NotionalBook::Options{.folder = folder_.path + "/days",
                                  .lost_day = std::move(lost_day),
                                  .key_file = folder_.path + "/audit.key"},
            *log_, *keyring_, clock_, random_);
    }
    void stop() {
        book_.reset();
        log_.reset();
    }
    /// What a killed process leaves: the files as they are now.
    void kill() {
        auto const kept = folder_.path + ".kept";
        std::filesystem::remove_all(kept);
        std::filesystem::copy(folder_.path, kept, std::filesystem::copy_options::recursive);
        stop();
        std::filesystem::remove_all(folder_.path);
        std::filesystem::rename(kept, folder_.path);
    }
    void restart() {
        kill();
        start();
    }
    /// The reason why not; "" for an order that may leave.
    std::string admit(std::string const& account, std::int64_t notional,
                      std::int64_t limit = 6'400) {
        ports::CredentialLimits const limits{.max_daily_notional = base::Decimal(limit)};
        auto const ticket = book_->admit(account, limits, base::Money(notional));
        if (!ticket) return ticket.error().reason;
        auto const counted = obscura::test::run(io_, book_->until_durable(*ticket));
        return counted ? "" : counted.error().reason;
    }
    /// Until the audit log has its mark on the disk.
    void settle() { (void)obscura::test::run(io_, log_->until_durable()); }
    [[nodiscard]] std::string today() const {
        return folder_.path + "/days/" + base::to_rfc3339(clock_.now()).substr(0, 10) + ".log";
    }

    Folder folder_;
    boost::asio::io_context io_;
    base::ManualClock clock_{base::parse_rfc3339("2026-11-29T12:00:00Z").value()};
    base::SeededRandom random_{9};
    bool has_second_ = false;
    std::unique_ptr<Keyring> keyring_;
    std::unique_ptr<CallLog> log_;
    std::unique_ptr<NotionalBook> book_;
};

TEST_F(NotionalBookTest, AKilledProcessGetsNoFreshDay) {
    EXPECT_EQ(admit("a", 6'400), "");
    EXPECT_EQ(admit("b", 600), "");
    for (int i = 0; i < 3; ++i) {
        restart();
        EXPECT_EQ(admit("a", 1), "limit_daily_notional");
        EXPECT_EQ(admit("b", 5'801), "limit_daily_notional");
    }
    EXPECT_EQ(admit("b", 5'800), "");
    restart();
    EXPECT_EQ(admit("b", 1), "limit_daily_notional");
}

// A step of 100 is reserved at a time: what is left of it is lost, and nothing is won.
TEST_F(NotionalBookTest, ARestartCountsAStepTooMuchAndNothingTooLittle) {
    EXPECT_EQ(admit("a", 150), "");
    EXPECT_EQ(admit("a", 50), "");
    EXPECT_EQ(admit("a", 1), "");
    restart();
    EXPECT_EQ(admit("a", 6'101), "limit_daily_notional");
    EXPECT_EQ(admit("a", 6'100), "");
}

TEST_F(NotionalBookTest, AStepIsWrittenOnce) {
    for (int i = 0; i < 300; ++i) EXPECT_EQ(admit("a", 1), "");
    stop();
    EXPECT_EQ(std::ranges::count_if(lines_of_file(today()),
                                    [](auto const& line) {
                                        return line.find(R"("kind":"row")") != std::string::npos;
                                    }),
              3);
}

TEST_F(NotionalBookTest, ANewDayOfUtcIsItsOwn) {
    clock_.advance(12h - 1ms);
    EXPECT_EQ(admit("a", 6'400), "");
    EXPECT_EQ(admit("a", 1), "limit_daily_notional");
    clock_.advance(1ms);
    EXPECT_EQ(admit("a", 6'400), "");
    restart();
    EXPECT_EQ(admit("a", 1), "limit_daily_notional");
    clock_.step_wall(-1ms);  // a clock that is set back finds the day before as it was
    EXPECT_EQ(admit("a", 1), "limit_daily_notional");
    restart();
    EXPECT_EQ(admit("a", 1), "limit_daily_notional");
}

TEST_F(NotionalBookTest, FilesOfOlderDaysAreGone) {
    auto const first = today();
    EXPECT_EQ(admit("a", 1), "");
    for (int day = 0; day < 2; ++day) {
        EXPECT_TRUE(std::filesystem::exists(first));
        clock_.advance(24h);
        EXPECT_EQ(admit("a", 1), "");
    }
    EXPECT_FALSE(std::filesystem::exists(first));
    EXPECT_TRUE(std::filesystem::exists(today()));
}

TEST_F(NotionalBookTest, ACutFileIsNotKnownUntilTheNextDay) {
    EXPECT_EQ(admit("a", 100), "");
    EXPECT_EQ(admit("a", 6'300), "");
    settle();
    kill();
    cut_last_row(today());
    start();
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(admit("a", 1), "limit_day_unknown");
        EXPECT_EQ(admit("never seen", 1), "limit_day_unknown");
        restart();
    }
    clock_.advance(12h);
    EXPECT_EQ(admit("a", 6'400), "");
}

TEST_F(NotionalBookTest, NorIsOneThatIsGone) {
    EXPECT_EQ(admit("a", 100), "");
    settle();
    kill();
    std::filesystem::remove(today());
    start();
    EXPECT_EQ(admit("a", 1), "limit_day_unknown");
}

TEST_F(NotionalBookTest, NorOneThatWasAlteredOrDoesNotOpen) {
    EXPECT_EQ(admit("a", 100), "");
    kill();
    auto text = contents_of(today());
    text[text.find("nil:v1:") + 20] ^= 1;
    overwrite(today(), text);
    start();
    EXPECT_NE(book_->unknown().find("did not hold"), std::string::npos) << book_->unknown();
    EXPECT_EQ(admit("a", 1), "limit_day_unknown");
}

TEST_F(NotionalBookTest, NorOneOfAKeyThatWasRetired) {
    EXPECT_EQ(admit("a", 100), "");
    kill();
    has_second_ = true;
    start("", 1);
    EXPECT_EQ(admit("a", 100), "");  // both versions are in the file
    kill();
    start("", 2);
    EXPECT_EQ(admit("a", 1), "limit_day_unknown");
}

TEST_F(NotionalBookTest, NorOneWhoseAuditLogIsGone) {
    EXPECT_EQ(admit("a", 100), "");
    settle();
    kill();
    std::filesystem::remove(folder_.path + "/audit.log");
    start();
    EXPECT_EQ(admit("a", 1), "limit_day_unknown");
}

TEST_F(NotionalBookTest, AnOperatorMayAcceptALostDay) {
    EXPECT_EQ(admit("a", 3'200), "");
    EXPECT_EQ(admit("a", 1'600), "");
    settle();
    kill();
    cut_last_row(today());
    start("2026-11-28");
    EXPECT_EQ(admit("a", 1), "limit_day_unknown") << "another day's word";
    kill();
    start("2026-11-29");
    EXPECT_EQ(admit("a", 3'201), "limit_daily_notional") << "what is known counts";
    EXPECT_EQ(admit("a", 3'200), "");
    settle();
    restart();  // the setting is taken out again
    EXPECT_EQ(admit("a", 1), "limit_daily_notional");
}

TEST_F(NotionalBookTest, TheFileTellsNothingOfAnybody) {
    std::string const account = "tenant|user|binance|live|follow|connection";
    EXPECT_EQ(admit(account, 1'234), "");
    stop();
    auto const text = contents_of(today());
    for (std::string const secret : {"tenant", "connection", "1234", "1300", "6400"})
        EXPECT_EQ(text.find(secret), std::string::npos) << secret;
}

TEST_F(NotionalBookTest, WhatIsNotOnTheDiskInTimeIsRefused) {
    EXPECT_EQ(admit("a", 100), "");
    {
        std::signal(SIGXFSZ, SIG_IGN);
        struct rlimit before{};
        ::getrlimit(RLIMIT_FSIZE, &before);
        auto full = before;
        full.rlim_cur = std::filesystem::file_size(today()) + 10;
        ::setrlimit(RLIMIT_FSIZE, &full);
        EXPECT_EQ(admit("a", 100), "limit_ledger_unavailable");
        EXPECT_EQ(admit("a", 100), "limit_ledger_unavailable");
        ::setrlimit(RLIMIT_FSIZE, &before);
    }
    std::string last = "limit_ledger_unavailable";
    for (int i = 0; i < 200 && last == "limit_ledger_unavailable"; ++i) {
        std::this_thread::sleep_for(10ms);
        last = admit("a", 100);
    }
    EXPECT_EQ(last, "");
    restart();
    EXPECT_EQ(admit("a", 6'101), "limit_daily_notional");
    EXPECT_EQ(admit("a", 6'100), "");
}

/// Through the route: what is answered has been counted on the disk before.
class DayRouteTest : public test::SealTest {
protected:
    DayRouteTest() {
        auto config = test::config();
        config.audit.folder = folder_.path;
        limited_ =
            std::make_unique<Service>(std::move(config), clock_, random_, metrics_, &prices_);
        router_ = limited_->router();
        auto const key = sealing_key();
        auto const b = binding(key.id);
        auto json = content(b);
        json.set("limits", Json::object({{"max_daily_notional", "6400"}}));
        credentials_ = open(request(seal(key, b, json.dump()))).body["encrypted_data"];
    }
    ~DayRouteTest() override {
        router_ = {};
        limited_.reset();
    }
    [[nodiscard]] Json order(std::string const& id, std::string const& side,
                             std::string const& quantity) {
        auto operation = test::place_order();
        operation.set("side", side);
        operation.set("quantity", quantity);
        operation.set("client_order_id", id);
        auto asked = item(id, std::move(operation));
        asked.set("credentials", credentials_);
        asked.set("context", context_of_connection());
        return asked;
    }
    [[nodiscard]] std::vector<std::string> outcomes(Json::Array items) {
        auto const answer = sign("conductor", std::move(items));
        std::vector<std::string> out;
        for (auto const& made : answer.body["items"].as_array())
            out.push_back(made["url"].is_string() ? "signed" : made["error"]["code"].as_string());
        return out;
    }
    [[nodiscard]] std::string file() const {
        return folder_.path + "/days/" + base::to_rfc3339(clock_.now()).substr(0, 10) + ".log";
    }

    Folder folder_;
    std::unique_ptr<Service> limited_;
    Json credentials_;
};

TEST_F(DayRouteTest, ASignatureLeavesOnceItIsCountedOnTheDisk) {
    using Outcomes = std::vector<std::string>;
    for (int i = 0; i < 20; ++i) {
        auto const id = std::to_string(i);
        ASSERT_EQ(outcomes({order(id, "buy", "0.002")}), Outcomes{"signed"});
        auto const text = contents_of(file());
        ASSERT_NE(text.find("\"row\":" + std::to_string(i + 1) + ","), text.npos);
    }
}

// The file alone: the audit log of the same disk would refuse the order before.
TEST_F(DayRouteTest, ADiskThatRefusesHoldsUpNoExit) {
    Json::Array items{order("1", "buy", "0.01"), order("2", "sell", "0.01")};
    std::filesystem::resize_file(file(), 0);  // citadel writes no more to it
    EXPECT_EQ(outcomes(std::move(items)),
              (std::vector<std::string>{"limit_ledger_unavailable", "signed"}));
}

// 105 reserve 200: the second order has no row of its own, and leaves no earlier for that.
TEST_F(DayRouteTest, ASecondOrderOfAStepWaitsForTheRowOfTheFirst) {
    Json::Array items{order("1", "buy", "0.0021"), order("2", "buy", "0.001")};
    std::filesystem::resize_file(file(), 0);
    std::string const refused = "limit_ledger_unavailable";
    EXPECT_EQ(outcomes(std::move(items)), (std::vector{refused, refused}));
}

}  // namespace
}  // namespace obscura::citadel
