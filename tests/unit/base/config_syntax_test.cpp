#include "base/config_syntax.hpp"

#include "base/config.hpp"

#include <gtest/gtest.h>

namespace obscura::base {
namespace {

/// "2: must be ...", or "" for a file in order.
std::string complaint(std::string_view toml) {
    auto const wrong = check_config_syntax(toml);
    return wrong ? std::to_string(wrong->line) + ": " + wrong->must : "";
}

TEST(ConfigSyntax, TakesWhatAConfigurationNeeds) {
    for (auto const* const toml :
         {"", "\n\n", "# a comment ü", "[a]", " [ a . b-c ] # why\n", "a = 1", "a.b_c = true\r\n",
          "\"a\".'b.c' = -1_000\n", "a = \"\"", "a = '\\'", "a = \"\\\" # \\u00e4 ü\" # ü",
          "a = []", "a = [1, 'b', \"c\"]", "a = [ # which\n  \"b\", # c\n\n  \"d\",\n]\nb = 1",
          "\xEF\xBB\xBF"
          "a = 2026-11-22T21:30:00Z"})
        EXPECT_EQ(complaint(toml), "") << toml;
}

TEST(ConfigSyntax, SaysWhichLineMustChange) {
    struct Row {
        std::string_view toml;
        std::string_view complaint;
    };
    constexpr std::string_view key = "must have a key of the letters A-Z, a-z, 0-9, _ and -";
    for (auto const& row : {
             Row{"ä = 1", key},
             Row{"a\xff = 1", "must be key = value, or [table]"},
             Row{"\"ä\" = 1", key},
             Row{"\" = 1", key},
             Row{"\"\" = 1", key},
             Row{"'a = 1", key},
             Row{"= 1", key},
             Row{".a = 1", key},
             Row{"a. = 1", key},
             Row{"a..b = 1", key},
             Row{"[]", key},
             Row{"[ä]", key},
             Row{"[a", "must end the name of the table with ]"},
             Row{"[a b]", "must end the name of the table with ]"},
             Row{"[[a]]", "must be [name]: lists of tables are not read"},
             Row{"a", "must be key = value, or [table]"},
             Row{"a b = 1", "must be key = value, or [table]"},
             Row{"a.b.c.d.e.f.g.h.i = 1", "must have at most 8 parts in a key"},
             Row{"a =", "must have a value: \"text\", a number, true, false or a list of them"},
             Row{"a = ä", "must have a value: \"text\", a number, true, false or a list of them"},
             Row{"a = {b = 1}",
                 "must have a value: \"text\", a number, true, false or a list of them"},
             Row{"a = 1ä", "must end after the value; a # begins a comment"},
             Row{"a = 1 b = 2", "must end after the value; a # begins a comment"},
             Row{"[a] b = 1", "must end after the value; a # begins a comment"},
             Row{"a = 1\rb = 2", "must end its lines with a newline"},
             Row{"a = \"b", "must end its text with \" on the same line"},
             Row{"a = \"b\\", "must end its text with \" on the same line"},
             Row{"a = \"b\\\"", "must end its text with \" on the same line"},
             Row{"a = 'b\n'", "must end its text with ' on the same line"},
             Row{"a = \"\"\"b\"\"\"", "must be a text on one line; \\n stands for a newline in it"},
             Row{"a = '''b'''", "must be a text on one line; \\n stands for a newline in it"},
             Row{"a = [1 2]", "must have , or ] after each item"},
             Row{"a = [[1]]", "must not have a list within a list"},
             Row{"a = [,]", "must have a value: \"text\", a number, true, false or a list of them"},
             Row{"a = [1,", "must end its list with ]"},
             Row{"a = [", "must end its list with ]"},
         }) {
        EXPECT_EQ(complaint("[t]\n" + std::string(row.toml)), "2: " + std::string(row.complaint))
            << row.toml;
    }
    EXPECT_EQ(complaint("a = [\n1,\n2\n").substr(0, 3), "4: ");
    EXPECT_EQ(complaint(std::string_view("a = 1\n\0", 7)).substr(0, 3), "2: ");
}

// What toml++ itself does with these is undefined, or ends the process.
TEST(ConfigSyntax, StandsBeforeTheParser) {
    for (auto const* const toml : {"[.a]", "gatewäy = 1", "a = ü", "[tä]", "a = 1 ö", "a = [ä]",
                                   "'a = 1", "\"\n", "a = 1\nü\n"}) {
        std::string value;
        ConfigTable table;
        table.bind("a", value, "any");
        auto const complaints = table.load(toml, "a.toml", {});
        ASSERT_EQ(complaints.size(), 1U) << toml;
        EXPECT_TRUE(complaints[0].starts_with("a.toml: line ")) << complaints[0];
        EXPECT_TRUE(complaints[0].contains(": must ")) << complaints[0];
    }
}

}  // namespace
}  // namespace obscura::base
