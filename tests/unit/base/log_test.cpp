#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <limits>
#include <string>

namespace obscura::base {
namespace {

static_assert(!std::constructible_from<log::Field, std::string_view, Secret const&>);

/// What one call wrote to stderr.
template <class Call>
std::string captured(Call call) {
    ::testing::internal::CaptureStderr();
    call();
    return ::testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneJsonObjectALine) {
    log::start("gateway", log::Level::info, log::Format::json);
    auto const line = captured([] {
        log::warn("copy.unknown", {{"venue", "okx"},
                                   {"text", "a \"b\"\n\xff"},
                                   {"count", 7},
                                   {"ratio", 0.5},
                                   {"live", true},
                                   {"bad", std::numeric_limits<double>::infinity()}});
    });
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    auto const value = parse_json(line);
    ASSERT_TRUE(value) << line;
    auto const body = value->dump();
    auto const time = value->as_object()[0];
    EXPECT_EQ(time.first, "time");
    EXPECT_TRUE(parse_rfc3339(time.second.as_string()));
    EXPECT_EQ(body.substr(body.find(",\"level\"")),
              ",\"level\":\"warn\",\"service\":\"gateway\",\"event\":\"copy.unknown\","
              "\"venue\":\"okx\",\"text\":\"a \\\"b\\\"\\n\xef\xbf\xbd\",\"count\":7,"
              "\"ratio\":0.5,\"live\":true,\"bad\":\"inf\"}");
}

TEST(Log, WritesReadableLinesThatCannotBeForged) {
    log::start("sentinel", log::Level::debug, log::Format::readable);
    auto const line = captured([] {
        log::debug("fill.seen", {{"id", "x1"}, {"note", "two words\nfake=1"}, {"empty", ""}});
    });
    EXPECT_EQ(line.substr(24),
              " debug sentinel fill.seen id=x1 note=\"two words\\nfake=1\" empty=\"\"\n");
}

TEST(Log, LeavesOutWhatIsBelowTheLevel) {
    log::start("x", log::Level::warn, log::Format::json);
    EXPECT_FALSE(log::enabled(log::Level::info));
    EXPECT_TRUE(log::enabled(log::Level::warn));
    EXPECT_EQ(captured([] {
                  log::debug("a");
                  log::info("b");
              }),
              "");
    EXPECT_NE(captured([] { log::error("c"); }), "");
}

}  // namespace
}  // namespace obscura::base
