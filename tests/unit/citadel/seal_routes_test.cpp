#include "service_fixture.hpp"

namespace obscura::citadel {
namespace {

using base::Json;

using SealRoutesTest = test::ServiceTest;

TEST_F(SealRoutesTest, RoundTrip) {
    std::string const text = "-----BEGIN PRIVATE KEY-----\nabc\n\"\\ \u00e9";
    auto const sealed = post("gateway", "/encrypt", Json::object({{"plaintext", text}}));
    ASSERT_EQ(sealed.status, 200U);
    auto const& data = sealed.body["encrypted_data"].as_string();
    EXPECT_TRUE(data.starts_with("nil:v2:")) << data;
    auto const opened = post("admin", "/decrypt", Json::object({{"encrypted_data", data}}));
    ASSERT_EQ(opened.status, 200U);
    EXPECT_EQ(opened.body.dump(), Json::object({{"plaintext", text}}).dump());
}

TEST_F(SealRoutesTest, ContextIsBound) {
    auto const data = sealed("secret", "alice");
    auto const open = [&](Json body) {
        body.set("encrypted_data", data);
        return post("admin", "/decrypt", body);
    };
    EXPECT_EQ(open(Json::object({{"context", "alice"}})).status, 200U);
    for (auto const& body : {Json::object({{"context", "bob"}}), Json::object()}) {
        auto const refused = open(body);
        EXPECT_EQ(refused.status, 400U);
        EXPECT_EQ(refused.body["code"].as_string(), "decryption_failed");
    }
}

TEST_F(SealRoutesTest, BulkRoundTrip) {
    auto const plain = Json::object({{"api_key", "k"}, {"secret", "line\nbreak"}});
    auto const sealed = post("sentinel", "/encrypt-bulk",
                             Json::object({{"data", plain}, {"context", test::context}}));
    ASSERT_EQ(sealed.status, 200U);
    auto const& data = sealed.body["encrypted_data"];
    ASSERT_EQ(data.as_object().size(), 2U);
    EXPECT_NE(data["api_key"], data["secret"]);
    auto const opened =
        post("admin", "/decrypt-bulk", Json::object({{"data", data}, {"context", test::context}}));
    ASSERT_EQ(opened.status, 200U);
    EXPECT_EQ(opened.body["plaintext"], plain);
    // All or nothing: one field that does not open takes the others with it.
    auto mixed = data;
    mixed.set("secret", data["api_key"]);
    auto const refused =
        post("admin", "/decrypt-bulk", Json::object({{"data", mixed}, {"context", test::context}}));
    EXPECT_EQ(refused.status, 400U);
    EXPECT_TRUE(refused.body["detail"].as_string().starts_with("data.secret: "));
}

TEST_F(SealRoutesTest, ForeignCiphertextsAre400) {
    for (std::string_view const bad : {"ev:v1:AAAA", "nil:v9:AAAA", "plain", "nil:!!"}) {
        auto const refused = post("admin", "/decrypt", Json::object({{"encrypted_data", bad}}));
        EXPECT_EQ(refused.status, 400U) << bad;
    }
}

TEST_F(SealRoutesTest, RewrapsWithoutShowingAnything) {
    auto old_config = test::config();
    old_config.master_keys_hex[1] = base::Secret();
    Service before(std::move(old_config), clock_, random_, metrics_);
    router_ = before.router();
    auto const old = sealed("secret", "alice");
    ASSERT_TRUE(old.starts_with("nil:v1:"));
    router_ = service_.router();
    auto const renewed =
        post("rotation", "/rewrap", Json::object({{"encrypted_data", old}, {"context", "alice"}}));
    ASSERT_EQ(renewed.status, 200U);
    auto const& data = renewed.body["encrypted_data"].as_string();
    EXPECT_TRUE(data.starts_with("nil:v2:")) << data;
    auto const opened =
        post("admin", "/decrypt", Json::object({{"encrypted_data", data}, {"context", "alice"}}));
    EXPECT_EQ(opened.body["plaintext"].as_string(), "secret");
    auto const in_bulk = [&](Json fields) {
        return post("rotation", "/rewrap-bulk",
                    Json::object({{"data", std::move(fields)}, {"context", "alice"}}));
    };
    auto const bulk = in_bulk(Json::object({{"a", old}, {"b", data}}));
    ASSERT_EQ(bulk.status, 200U);
    auto const& fields = bulk.body["encrypted_data"];
    EXPECT_TRUE(fields["a"].as_string().starts_with("nil:v2:"));
    EXPECT_NE(fields["b"].as_string(), data) << "it has its name now";
    EXPECT_EQ(in_bulk(fields).body["encrypted_data"], fields) << "they are the newest already";
    auto const one = Json::object({{"encrypted_data", fields["a"]}, {"context", "alice"}});
    EXPECT_EQ(post("admin", "/decrypt", one).body["code"].as_string(), "decryption_failed");
    auto named = one;
    named.set("field", "a");
    EXPECT_EQ(post("admin", "/decrypt", named).body["plaintext"].as_string(), "secret");
    EXPECT_EQ(post("rotation", "/rewrap", named).body["encrypted_data"], fields["a"]);
    named.set("field", "b");
    EXPECT_EQ(post("admin", "/decrypt", named).body["code"].as_string(), "decryption_failed");
    auto const refused =
        post("rotation", "/rewrap-bulk",
             Json::object({{"data", Json::object({{"a", old}})}, {"context", "bob"}}));
    EXPECT_EQ(refused.status, 400U);
    EXPECT_TRUE(refused.body["detail"].as_string().starts_with("data.a: "));
}

struct BadCase {
    std::string_view path;
    std::string body;
    unsigned status;
    std::string_view pointer;  ///< "" where no field is to blame
};

TEST_F(SealRoutesTest, BadInput) {
    std::string const long_text(65'537, 'a');
    BadCase const cases[] = {
        {"/rewrap", "{}", 400, "/encrypted_data"},
        {"/rewrap-bulk", "{}", 400, "/data"},
        {"/encrypt", "", 400, ""},
        {"/encrypt", "{", 400, ""},
        {"/encrypt", "[]", 400, ""},
        {"/encrypt", "\"text\"", 400, ""},
        {"/encrypt", "{\"plaintext\":\"\xff\"}", 400, ""},
        {"/encrypt", R"({"plaintext":"a","plaintext":"b"})", 400, ""},
        {"/encrypt", std::string(64, '[') + std::string(64, ']'), 400, ""},
        {"/encrypt", "{}", 400, "/plaintext"},
        {"/encrypt", R"({"plaintext":null})", 400, "/plaintext"},
        {"/encrypt", R"({"plaintext":7})", 400, "/plaintext"},
        {"/encrypt", R"({"plaintext":""})", 400, "/plaintext"},
        {"/encrypt", R"({"plaintext":")" + long_text + "\"}", 400, "/plaintext"},
        {"/encrypt", R"({"plaintext":"a","context":7})", 400, "/context"},
        {"/encrypt", R"({"plaintext":"a","context":")" + std::string(513, 'c') + "\"}", 400,
         "/context"},
        {"/encrypt", R"({"plaintext":"a","key":1})", 400, "/key"},
        {"/decrypt", "{}", 400, "/encrypted_data"},
        {"/decrypt", R"({"encrypted_data":["nil:"]})", 400, "/encrypted_data"},
        {"/encrypt-bulk", "{}", 400, "/data"},
        {"/encrypt-bulk", R"({"data":[]})", 400, "/data"},
        {"/encrypt-bulk", R"({"data":{}})", 400, "/data"},
        {"/encrypt-bulk", R"({"data":{"a":1}})", 400, "/data/a"},
        {"/encrypt-bulk", R"({"data":{"a/b":""}})", 400, "/data/a~1b"},
        {"/encrypt-bulk", R"({"data":{"":"x"}})", 400, "/data"},
        {"/encrypt-bulk", R"({"data":{"a":"x"},"b":1})", 400, "/b"},
        {"/decrypt-bulk", R"({"data":{"a":{}}})", 400, "/data/a"}};
    for (auto const& c : cases) {
        auto const* const caller = c.path.starts_with("/rewrap") ? "rotation" : "admin";
        auto const answer = post(caller, std::string(c.path), c.body);
        auto const shown = std::string(c.path) + " " + c.body.substr(0, 60);
        EXPECT_EQ(answer.status, c.status) << shown;
        EXPECT_EQ(answer.body["status"].to_int64(), c.status) << shown;
        if (c.pointer.empty()) continue;
        auto const& errors = answer.body["errors"];
        ASSERT_TRUE(errors.is_array()) << shown << answer.body.dump();
        ASSERT_EQ(errors.as_array().size(), 1U) << shown << answer.body.dump();
        EXPECT_EQ(errors.as_array()[0]["pointer"].as_string(), c.pointer) << shown;
    }
}

TEST_F(SealRoutesTest, OtherContentTypesAre415) {
    net::Request request{.method = "POST", .target = "/encrypt", .body = R"({"plaintext":"a"})"};
    request.headers.add("Content-Type", "text/plain");
    request.headers.add("X-Internal-API-Key", test::key_of("gateway"));
    EXPECT_EQ(send(std::move(request)).status, 415U);
}

TEST_F(SealRoutesTest, TheBodyIsWipedAfterUse) {
    net::Request request{.method = "POST",
                         .target = "/encrypt",
                         .body = R"({"plaintext":"a secret of some length"})"};
    request.headers.add("X-Internal-API-Key", test::key_of("gateway"));
    auto const response = obscura::test::run(io_, router_.dispatch(request));
    EXPECT_EQ(response.status, 200U);
    EXPECT_TRUE(request.body.empty());
}

TEST_F(SealRoutesTest, Health) {
    net::Request request{.target = "/health"};
    auto const answer = send(std::move(request));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body.dump(),
              R"({"status":"ok","service":"citadel","version":"1.2.3","tee":"none",)"
              R"("attested":false,"audit":"ok","algorithm":"AES-256-GCM","key_versions":[1,2],)"
              R"("current_key_version":2})");
}

TEST_F(SealRoutesTest, MetricsCountWithoutNamingAnything) {
    (void)sealed("secret");
    (void)post("gateway", "/encrypt", std::string("{}"));
    net::Request request{.target = "/metrics"};
    auto const response = obscura::test::run(io_, router_.dispatch(request));
    EXPECT_EQ(response.status, 200U);
    EXPECT_NE(response.body.find("obscura_citadel_items_total{route=\"encrypt\"} 1"),
              std::string::npos)
        << response.body;
    EXPECT_NE(response.body.find("obscura_citadel_refused_total{route=\"encrypt\"} 1"),
              std::string::npos);
}

}  // namespace
}  // namespace obscura::citadel
