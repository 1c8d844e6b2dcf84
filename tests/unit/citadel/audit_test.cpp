#include "audit/log_check.hpp"
#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "service_fixture.hpp"
#include "unit/model/receipt_fixture.hpp"

#include <sys/resource.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;

constexpr std::string_view tenant = "01234567-89ab-7def-8123-456789abcd01";
constexpr std::string_view user = "01234567-89ab-7def-8123-456789abcd02";
constexpr std::string_view connection = "01234567-89ab-7def-8123-456789abcd03";

std::string text_of(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A service that keeps a log in a folder of its own.
class AuditTest : public test::ServiceTest {
protected:
    AuditTest() { start(); }
    ~AuditTest() override {
        audited_.reset();
        std::filesystem::remove_all(folder_);
    }
    void start(std::size_t exits_only_bytes = 4 << 20, std::size_t full_bytes = 32 << 20) {
        router_ = {};
        audited_.reset();
        auto config = test::config();
        config.audit.folder = folder_;
        config.audit.exits_only_bytes = exits_only_bytes;
        config.audit.full_bytes = full_bytes;
        audited_ = std::make_unique<Service>(std::move(config), clock_, random_, metrics_);
        router_ = audited_->router();
    }
    /// Ends the service, so that everything is in the file, and reads it.
    std::vector<Json> entries() {
        router_ = {};
        audited_.reset();
        auto const text = text_of(folder_ + "/audit.log");
        std::istringstream in(text);
        auto const report = audit::check_log(in, {});
        EXPECT_FALSE(report.finding) << report.finding->detail;
        EXPECT_EQ(report.unsigned_entries, 0) << "a head is last";
        std::vector<Json> out;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            out.push_back(base::parse_json(line.substr(65)).value());
        return out;
    }
    /// "caller operation done refused" of each call.
    std::vector<std::string> calls() {
        std::vector<std::string> out;
        for (auto const& entry : entries()) {
            if (entry["kind"].as_string() != "call") continue;
            out.push_back(entry["caller"].as_string() + " " + entry["operation"].as_string() + " " +
                          entry["done"].dump() + " " + entry["refused"].dump());
        }
        return out;
    }

    std::string folder_ =
        std::filesystem::temp_directory_path() / ("obscura-audit-" + std::to_string(::getpid()));
    std::unique_ptr<Service> audited_;
    std::string const aad_ = std::string(tenant) + "|" + std::string(user) +
                             "|binance|paper|follow|" + std::string(connection);
};

TEST_F(AuditTest, EveryCallLeavesItsEntry) {
    auto const context = Json(aad_);
    auto const text = sealed("plain", aad_);
    auto const one = Json::object({{"encrypted_data", text}, {"context", context}});
    auto const bulk = Json::object({{"data", Json::object({{"a", text}})}, {"context", context}});
    (void)post("gateway", "/encrypt-bulk", bulk);
    EXPECT_EQ(post("admin", "/decrypt", one).body["plaintext"].as_string(), "plain");
    (void)post("admin", "/decrypt-bulk", bulk);
    (void)post("rotation", "/rewrap", one);
    (void)post("rotation", "/rewrap-bulk", bulk);
    (void)post("gateway", "/open-sealed", std::string("{}"));
    net::Request key{.method = "GET", .target = "/sealing-key"};
    key.headers.add("X-Internal-API-Key", test::key_of("gateway"));
    (void)send(std::move(key));
    (void)sign("conductor", {});
    EXPECT_EQ(calls(),
              (std::vector<std::string>{
                  R"(gateway encrypt {"text":1} null)", R"(gateway encrypt_bulk {"text":1} null)",
                  R"(admin decrypt {"text":1} null)", R"(admin decrypt_bulk {"text":1} null)",
                  R"(rotation rewrap {"text":1} null)", R"(rotation rewrap_bulk {"text":1} null)",
                  R"(gateway open_sealed null {"invalid_request":1})",
                  R"(gateway sealing_key {"key":1} null)",
                  R"(conductor sign null {"invalid_request":1})"}));
}

TEST_F(AuditTest, KeysThatAreHeldLeaveTheirIds) {
    auto const made = post("conductor", "/keys", Json::object({{"purpose", "receipt"}}));
    ASSERT_EQ(made.status, 201U);
    auto const item = [&](std::string_view id, Json receipt) {
        return Json::object({{"id", id},
                             {"key", made.body["sealed_key"]},
                             {"purpose", "receipt"},
                             {"statement", std::move(receipt)}});
    };
    auto const good = model::test::receipt();
    (void)post("conductor", "/sign-statement",
               Json::object({{"items", Json::array({item("a", good), item("b", good),
                                                    item("c", Json::object())})}}));
    (void)post("conductor", "/keys", Json::object({{"purpose", "notary"}}));
    (void)post("rotation", "/keys", Json::object({{"purpose", "receipt"}}));
    (void)post("", "/sign-statement", std::string("{}"));
    auto const all = entries();
    std::vector<std::string> told;
    for (auto const& entry : all)
        if (entry["kind"].as_string() == "call")
            told.push_back(entry["caller"].as_string() + " " + entry["operation"].as_string() +
                           " " + entry["done"].dump() + " " + entry["refused"].dump() + " " +
                           (entry["keys"] == Json::array({made.body["key_id"]}) ? "its key" : ""));
    EXPECT_EQ(told, (std::vector<std::string>{
                        R"(conductor keys {"receipt":1} null its key)",
                        R"(conductor sign_statement {"receipt":2} {"invalid_request":1} its key)",
                        R"(conductor keys null {"purpose_not_allowed":1} )",
                        R"(rotation keys null {"forbidden":1} )",
                        R"(nobody sign_statement null {"unauthenticated":1} )"}));
}

TEST_F(AuditTest, RefusedCallsToo) {
    (void)post("conductor", "/encrypt", std::string("{}"));
    (void)post("gateway", "/decrypt", std::string("{}"));
    (void)post("admin", "/decrypt", std::string(R"({"encrypted_data":"nil:v1:AAAA"})"));
    for (int i = 0; i < 3; ++i) (void)post("", "/sign", std::string("{}"));
    (void)post("nobody", "/sign", std::string("{}"));
    clock_.advance(2s);
    (void)post("gateway", "/encrypt", std::string("no json"));
    EXPECT_EQ(calls(), (std::vector<std::string>{R"(conductor encrypt null {"forbidden":1})",
                                                 R"(gateway decrypt null {"decrypt_disabled":1})",
                                                 R"(admin decrypt null {"invalid_ciphertext":1})",
                                                 R"(nobody sign null {"unauthenticated":4})",
                                                 R"(gateway encrypt null {"invalid_json":1})"}));
}

TEST_F(AuditTest, ABatchIsOneEntryWithCountsAndSubjects) {
    Json::Array items;
    auto const one = item("x", test::place_order());
    for (int i = 0; i < 100; ++i) {
        auto other = one;
        other.set("id", std::to_string(i));
        auto aad = aad_;
        aad.replace(aad.size() - 2, 2, std::to_string(10 + i % 90));
        if (i > 0) other.set("context", aad);
        items.push_back(std::move(other));
    }
    (void)sign("conductor", items);
    auto const all = entries();
    auto const& call = all[all.size() - 2];
    EXPECT_EQ(call["done"].dump(), R"({"place_order":1})");
    EXPECT_EQ(call["refused"].dump(), R"({"decryption_failed":99})");
    EXPECT_EQ(call["subjects"].as_array().size(), max_subjects);
    EXPECT_EQ(call["subjects"].as_array()[0].as_string().substr(0, 37), std::string(tenant) + "/");
    EXPECT_EQ(*call["more_subjects"].to_int64(), 90 - std::ssize(call["subjects"].as_array()));
    EXPECT_EQ(call["more_subjects_hash"].as_string().size(), 64U);
    EXPECT_LT(call.dump().size(), 4'000U);
}

TEST_F(AuditTest, NoSecretIsInTheFolder) {
    std::string const planted = "planted-secret-of-somebody-0123456789";
    auto const text = sealed(planted, planted);
    auto const in_context = Json::object({{"encrypted_data", text}, {"context", planted}});
    (void)post("admin", "/decrypt", in_context);
    (void)post("admin", "/decrypt", Json::object({{"encrypted_data", planted}}));
    (void)post("rotation", "/rewrap", in_context);
    (void)sealed("a", planted + "|u|binance|paper|follow|" + planted);
    (void)post("gateway", "/encrypt-bulk",
               Json::object({{"data", Json::object({{planted, planted}})}}));
    (void)post("admin", "/decrypt-bulk",
               Json::object({{"data", Json::object({{planted, planted}})}}));
    auto bad = item(planted, Json::object({{"kind", planted}, {planted, planted}}));
    bad.set("venue", planted);
    (void)sign("conductor", {item("a", test::place_order()), bad});
    (void)post("gateway", "/" + planted, planted);
    (void)post("gateway", "/open-sealed", Json::object({{planted, planted}}));
    ASSERT_GT(entries().size(), 8U);
    for (auto const& file : std::filesystem::recursive_directory_iterator(folder_)) {
        if (!file.is_regular_file()) continue;
        auto const kept = text_of(file.path());
        for (std::string const& secret :
             {planted, text, std::string(test::api_key), std::string(test::api_secret),
              std::string(64, '1'), std::string(32, '\x11'), test::key_of("gateway")}) {
            for (auto const& form : {secret, crypto::hex_encode(crypto::as_bytes(secret)),
                                     crypto::base64_encode(crypto::as_bytes(secret)).substr(0, 20)})
                EXPECT_EQ(kept.find(form), kept.npos) << file.path() << " " << form;
        }
    }
    EXPECT_TRUE(text_of(folder_ + "/audit.key").starts_with("nil:v2:"));
}

TEST_F(AuditTest, AKeyThatDoesNotOpenIsPutAsideWithItsLog) {
    (void)sealed("a");
    (void)entries();
    std::ofstream(folder_ + "/audit.key", std::ios::trunc) << "nil:v1:spoiled";
    start();
    EXPECT_EQ(post("gateway", "/encrypt", Json::object({{"plaintext", "x"}})).status, 200U);
    EXPECT_TRUE(std::filesystem::exists(folder_ + "/audit.key.broken-1"));
    EXPECT_TRUE(std::filesystem::exists(folder_ + "/audit.log.broken-1"));
    EXPECT_TRUE(text_of(folder_ + "/audit.key").starts_with("nil:v2:"));
}

/// What the disk takes, as long as this lives. Files alone: the tests write no others meanwhile.
struct FullDisk {
    struct rlimit before{};
    explicit FullDisk(std::string const& path) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before);
        auto full = before;
        full.rlim_cur = std::filesystem::file_size(path) + 10;  // and part of a line
        ::setrlimit(RLIMIT_FSIZE, &full);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before); }
};

