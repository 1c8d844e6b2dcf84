// A whole native citadel, over HTTPS, before callers with a policy: what convinces them, what does
// not and why, and that nothing is sent to who does not. Its hardware is the synthetic AMD of the
// tests of attest, whose roots are injected here.
#include "attest/evidence_source.hpp"
#include "citadel/service.hpp"
#include "net/runtime.hpp"
#include "net/server.hpp"
#include "peers/citadel_client.hpp"
#include "support/coroutine.hpp"
#include "support/run_until.hpp"
#include "support/tls_certificate.hpp"
#include "unit/attest/synthetic_amd.hpp"
#include "unit/attest/vectors.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <fstream>
#include <sstream>

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;
using attest::test::SyntheticAmd;
using obscura::test::run;
using obscura::test::TlsCertificate;

SyntheticAmd& amd() { return SyntheticAmd::shared(attest::Product::milan); }

/// The guest that citadel runs in.
struct Guest final : attest::EvidenceSource {
    SyntheticAmd::Spec spec;
    attest::EvidenceFormat what = attest::EvidenceFormat::sev_snp;
    std::optional<attest::ReportData> replays;  ///< the report made for it, whatever is asked
    std::vector<attest::ReportData> asked;

    [[nodiscard]] attest::EvidenceFormat format() const override { return what; }
    [[nodiscard]] base::Task<base::Result<attest::Evidence>> evidence(
        attest::ReportData data) override {
        asked.push_back(data);
        if (what == attest::EvidenceFormat::software) co_return attest::Evidence{};
        auto made_for = spec;
        made_for.before_signing = [&, before = spec.before_signing](auto& bytes) {
            if (before) before(bytes);
            std::ranges::copy(replays.value_or(data), bytes.begin() + 0x50);
        };
        auto const made = amd().evidence(made_for);
        co_return attest::Evidence{.format = what,
                                   .report = {made.report.raw.begin(), made.report.raw.end()},
                                   .certificates = made.certificates};
    }
};

std::string crl_file() {
    static std::string const path = [] {
        auto name = ::testing::TempDir() + "obscura-evidence.crl";
        std::ofstream(name, std::ios::binary) << amd().crl_der();
        return name;
    }();
    return path;
}

