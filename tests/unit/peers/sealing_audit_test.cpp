// An auditor, a citadel behind nilCC's front, and owners who have pinned the auditor: what it
// vouches for, what it does not, and what its word is worth elsewhere. Then a native citadel, whose
// report speaks for the key itself. Hardware is the synthetic AMD of the tests of attest.
#include "peers/sealing_audit.hpp"
#include "attest/binding.hpp"
#include "attest/evidence_source.hpp"
#include "citadel/service.hpp"
#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/hex.hpp"
#include "net/server.hpp"
#include "peers/credential_seal.hpp"
#include "support/coroutine.hpp"
#include "support/tls_certificate.hpp"
#include "unit/attest/synthetic_amd.hpp"
#include "unit/attest/vectors.hpp"

#include <fstream>
#include <sstream>

namespace obscura::peers::sealing_audit_test {
namespace {

using namespace std::chrono_literals;
using attest::EvidenceFormat;
using attest::test::SyntheticAmd;
using crypto::Ed25519PrivateKey;
using obscura::test::TlsCertificate;

SyntheticAmd& audited_amd() { return SyntheticAmd::shared(attest::Product::milan); }

/// A guest whose reports are made for its front's certificate, or for whatever is asked.
struct AuditedGuest final : attest::EvidenceSource {
    EvidenceFormat what = EvidenceFormat::nilcc;
    attest::ReportData front{};
    SyntheticAmd::Spec spec{.vmpl = 1};

    [[nodiscard]] EvidenceFormat format() const override { return what; }
    [[nodiscard]] base::Task<base::Result<attest::Evidence>> evidence(
        attest::ReportData asked) override {
        if (what == EvidenceFormat::software) co_return attest::Evidence{};
        auto made_for = spec;
        auto const data = what == EvidenceFormat::nilcc ? front : asked;
        made_for.before_signing = [&](auto& bytes) {
            std::ranges::copy(data, bytes.begin() + 0x50);
        };
        auto const made = audited_amd().evidence(made_for);
        co_return attest::Evidence{.format = what,
                                   .report = {made.report.raw.begin(), made.report.raw.end()},
                                   .certificates = made.certificates};
    }
};

std::vector<std::uint8_t> spki_of(TlsCertificate const& certificate) {
    std::ifstream in(certificate.certificate_file);
    std::ostringstream text;
    text << in.rdbuf();
    return attest::read_certificates(text.str()).value().front().public_key();
}

class SealingAuditTest : public ::testing::Test {
protected:
    boost::asio::io_context io_;
    base::ManualClock clock_{attest::test::in_2026 + std::chrono::days(1)};
    base::SeededRandom random_{4};
    base::Metrics metrics_;
    TlsCertificate front_{"front"};
    TlsCertificate other_{"other-front"};
    attest::TrustRoots roots_ = audited_amd().roots();
    Ed25519PrivateKey auditor_ = Ed25519PrivateKey::generate(random_);
    Ed25519PrivateKey stranger_ = Ed25519PrivateKey::generate(random_);
    AuditedGuest guest_;
    std::unique_ptr<citadel::Service> service_;
    std::unique_ptr<net::HttpServer> server_;
    std::string environment_ = "production";
    std::string format_ = "nilcc";
    int posted_ = 0;  ///< statements that reached citadel

    void SetUp() override { guest_.front = attest::nilcc_report_data(spki_of(front_)); }
    void TearDown() override { server_.reset(); }