Json order(std::string_view side) {
    auto out = test::place_order();
    out.set("side", side);
    return out;
}

/// Of the one item.
std::string outcome(Json const& body) {
    auto const& made = body["items"].as_array().at(0);
    return made["url"].is_string() ? "signed" : made["error"]["code"].as_string();
}

TEST_F(AuditTest, WithAFullDiskOnlyExitsAreSignedAndNothingIsLost) {
    auto const buy = item("a", order("buy"));
    auto const sell = item("a", order("sell"));
    auto const text = sealed("plain");
    auto const asked = Json::object({{"encrypted_data", text}, {"context", test::context}});
    {
        FullDisk const full(folder_ + "/audit.log");
        (void)post("admin", "/decrypt", asked);  // whoever is first waits for what cannot be
        EXPECT_EQ(post("admin", "/decrypt", asked).body["code"].as_string(), "audit_unavailable");
        EXPECT_EQ(post("gateway", "/encrypt", Json::object({{"plaintext", "a"}})).status, 503U);
        EXPECT_EQ(outcome(sign("conductor", {buy}).body), "audit_unavailable");
        EXPECT_EQ(outcome(sign("conductor", {sell}).body), "signed");
        EXPECT_EQ(send({.method = "GET", .target = "/health"}).body["audit"].as_string(),
                  "failing");
    }
    for (int i = 0; i < 500 && outcome(sign("conductor", {buy}).body) != "signed"; ++i)
        std::this_thread::sleep_for(10ms);
    auto const all = calls();
    EXPECT_TRUE(std::ranges::count(all, R"(conductor sign {"place_order":1} null)") >= 2);
    EXPECT_TRUE(std::ranges::count(all, R"(conductor sign null {"audit_unavailable":1})") >= 1);
}

