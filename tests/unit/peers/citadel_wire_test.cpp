#include "peers/citadel_wire.hpp"

#include <gtest/gtest.h>

namespace obscura::peers::citadel_wire {
namespace {

using base::Errc;

base::Json json(std::string_view text) { return *base::parse_json(text); }

TEST(CitadelWireTest, StatusDecidesTheError) {
    struct Case {
        unsigned status;
        std::string_view body;
        Errc code;
    };
    constexpr std::string_view problem = R"({"status":400,"code":"c","detail":"d"})";
    Case const cases[] = {{200, "not json", Errc::bad_gateway},
                          {200, "", Errc::bad_gateway},
                          {400, problem, Errc::invalid_argument},
                          {400, "<html>", Errc::internal},
                          {401, problem, Errc::internal},
                          {403, problem, Errc::internal},
                          {404, "", Errc::internal},
                          {413, problem, Errc::internal},
                          {500, problem, Errc::internal},
                          {429, problem, Errc::unavailable},
                          {503, "", Errc::unavailable}};
    for (auto const& c : cases) {
        auto const answer = answer_body(c.status, c.body);
        ASSERT_FALSE(answer) << c.status;
        EXPECT_EQ(answer.error().code, c.code) << c.status;
    }
    EXPECT_TRUE(answer_body(200, "{}"));
}

TEST(CitadelWireTest, AnswersMustFitTheQuestion) {
    std::vector<ports::SignItem> asked(1);
    asked[0].id = "a";
    for (std::string_view const bad :
         {R"({})", R"([])", R"({"items":{}})", R"({"items":[]})", R"({"items":[{"id":"b"}]})",
          R"({"items":[{"id":"a"},{"id":"b"}]})", R"({"items":[7]})"}) {
        auto const read = read_signed(json(bad), asked);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, Errc::bad_gateway);
    }
    // An item that makes no sense fails alone.
    for (std::string_view const bad :
         {R"({"items":[{"id":"a"}]})",
          R"({"items":[{"id":"a","method":"GET","url":"u","headers":[],"body":"",)"
          R"("expires_at":"2026-01-01T00:00:00.000Z"}]})",
          R"({"items":[{"id":"a","method":"GET","url":"u","headers":{"h":1},"body":"",)"
          R"("expires_at":"2026-01-01T00:00:00.000Z"}]})",
          R"({"items":[{"id":"a","method":"GET","url":"u","headers":{},"body":"",)"
          R"("expires_at":"soon"}]})"}) {
        auto const read = read_signed(json(bad), asked);
        ASSERT_TRUE(read) << bad;
        ASSERT_FALSE(read->front()) << bad;
        EXPECT_EQ(read->front().error().code, Errc::bad_gateway);
    }
}

TEST(CitadelWireTest, EveryFieldMustBeSealed) {
    std::map<std::string, base::Secret> asked;
    asked.emplace("a", base::Secret(std::string_view("x")));
    asked.emplace("b", base::Secret(std::string_view("y")));
    EXPECT_TRUE(read_encrypted(json(R"({"encrypted_data":{"a":"nil:1","b":"nil:2"}})"), asked));
    for (std::string_view const bad :
         {R"({})", R"({"encrypted_data":{"a":"nil:1"}})",
          R"({"encrypted_data":{"a":"nil:1","b":""}})", R"({"encrypted_data":{"a":1,"b":2}})"}) {
        EXPECT_FALSE(read_encrypted(json(bad), asked)) << bad;
    }
}

}  // namespace
}  // namespace obscura::peers::citadel_wire
