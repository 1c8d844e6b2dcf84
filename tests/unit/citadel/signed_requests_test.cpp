// What citadel signs against what ccxt signs (tests/golden/signing/README.md), and against texts
// that would say more than their field.
#include "net/http.hpp"
#include "support/rsa_keys.hpp"
#include "venue_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace obscura::citadel {
namespace {

using base::Json;

struct Golden {
    std::string_view venue;
    Json document;

    [[nodiscard]] test::Signing how(Json const& row) const {
        return {.venue = venue,
                .market = *value_of(row["market"].as_string(), model::market_names),
                .window = {.timestamp_ms = *document["now_ms"].to_int64(),
                           .receive_ms = *document["receive_ms"].to_int64()}};
    }
    [[nodiscard]] bool lists(std::string_view list, std::string_view name) const {
        return std::ranges::any_of(document[list].as_array(),
                                   [&](Json const& one) { return one.as_string() == name; });
    }
};

Golden golden_of(std::string_view venue) {
    std::ifstream file(std::string(OBSCURA_TESTS_DIR) + "/golden/" + std::string(venue) +
                       "/signed_requests.json");
    std::stringstream text;
    text << file.rdbuf();
    auto document = base::parse_json(text.str());
    EXPECT_TRUE(document) << venue;
    return {venue, document.value_or(Json())};
}

model::VenueOperation operation_of(Json const& row) {
    return *model::operation_from_json(row["operation"], "/operation");
}

/// Our addresses name the port, ccxt's do not.
std::string without_port(std::string url) {
    if (auto const at = url.find(":443/"); at != std::string::npos) url.erase(at, 4);
    return url;
}

/// r and s of a curve's signature have 32 bytes; ccxt leaves out zeros in front.
std::string with_whole_words(std::string const& body) {
    auto json = base::parse_json(body);
    if (!json || !json->is_object() || !(*json)["signature"].is_object()) return body;
    auto signature = (*json)["signature"];
    for (auto const* name : {"r", "s"}) {
        auto digits = signature[name].as_string().substr(2);
        signature.set(name, "0x" + std::string(64 - digits.size(), '0') + digits);
    }
    json->set("signature", std::move(signature));
    return json->dump();
}

std::string text_of(Json const& value) {
    return value.is_string() ? value.as_string() : value.dump();
}

/// Parameters of the query and of a JSON body, by name.
std::map<std::string, std::string> parameters_of(std::string const& url, std::string const& body) {
    std::map<std::string, std::string> out;
    if (auto const at = url.find('?'); at != std::string::npos) {
        auto const query = net::parse_form(std::string_view(url).substr(at + 1));
        out.insert(query->begin(), query->end());
    }
    auto json = base::parse_json(body);
    if (!json) return out;
    auto const& members = json->is_array() ? json->as_array().at(0) : *json;
    for (auto const& [name, value] : members.as_object()) out.emplace(name, text_of(value));
    return out;
}

class SignedRequestsTest : public ::testing::TestWithParam<std::string_view> {};

TEST_P(SignedRequestsTest, AreThoseOfCcxt) {
    auto const golden = golden_of(GetParam());
    for (auto const& row : golden.document["cases"].as_array()) {
        auto const shown = row["operation"].dump();
        auto const made = test::signed_at(golden.how(row), operation_of(row));
        auto const& expected = row["request"];
        EXPECT_EQ(made.method, expected["method"].as_string()) << shown;
        EXPECT_EQ(without_port(made.url), expected["url"].as_string()) << shown;
        EXPECT_EQ(made.body, with_whole_words(expected["body"].as_string())) << shown;
        for (auto const& [name, value] : made.headers) {
            if (golden.lists("ours_alone", name)) continue;
            EXPECT_EQ(value, text_of(expected["headers"][name])) << shown << name;
        }
        for (auto const& [name, value] : expected["headers"].as_object()) {
            if (golden.lists("theirs_alone", name)) continue;
            EXPECT_EQ(test::header_of(made, name), text_of(value)) << shown << name;
        }
    }
}

TEST_P(SignedRequestsTest, OrdersHaveTheParametersOfCcxt) {
    auto const golden = golden_of(GetParam());
    int orders = 0;
    for (auto const& row : golden.document["cases"].as_array()) {
        if (!row["unified"].is_object()) continue;
        ++orders;
        auto const made = test::signed_at(golden.how(row), operation_of(row));
        auto const ours = parameters_of(made.url, made.body);
        auto const theirs =
            parameters_of(row["unified"]["url"].as_string(), row["unified"]["body"].as_string());
        auto const shown = row["operation"].dump() + row["unified"].dump();
        for (auto const& [name, value] : ours) {
            if (golden.lists("ours_alone", name)) continue;
            ASSERT_TRUE(theirs.contains(name)) << name << shown;
            EXPECT_EQ(value, theirs.at(name)) << name << shown;
        }
        for (auto const& [name, value] : theirs) {
            if (golden.lists("theirs_alone", name)) continue;
            EXPECT_TRUE(ours.contains(name)) << name << shown;
        }
    }
    EXPECT_GE(orders, 2);
}

// A signature of PKCS #1 v1.5 is the same whoever makes it.
TEST(RsaSignedRequestsTest, AreThoseOfCcxt) {
    auto const golden = golden_of("bybit");
    auto const& rows = golden.document["signed_with_rsa"].as_array();
    ASSERT_EQ(rows.size(), 2U);
    for (auto const& row : rows) {
        auto how = golden.how(row);
        how.private_key = obscura::test::rsa_private_pem;
        auto const made = test::signed_at(how, operation_of(row));
        EXPECT_EQ(test::header_of(made, "X-BAPI-SIGN"),
                  row["request"]["headers"]["X-BAPI-SIGN"].as_string())
            << row["operation"].dump();
    }
}

TEST(RsaSignedRequestsTest, WhoTakesSuchKeys) {
    for (auto const& signer : venue_signers()) {
        test::Signing const how{.venue = signer.venue,
                                .private_key = obscura::test::rsa_private_pem};
        bool const takes =
            signer.venue == "binance" || signer.venue == "bybit" || signer.venue == "bitget";
        EXPECT_EQ(test::refusal_at(how, model::ReadAccount{}), takes ? "" : "invalid_credentials")
            << signer.venue;
    }
}

/// Each operation of the golden file with something added to each of its texts.
TEST_P(SignedRequestsTest, WhatSaysMoreThanItsFieldIsRefused) {
    constexpr std::string_view smuggled[] = {
        "&side=SELL", "..", "%26", "\r\nX: y", "\",\"side\":\"sell", "\xc3\xa9", "\xe2\x80\x8b"};
    auto const golden = golden_of(GetParam());
    auto rows = golden.document["cases"].as_array();
    for (auto const market : {"spot", "futures"}) {
        rows.push_back(Json::object(
            {{"market", market},
             {"operation", Json::object({{"kind", "stream_login"}, {"request_id", "login"}})}}));
    }
    for (auto const& row : rows) {
        for (auto const& name : {"symbol", "client_order_id", "venue_order_id", "request_id"}) {
            auto const& text = row["operation"][name];
            if (!text.is_string()) continue;
            auto const refuses = [&](std::string const& changed) {
                auto altered = row["operation"];
                altered.set(name, changed);
                auto const operation = model::operation_from_json(altered, "/operation");
                // What is too long for any field does not even come this far.
                if (!operation) return;
                auto const why = test::refusal_at(golden.how(row), *operation);
                EXPECT_TRUE(why == "/operation/" + std::string(name) || why == "not_supported")
                    << altered.dump() << why;
            };
            auto const& good = text.as_string();
            for (auto const extra : smuggled) {
                refuses(good + std::string(extra));
                refuses(std::string(extra) + good);
                auto const at = std::min<std::size_t>(2, good.size());
                refuses(good.substr(0, at) + std::string(extra) + good.substr(at));
            }
            for (int c = 0; c < 256; ++c) {
                bool const is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                                      (c >= 'a' && c <= 'z') || c == '-' || c == '_';
                if (!is_plain) refuses(good + static_cast<char>(c));
            }
            refuses(std::string(41, 'A') + good);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Venues, SignedRequestsTest,
                         ::testing::Values("bybit", "okx", "gate", "bitget", "kucoin", "mexc",
                                           "bingx", "htx", "hyperliquid"),
                         [](auto const& venue) { return std::string(venue.param); });

}  // namespace
}  // namespace obscura::citadel