TEST_F(AuditTest, NotEvenExitsAreSignedBeyondTheBound) {
    start(1'000, 2'000);
    auto const sell = item("a", order("sell"));
    FullDisk const full(folder_ + "/audit.log");
    unsigned signed_count = 0;
    while (signed_count < 1'000 && sign("conductor", {sell}).status == 200) ++signed_count;
    EXPECT_GT(signed_count, 2U);
    EXPECT_LT(signed_count, 30U);
    EXPECT_EQ(sign("conductor", {sell}).body["code"].as_string(), "audit_unavailable");
}

// What was answered has been there before: a second reader sees it at once.
TEST_F(AuditTest, APlaintextIsAnsweredOnceItsEntryIsOnTheDisk) {
    auto const text = sealed("plain");
    for (int i = 0; i < 20; ++i) {
        (void)post("admin", "/decrypt",
                   Json::object({{"encrypted_data", text}, {"context", test::context}}));
        auto const log = text_of(folder_ + "/audit.log");
        std::size_t found = 0;
        for (auto at = log.find("\"decrypt\""); at != log.npos;
             at = log.find("\"decrypt\"", at + 1))
            ++found;
        ASSERT_EQ(found, static_cast<std::size_t>(i) + 1);
    }
}

TEST_F(AuditTest, TheKeyOutlivesARestart) {
    auto const head = [&] { return send({.method = "GET", .target = "/audit-head"}).body; };
    auto const before = head();
    start();
    EXPECT_EQ(head()["key"], before["key"]);
    EXPECT_EQ(head()["log"], before["log"]);
    auto const known = audit::head_from_json(before);
    ASSERT_TRUE(known);
    std::ifstream in(folder_ + "/audit.log");
    EXPECT_FALSE(audit::check_log(in, {.head = known}).finding);
    EXPECT_NE(head()["sequence"], before["sequence"]);
}

}  // namespace
}  // namespace obscura::citadel
