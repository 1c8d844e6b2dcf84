#include "base/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace obscura::base {
namespace {

using namespace std::chrono_literals;
using Complaints = std::vector<std::string>;

/// One setting of every type.
struct Settings {
    std::string host = "127.0.0.1";
    bool secure = true;
    std::int64_t offset = -1;
    std::uint16_t port = 8000;
    std::size_t limit = 100;
    std::chrono::milliseconds timeout = 1500ms;
    std::vector<std::string> venues{"paper"};
    Secret key;
    ConfigTable table;

    Settings() {
        table.bind("gateway.host", host, "address", [](std::string const& value) {
            return value.empty() ? std::optional<std::string>("must not be empty") : std::nullopt;
        });
        table.bind("gateway.secure", secure, "TLS");
        table.bind("gateway.offset", offset, "any integer", {.min = -10});
        table.bind("gateway.port", port, "TCP port");
        table.bind("gateway.limit", limit, "requests");
        table.bind("gateway.timeout", timeout, "a | b", {.min = 1, .max = 60'000});
        table.bind("gateway.venues", venues, "venues", [](std::string const& value) {
            return value.size() > 9 ? std::optional<std::string>("must be short") : std::nullopt;
        });
        table.bind("gateway.db.key", key, "key", [](std::string const& value) {
            return value.size() < 4 ? std::optional<std::string>("must have 4 bytes")
                                    : std::nullopt;
        });
        table.alias("THE_KEY");
    }
    Complaints load(std::string_view toml, Environment const& environment = {}) {
        return table.load(toml, "gateway.toml", environment);
    }
};

TEST(Config, NothingGivenKeepsTheDefaults) {
    Settings s;
    EXPECT_EQ(s.load(""), Complaints{});
    EXPECT_EQ(s.host, "127.0.0.1");
    EXPECT_EQ(s.port, 8000);
    EXPECT_EQ(s.timeout, 1500ms);
    EXPECT_TRUE(s.key.empty());
}

TEST(Config, TheFileSetsEveryType) {
    Settings s;
    EXPECT_EQ(s.load("[gateway]\nhost = \"::\"\nsecure = false\noffset = -10\nport = 65535\n"
                     "limit = 9223372036854775807\ntimeout = \"1m\"\nvenues = [\"a,b\", \"c\"]\n"
                     "db.key = \"hunter2\"\n"),
              Complaints{});
    EXPECT_EQ(s.host, "::");
    EXPECT_FALSE(s.secure);
    EXPECT_EQ(s.offset, -10);
    EXPECT_EQ(s.port, 65535);
    EXPECT_EQ(s.limit, 9223372036854775807U);
    EXPECT_EQ(s.timeout, 60s);
    EXPECT_EQ(s.venues, (std::vector<std::string>{"a,b", "c"}));
    EXPECT_EQ(s.key.reveal(), "hunter2");
}

TEST(Config, TheEnvironmentWinsOverTheFile) {
    Settings s;
    EXPECT_EQ(s.load("gateway.port = 1\ngateway.host = \"file\"\ngateway.venues = []",
                     {{"OBSCURA_GATEWAY_PORT", "2"},
                      {"OBSCURA_GATEWAY_HOST", ""},
                      {"OBSCURA_GATEWAY_SECURE", "0"},
                      {"OBSCURA_GATEWAY_TIMEOUT", "250ms"},
                      {"OBSCURA_GATEWAY_VENUES", "okx, bybit ,htx"},
                      {"OBSCURA_UNRELATED", "x"}}),
              Complaints{});
    EXPECT_EQ(s.port, 2);
    EXPECT_EQ(s.host, "file");  // an empty variable is not set
    EXPECT_FALSE(s.secure);
    EXPECT_EQ(s.timeout, 250ms);
    EXPECT_EQ(s.venues, (std::vector<std::string>{"okx", "bybit", "htx"}));
}

TEST(Config, OurOwnVariableWinsOverTheAlias) {
    Settings s;
    EXPECT_EQ(s.load("", {{"THE_KEY", "alias"}}), Complaints{});
    EXPECT_EQ(s.key.reveal(), "alias");
    EXPECT_EQ(s.load("", {{"THE_KEY", "alias"}, {"OBSCURA_GATEWAY_DB_KEY", "own!"}}), Complaints{});
    EXPECT_EQ(s.key.reveal(), "own!");
}

TEST(Config, ReportsEveryWrongValueAtOnceAndChangesNothingForIt) {
    Settings s;
    EXPECT_EQ(
        s.load("[gateway]\nhost = \"\"\nsecure = \"yes\"\noffset = -11\nport = 99999\nlimit = -1\n"
               "timeout = \"2m\"\nvenues = [\"ok\", \"muchtoolong\"]\nprot = 5\n"
               "[gatewy]\nport = \"sesame\"\n"),
        (Complaints{
            "gateway.toml: gateway.host = : must not be empty",
            "gateway.toml: gateway.secure = yes: must be true or false",
            "gateway.toml: gateway.offset = -11: must be an integer of at least -10",
            "gateway.toml: gateway.port = 99999: must be an integer from 0 to 65535",
            "gateway.toml: gateway.limit = -1: must be an integer of at least 0",
            "gateway.toml: gateway.timeout = 2m: must be a duration from 1ms to 1m, written like "
            "250ms, 10s, 5m or 1h",
            "gateway.toml: gateway.venues = a list of 2: each item must be short",
            "gateway.toml: gateway.prot: is not a known key",
            "gateway.toml: gatewy.port: is not a known key",
        }));
    EXPECT_EQ(s.host, "127.0.0.1");
    EXPECT_TRUE(s.secure);
    EXPECT_EQ(s.port, 8000);
    EXPECT_EQ(s.limit, 100U);
    EXPECT_EQ(s.timeout, 1500ms);
    EXPECT_EQ(s.venues, std::vector<std::string>{"paper"});
}

TEST(Config, RefusesTheWrongTypeInTheFile) {
    for (auto const* const line :
         {"host = 5", "secure = 1", "port = \"80\"", "port = 80.0", "port = true", "timeout = 5",
          "timeout = \"5\"", "timeout = \"-5s\"", "timeout = \"5 s\"", "timeout = \"5d\"",
          "timeout = \"\"", "timeout = \"9223372036854775807h\"", "venues = \"okx\"",
          "venues = [1]", "venues = [\"\"]", "db.key = 12345", "port = 2020-01-01", "port = []"}) {
        Settings s;
        EXPECT_EQ(s.load(std::string("[gateway]\n") + line).size(), 1U) << line;
    }
}

TEST(Config, RefusesTheWrongTextInTheEnvironment) {
    Settings s;
    EXPECT_EQ(s.load("", {{"OBSCURA_GATEWAY_PORT", "80x"}}),
              Complaints{"environment: OBSCURA_GATEWAY_PORT = 80x: must be an integer from 0 to "
                         "65535"});
    for (auto const& [name, value] : Environment{{"OBSCURA_GATEWAY_SECURE", "maybe"},
                                                 {"OBSCURA_GATEWAY_PORT", "+80"},
                                                 {"OBSCURA_GATEWAY_LIMIT", "99999999999999999999"},
                                                 {"OBSCURA_GATEWAY_OFFSET", " 1"},
                                                 {"OBSCURA_GATEWAY_VENUES", "a,,b"}}) {
        EXPECT_EQ(s.load("", {{name, value}}).size(), 1U) << name;
    }
}

TEST(Config, ASyntaxErrorIsOneComplaintWithItsLine) {
    Settings s;
    auto const complaints = s.load("[gateway]\nport = 1\nhost = \"open\n");
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_EQ(complaints[0].find("gateway.toml: line 3: "), 0U) << complaints[0];
}

TEST(Config, RequiredKeysMustBeGiven) {
    std::string name;
    ConfigTable table;
    table.bind("pool.name", name, "name");
    table.required().alias("POOL");
    EXPECT_EQ(table.load("", "a.toml", {}),
              Complaints{"a.toml: pool.name: must be given (or OBSCURA_POOL_NAME in the "
                         "environment)"});
    EXPECT_EQ(table.load("", "a.toml", {{"POOL", "x"}}), Complaints{});
    EXPECT_EQ(name, "x");
}

TEST(Config, NeverShowsASecret) {
    Settings s;
    EXPECT_EQ(s.load("gateway.db.key = \"abc\""),
              Complaints{"gateway.toml: gateway.db.key = (hidden): must have 4 bytes"});
    std::string url;
    ConfigTable table;
    table.bind("db.url", url, "url", [](std::string const&) { return "must be otherwise"; });
    EXPECT_EQ(table.load("", "a", {{"OBSCURA_DB_URL", "postgres://u:pw@h/d"}}),
              Complaints{"environment: OBSCURA_DB_URL = postgres://***@h/d: must be otherwise"});
    EXPECT_LT(table.load("", "a", {{"OBSCURA_DB_URL", std::string(9000, 'x')}})[0].size(), 300U);
}

TEST(Config, AComplaintIsOneLine) {
    Settings s;
    EXPECT_EQ(s.load("gateway.port = \"8\\n0\\u007f\""),
              Complaints{"gateway.toml: gateway.port = 8 0 : must be an integer from 0 to 65535"});
    // The words of the TOML library show what it read, the newline after it included.
    auto const complaints = s.load("gateway.secure = tr\ngateway.port = 80\n");
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_EQ(complaints[0].find('\n'), std::string::npos) << complaints[0];
}

TEST(Config, ReadsSecretsFromFiles) {
    auto const path =
        std::filesystem::temp_directory_path() / ("config-secret-" + std::to_string(::getpid()));
    std::ofstream(path) << "from file \n";
    Settings s;
    EXPECT_EQ(s.load("", {{"THE_KEY", "file:" + path.string()}}), Complaints{});
    EXPECT_EQ(s.key.reveal(), "from file ");
    EXPECT_EQ(s.load("gateway.db.key = \"file:" + path.string() + "\""), Complaints{});
    std::ofstream(path) << std::string(70'000, 'x');
    EXPECT_EQ(s.load("", {{"THE_KEY", "file:" + path.string()}}).size(), 1U);
    std::filesystem::remove(path);
    EXPECT_EQ(s.load("", {{"THE_KEY", "file:" + path.string()}}),
              Complaints{"environment: THE_KEY = (hidden): must name a readable file of 1 to 65536 "
                         "bytes"});
    EXPECT_EQ(s.load("", {{"THE_KEY", "file:/"}}).size(), 1U);
    EXPECT_EQ(s.key.reveal(), "from file ");
}

TEST(Config, PrintsItsReference) {
    Settings s;
    auto const page = s.table.reference();
    for (auto const* const row :
         {"| Key | Type | Default | Meaning |\n|---|---|---|---|\n",
          "| `gateway.host` | string | `127.0.0.1` | address |\n",
          "| `gateway.port` | integer from 0 to 65535 | `8000` | TCP port |\n",
          "| `gateway.timeout` | duration from 1ms to 1m | `1500ms` | a \\| b |\n",
          "| `gateway.venues` | list of strings | `paper` | venues |\n",
          "| `gateway.db.key` | secret, or file:PATH |  | key Also `THE_KEY`. |\n"}) {
        EXPECT_NE(page.find(row), std::string::npos) << row << page;
    }
}

TEST(Config, BindingAKeyTwiceIsAMistakeOfOurs) {
    Settings s;
    EXPECT_THROW(s.table.bind("gateway.port", s.port, "again"), std::logic_error);
}

TEST(Config, ReadsTheProcessEnvironment) {
    ::setenv("OBSCURA_CONFIG_TEST", "a=b", 1);
    EXPECT_EQ(process_environment().at("OBSCURA_CONFIG_TEST"), "a=b");
    ::unsetenv("OBSCURA_CONFIG_TEST");
}

}  // namespace
}  // namespace obscura::base