std::string text_of(std::string const& file) {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

class CitadelEvidence : public ::testing::Test {
protected:
    boost::asio::io_context io_;
    base::ManualClock clock_{attest::test::in_2026 + std::chrono::days(1)};
    base::SeededRandom random_{3};
    base::Metrics metrics_;
    TlsCertificate ours_{"citadel"};
    TlsCertificate other_{"other"};
    attest::TrustRoots roots_ = amd().roots();
    Guest guest_;
    std::optional<citadel::Service> service_;
    std::optional<net::HttpServer> server_;
    std::optional<net::HttpClient> http_;
    std::optional<CitadelClient> client_;
    CitadelClientConfig config_{
        .evidence = {.measurements = {std::string(96, '0')},
                     .minimum_tcb = "bootloader=4,tee=1,snp=24,microcode=219",
                     .crl_file = crl_file()}};
    std::uint16_t port_ = 0;

    void SetUp() override {
        for (std::size_t i = 0; i < 48; ++i)
            config_.evidence.measurements[0].replace(2 * i, 2, "e0");
    }
    void TearDown() override {
        if (http_) http_->close();
        stop();
    }
    void stop() {
        if (server_) run(io_, server_->stop(1s));
        server_.reset();
        service_.reset();
    }
    /// citadel with `bound` for its certificate, served with `shown`.
    void serve(TlsCertificate const& bound, TlsCertificate const& shown) {
        citadel::Config config;
        config.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
        config.caller_keys[0] = base::Secret(std::string_view("key-of-gateway"));
        config.tls.certificate_file = bound.certificate_file;
        service_.emplace(std::move(config), clock_, random_, metrics_, nullptr, &guest_);
        net::ServerConfig http{.port = port_};
        http.tls = net::TlsServerConfig{.certificate_file = shown.certificate_file,
                                        .key_file = shown.key_file};
        server_.emplace(io_.get_executor(), http, service_->router(), clock_, random_);
        server_->start();
        port_ = server_->port();
    }
    void serve() { serve(ours_, ours_); }
    void serve_plainly() {
        citadel::Config config;
        config.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
        config.caller_keys[0] = base::Secret(std::string_view("key-of-gateway"));
        service_.emplace(std::move(config), clock_, random_, metrics_, nullptr, &guest_);
        server_.emplace(io_.get_executor(), net::ServerConfig{}, service_->router(), clock_,
                        random_);
        server_->start();
        connect("http://127.0.0.1:" + std::to_string(server_->port()));
    }
    void connect() { connect("https://127.0.0.1:" + std::to_string(port_)); }
    void connect(std::string url) {
        // Either certificate will do for TLS: whom to believe says the evidence alone.
        auto const authorities = ::testing::TempDir() + "obscura-evidence-authorities.pem";
        std::ofstream(authorities)
            << text_of(ours_.certificate_file) << text_of(other_.certificate_file);
        http_.emplace(io_.get_executor(),
                      net::ClientConfig{.allowed_origins = {"*"}, .tls = {.ca_file = authorities}},
                      clock_);
        config_.url = std::move(url);
        client_.emplace(*http_, config_, base::Secret(std::string_view("key-of-gateway")), clock_,
                        random_, roots_);
    }
    /// "ok", or why a call that carries a secret was not made or failed.
    [[nodiscard]] std::string call() {
        std::map<std::string, base::Secret> fields;
        fields.emplace("secret", base::Secret(std::string_view("s")));
        auto const sealed = run(io_, client_->encrypt_fields("context", std::move(fields)));
        return sealed ? "ok" : sealed.error().reason;
    }
    /// The check that a citadel as it now is fails, at the first call of a new caller.
    [[nodiscard]] std::string refused_for() {
        serve();
        connect();
        auto const outcome = call();
        auto const status = client_->gate().status();
        EXPECT_EQ(served(), outcome == "ok" ? 1 : 0) << "nothing may be sent to who is refused";
        http_->close();
        stop();
        if (outcome != "citadel_refused") return outcome;
        auto const at = status.find("(check: ");
        return at == status.npos ? status : status.substr(at + 8, status.size() - at - 9);
    }
    /// Texts that citadel has sealed so far.
    [[nodiscard]] int served() const {
        auto const text = metrics_.expose();
        auto const at = text.find("obscura_citadel_items_total{route=\"encrypt_bulk\"} ");
        return at == text.npos ? -1 : std::stoi(text.substr(text.find("} ", at) + 2));
    }
    [[nodiscard]] base::Json probed() {
        CitadelProbe probe(*http_, net::parse_url(config_.url)->origin(), client_->gate());
        auto result = run(io_, probe.check(5s));
        result.facts.set("is_up", result.is_up);
        return result.facts;
    }
};

TEST_F(CitadelEvidence, OfAGoodGuestConvinces) {
    serve();
    connect();
    EXPECT_EQ(client_->gate().status(), "not asked yet");
    EXPECT_EQ(call(), "ok");
    EXPECT_EQ(served(), 1);
    EXPECT_TRUE(client_->gate().is_attested());
    EXPECT_EQ(client_->gate().status(), "attested by AMD SEV-SNP (Milan), as the policy asks");
    EXPECT_EQ(call(), "ok");
    EXPECT_EQ(guest_.asked.size(), 1U) << "a verdict lasts a while";
    EXPECT_TRUE(probed()["attested"].as_bool());
    EXPECT_TRUE(probed()["is_up"].as_bool());
}

TEST_F(CitadelEvidence, IsRefusedWithTheCheckThatFailed) {
    guest_.spec = {.policy = 0xb0000};
    EXPECT_EQ(refused_for(), "policy_debug");
    guest_.spec = {.before_signing = [](auto& bytes) { bytes[0x90] = 1; }};
    EXPECT_EQ(refused_for(), "measurement");
    guest_.spec = {.tcb = {.bootloader = 4, .tee = 1, .snp = 23, .microcode = 219}};
    EXPECT_EQ(refused_for(), "minimum_tcb");
    guest_.spec = {.vmpl = 1};
    EXPECT_EQ(refused_for(), "vmpl");
    guest_.spec = {};
    guest_.what = attest::EvidenceFormat::software;
    EXPECT_EQ(refused_for(), "software");
    guest_.what = attest::EvidenceFormat::sev_snp;
    config_.evidence.crl_file.clear();
    EXPECT_EQ(refused_for(), "crl_missing");
    config_.evidence.requires_crl = false;
    EXPECT_EQ(refused_for(), "ok");
}

TEST_F(CitadelEvidence, OfAnotherMomentIsRefused) {
    serve();
    connect();
    EXPECT_EQ(call(), "ok");
    http_->close();
    guest_.replays = guest_.asked.at(0);
    connect();
    EXPECT_EQ(call(), "citadel_refused");
    EXPECT_NE(client_->gate().status().find("(check: report_data)"), std::string::npos);
    EXPECT_EQ(served(), 1);
}

TEST_F(CitadelEvidence, ForAnotherTlsKeyIsRefused) {
    serve(ours_, other_);
    connect();
    EXPECT_EQ(call(), "citadel_refused");
    EXPECT_NE(client_->gate().status().find("(check: spki)"), std::string::npos)
        << client_->gate().status();
    EXPECT_EQ(served(), 0);
}

// Whoever stands in the middle can show citadel's own answer, but not its key.
TEST_F(CitadelEvidence, RelayedIsRefused) {
    roots_ = attest::TrustRoots::production();
    EXPECT_EQ(refused_for(), "chain_root") << "AMD does not know this one";
}

TEST_F(CitadelEvidence, OfABadNonceIsRefused) {
    serve();
    net::Router router;
    router.add({.method = "GET",
                .pattern = "/attestation",
                .handler = [](net::Request&) -> net::Task<base::Result<net::Response>> {
                    attest::BoundEvidence bound;
                    co_return net::json_response(200, attest::to_json(bound));
                }});
    net::HttpServer old(io_.get_executor(), {}, std::move(router), clock_, random_);
    old.start();
    connect("http://127.0.0.1:" + std::to_string(old.port()));
    EXPECT_EQ(call(), "citadel_refused");
    EXPECT_NE(client_->gate().status().find("(check: nonce)"), std::string::npos);
    run(io_, old.stop(1s));
}

TEST_F(CitadelEvidence, MustBeThere) {
    net::HttpServer nothing(io_.get_executor(), {}, net::Router(), clock_, random_);
    nothing.start();
    connect("http://127.0.0.1:" + std::to_string(nothing.port()));
    EXPECT_EQ(call(), "citadel_refused");
    EXPECT_NE(client_->gate().status().find("(check: evidence_missing)"), std::string::npos);
    run(io_, nothing.stop(1s));
}

TEST_F(CitadelEvidence, IsAskedForAgainAfterARefusalEverMoreSlowly) {
    guest_.spec = {.policy = 0xb0000};
    serve();
    connect();
    EXPECT_EQ(call(), "citadel_refused");
    for (auto const pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        auto const asked = guest_.asked.size();
        clock_.advance(pause - 1ms);
        EXPECT_EQ(call(), "citadel_refused");
        EXPECT_EQ(guest_.asked.size(), asked) << pause.count();
        clock_.advance(1ms);
        EXPECT_EQ(call(), "citadel_refused");
        EXPECT_EQ(guest_.asked.size(), asked + 1) << pause.count();
    }
    EXPECT_FALSE(probed()["is_up"].as_bool());
    EXPECT_FALSE(probed()["attested"].as_bool()) << "whatever citadel says of itself";
    EXPECT_NE(probed()["evidence"].as_string().find("memory (DEBUG)"), std::string::npos);
    guest_.spec = {};
    clock_.advance(30s);
    EXPECT_EQ(call(), "ok");
    EXPECT_EQ(served(), 1);
}

TEST_F(CitadelEvidence, IsAskedForAgainWithANewNonce) {
    serve();
    connect();
    EXPECT_EQ(call(), "ok");
    clock_.advance(10min - 1ms);
    EXPECT_EQ(call(), "ok");
    EXPECT_EQ(guest_.asked.size(), 1U);
    clock_.advance(1ms);
    EXPECT_EQ(call(), "ok");
    ASSERT_EQ(guest_.asked.size(), 2U);
    EXPECT_NE(guest_.asked[0], guest_.asked[1]);
    guest_.spec = {.policy = 0xb0000};
    clock_.advance(10min);
    EXPECT_EQ(call(), "citadel_refused") << "it was good once";
    EXPECT_EQ(served(), 3);
}

TEST_F(CitadelEvidence, IsKeptYoungWithoutACall) {
    serve();
    connect();
    net::Scope scope(io_.get_executor());
    scope.spawn("evidence", client_->gate().keep());
    obscura::test::run_until(io_, [&] { return client_->gate().is_attested(); });
    EXPECT_EQ(guest_.asked.size(), 1U);
    run(io_, scope.stop());
    EXPECT_EQ(call(), "ok");
    EXPECT_EQ(guest_.asked.size(), 1U);
}

TEST_F(CitadelEvidence, IsOfTheKeyThatIsTalkedTo) {
    serve();
    connect();
    EXPECT_EQ(call(), "ok");
    stop();
    serve(ours_, other_);  // TLS would do; the evidence was of another key
    EXPECT_EQ(call(), "citadel_unavailable");
    EXPECT_EQ(call(), "citadel_refused");
    EXPECT_EQ(served(), 1);
    stop();
    serve();
    clock_.advance(1s);
    EXPECT_EQ(call(), "ok");
}

TEST_F(CitadelEvidence, IsAskedForOnceByMany) {
    using namespace boost::asio::experimental::awaitable_operators;
    serve();
    connect();
    auto both = [](CitadelGate& gate) -> base::Task<bool> {
        auto const [a, b] = co_await (gate.enter() && gate.enter());
        co_return a.has_value() && b.has_value();
    };
    EXPECT_TRUE(run(io_, both(client_->gate())));
    EXPECT_EQ(guest_.asked.size(), 1U);
}

TEST_F(CitadelEvidence, OfSoftwareWillDoWhereThePolicySaysSo) {
    guest_.what = attest::EvidenceFormat::software;
    config_.evidence = {.required = "software"};
    serve_plainly();
    EXPECT_EQ(call(), "ok");
    EXPECT_FALSE(client_->gate().is_attested());
    EXPECT_EQ(client_->gate().status(),
              "software evidence, not attested: keys are protected by this machine's owner only");
    guest_.what = attest::EvidenceFormat::sev_snp;
    EXPECT_FALSE(probed()["attested"].as_bool()) << "citadel says so, and nobody has looked";
}

TEST_F(CitadelEvidence, OnLoopbackNeedsNoTls) {
    serve_plainly();
    EXPECT_EQ(call(), "ok");
    EXPECT_TRUE(client_->gate().is_attested());
}

TEST_F(CitadelEvidence, IsNotAskedOfWhoDoesNotAnswer) {
    serve();
    connect();
    EXPECT_EQ(call(), "ok");
    stop();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(call(), "citadel_unavailable");
    auto left_alone = [&] {
        auto const outcome = run(io_, client_->current_key_version());
        return outcome ? "answered" : outcome.error().internal.substr(0, 10);
    };
    EXPECT_EQ(left_alone(), "left alone");
    for (auto const pause : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 5000ms, 5000ms}) {
        clock_.advance(pause - 1ms);
        EXPECT_EQ(left_alone(), "left alone");
        clock_.advance(1ms);
        EXPECT_NE(left_alone(), "left alone") << pause.count();
    }
    serve();
    EXPECT_EQ(left_alone(), "left alone");
    clock_.advance(5s);
    EXPECT_EQ(call(), "ok");
}

}  // namespace
}  // namespace obscura::peers