    static std::string name_of(Ed25519PrivateKey const& key) {
        return crypto::hex_encode(key.public_key().bytes());
    }
    void serve(TlsCertificate const& shown) {
        server_.reset();
        citadel::Config config;
        config.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
        config.caller_keys[0] = base::Secret(std::string_view("key-of-gateway"));
        config.evidence.auditors = {name_of(auditor_)};
        service_ = std::make_unique<citadel::Service>(std::move(config), clock_, random_, metrics_,
                                                      nullptr, &guest_);
        net::ServerConfig http;
        http.tls = net::TlsServerConfig{.certificate_file = shown.certificate_file,
                                        .key_file = shown.key_file};
        routes_ = service_->router();
        net::Router counted;
        for (auto const* method : {"GET", "POST"})
            counted.add({.method = method,
                         .pattern = "/{rest*}",
                         .handler = [this](net::Request& request) { return count(request); }});
        server_ = std::make_unique<net::HttpServer>(io_.get_executor(), http, std::move(counted),
                                                    clock_, random_);
        server_->start();
        shown_file_ = shown.certificate_file;
    }
    net::Task<base::Result<net::Response>> count(net::Request& request) {
        posted_ += request.method == "POST";
        co_return co_await routes_.dispatch(request);
    }
    /// "ok", or why it does not vouch.
    [[nodiscard]] std::string audited(Ed25519PrivateKey const& by,
                                      attest::SignedStatement const* last = nullptr) {
        attest::CitadelPolicy policy;
        policy.snp.measurements.emplace_back().fill(0xe0);
        policy.revocations = audited_amd().crl(false);
        SealingAudit audit({.allowed_origins = {"*"}, .tls = {.ca_file = shown_file_}},
                           "https://127.0.0.1:" + std::to_string(server_->port()),
                           {.policy = policy,
                            .environment = environment_,
                            .format = format_,
                            .auditor = by,
                            .roots = roots_},
                           clock_, random_);
        auto const made = obscura::test::run(io_, audit.run(last));
        if (made) last_ = *made;
        return made ? "ok" : made.error().reason;
    }
    [[nodiscard]] std::string audited() { return audited(auditor_); }
    struct Answer {
        unsigned status = 0;
        base::Json body;
    };
    [[nodiscard]] Answer call(std::string method, std::string path, base::Json const& body = {}) {
        net::Request request{.method = std::move(method), .target = path, .path = path};
        request.headers.add("X-Internal-API-Key", "key-of-gateway");
        request.headers.add("Content-Type", "application/json");
        if (!body.is_null()) request.body = body.dump();
        auto const answer = obscura::test::run(io_, service_->router().dispatch(request));
        return {answer.status, base::parse_json(answer.body).value_or(base::Json())};
    }
    [[nodiscard]] std::string brought(attest::SignedStatement const& statement) {
        auto const answer = call("POST", "/sealing-key/statements", to_json(statement));
        return answer.status == 201U ? "ok" : answer.body["code"].as_string();
    }
    /// As the gateway hands it out.
    [[nodiscard]] ports::SealingKey key() {
        auto const answer = call("GET", "/sealing-key");
        auto const read = ports::sealing_key_from_json(answer.body);
        EXPECT_TRUE(read) << answer.body.dump();
        return read.value();
    }
    /// "attested", or why an owner does not seal.
    [[nodiscard]] std::string sealed_to(ports::SealingKey const& key) {
        attest::SealingPolicy policy;
        policy.citadel.snp.measurements.emplace_back().fill(0xe0);
        policy.citadel.revocations = audited_amd().crl(false);
        policy.auditors = {name_of(auditor_)};
        auto const verdict = appraise_sealing_key(key, policy, clock_.now(), roots_);
        return verdict ? verdict->attested ? "attested" : "not attested" : verdict.error().reason;
    }

    attest::SignedStatement last_;

private:
    net::Router routes_;
    std::string shown_file_;
};

TEST_F(SealingAuditTest, ItsWordIsHandedOutBesideTheKey) {
    serve(front_);
    EXPECT_EQ(sealed_to(key()), "auditor") << "nobody has looked yet";
    ASSERT_EQ(audited(), "ok");
    EXPECT_EQ(last_.statement.key_id(), key().id);
    EXPECT_EQ(last_.statement.certificate, crypto::sha256(crypto::Bytes(spki_of(front_))));
    EXPECT_EQ(sealed_to(key()), "attested");
    EXPECT_EQ(audited(), "ok");
    EXPECT_EQ(key().evidence.statements.size(), 1U) << "the newest of each auditor";
}

TEST_F(SealingAuditTest, AWordIsOfOneKeyAndOfItsTime) {
    serve(front_);
    ASSERT_EQ(audited(), "ok");
    auto const first = key();
    clock_.advance(31min);
    auto replayed = key();
    EXPECT_NE(replayed.id, first.id);
    EXPECT_TRUE(replayed.evidence.statements.empty());
    EXPECT_EQ(sealed_to(replayed), "auditor");
    replayed.evidence.statements = first.evidence.statements;
    EXPECT_EQ(sealed_to(replayed), "statement_key") << "the word for the one before";
    clock_.advance(30min);
    EXPECT_EQ(sealed_to(first), "sealing_key_expired");
    auto lengthened = first;
    lengthened.expires_at += 1h;
    EXPECT_EQ(sealed_to(lengthened), "statement_key");
    EXPECT_EQ(brought(last_), "sealing_key_unknown") << "a key that is over needs none";
    environment_ = "staging";
    ASSERT_EQ(audited(), "ok");
    EXPECT_EQ(sealed_to(key()), "statement_environment");
}

TEST_F(SealingAuditTest, VouchesForNothingThatItsPolicyRefuses) {
    serve(other_);
    EXPECT_EQ(audited(), "report_data") << "the report is for another front";
    serve(front_);
    guest_.spec = {.vmpl = 1, .policy = 0xb0000};
    clock_.advance(6s);  // citadel keeps what the attester said for a moment
    EXPECT_EQ(audited(), "policy_debug");
    guest_.spec = {.vmpl = 0};
    clock_.advance(6s);
    EXPECT_EQ(audited(), "vmpl");
    guest_.what = EvidenceFormat::software;
    serve(front_);
    EXPECT_EQ(audited(), "software");
    guest_.what = EvidenceFormat::nilcc;
    guest_.spec = {.vmpl = 1};
    roots_ = attest::TrustRoots::production();
    serve(front_);
    EXPECT_EQ(audited(), "chain_root");
    EXPECT_TRUE(key().evidence.statements.empty());
}

TEST_F(SealingAuditTest, SignsNothingOfAFormatThatItsPolicyDoesNotTake) {
    serve(front_);
    format_ = "sev-snp";
    EXPECT_EQ(audited(), "evidence_format");
    EXPECT_EQ(posted_, 0);
    EXPECT_TRUE(key().evidence.statements.empty());
}

TEST_F(SealingAuditTest, WhatWasSaidIsSaidAnewWhenItIsOldOrNoLongerTrue) {
    serve(front_);
    ASSERT_EQ(audited(), "ok");
    auto const first = last_;
    clock_.advance(SealingAudit::renewal - 1min);
    EXPECT_EQ(audited(auditor_, &first), "ok");
    EXPECT_EQ(last_.signature, first.signature);
    EXPECT_EQ(posted_, 1) << "a key that is vouched for";
    clock_.advance(1min);
    EXPECT_EQ(audited(auditor_, &first), "ok");
    auto const second = last_;
    EXPECT_NE(second.statement.key_id(), first.statement.key_id()) << "the next key";
    EXPECT_EQ(posted_, 2);
    auto old = second;
    old.statement.audited_at -= SealingAudit::renewal;
    EXPECT_EQ(audited(auditor_, &old), "ok");
    EXPECT_EQ(posted_, 3) << "of the same key, long ago";
    auto of_another = second;
    of_another.statement.certificate[0] ^= 1;
    EXPECT_EQ(audited(auditor_, &of_another), "ok");
    EXPECT_EQ(posted_, 4) << "of another connection's certificate";
    guest_.spec = {.vmpl = 0};
    clock_.advance(6s);  // citadel keeps what the attester said for a moment
    EXPECT_EQ(audited(auditor_, &second), "vmpl") << "it is appraised each time";
}

TEST_F(SealingAuditTest, CitadelKeepsNoWordOfAStrangerAndNoneThatWasAltered) {
    serve(front_);
    EXPECT_EQ(audited(stranger_), "auditor_unknown");
    ASSERT_EQ(audited(), "ok");
    EXPECT_EQ(brought(last_), "ok");
    auto altered = last_;
    altered.statement.environment = "staging";
    EXPECT_EQ(brought(altered), "statement_signature");
    altered = last_;
    altered.statement.expires_at += 1h;
    EXPECT_EQ(brought(altered), "statement_expiry");
    auto forged = attest::sign(last_.statement, stranger_);
    forged.statement.auditor = name_of(auditor_);
    EXPECT_EQ(brought(forged), "statement_signature");
    EXPECT_EQ(call("POST", "/sealing-key/statements", base::Json::object({{"v", 1}})).status, 400U);
    EXPECT_EQ(sealed_to(key()), "attested") << "what was good is there still";
}

TEST_F(SealingAuditTest, ANativeCitadelSpeaksForItsKeyItself) {
    guest_.what = EvidenceFormat::sev_snp;
    guest_.spec = {};
    serve(front_);
    EXPECT_EQ(sealed_to(key()), "attested");
    auto of_another = key();
    auto const raw = std::vector<std::uint8_t>(32, 7);
    of_another.public_key = crypto::base64url_encode(raw);
    of_another.id = crypto::base64url_encode(crypto::sha256(crypto::Bytes(raw)));
    EXPECT_EQ(sealed_to(of_another), "report_data")
        << "a gateway's own key beside citadel's report";
    guest_.spec = {.policy = 0xb0000};
    serve(front_);
    EXPECT_EQ(sealed_to(key()), "policy_debug");
}

}  // namespace
}  // namespace obscura::peers::sealing_audit_test
