// What citadel shows of its machine, with hardware that says what the test has it say. Whether a
// verifier believes it: tests/unit/peers/citadel_evidence_test.cpp.
#include "attest/binding.hpp"
#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "service_fixture.hpp"

namespace obscura::citadel {
namespace {

using attest::EvidenceFormat;
using base::Json;

struct FakeHardware final : attest::EvidenceSource {
    EvidenceFormat what = EvidenceFormat::sev_snp;
    bool fails = false;
    std::vector<attest::ReportData> asked;

    [[nodiscard]] EvidenceFormat format() const override { return what; }
    [[nodiscard]] base::Task<base::Result<attest::Evidence>> evidence(
        attest::ReportData data) override {
        asked.push_back(data);
        if (fails) co_return attest::no_evidence("the chip is asleep");
        co_return attest::Evidence{.format = what, .report = {1, 2, 3}, .certificates = {}};
    }
};

class AttestationTest : public test::ServiceTest {
protected:
    FakeHardware hardware_;
    Service attested_{test::config(), clock_, random_, metrics_, &prices_, &hardware_};
    net::Router attested_router_ = attested_.router();
    std::string const nonce_ = std::string(62, '0') + "07";

    [[nodiscard]] Seen get(std::string target, std::string_view caller = {},
                           std::string from = "10.0.0.1") {
        auto const question = target.find('?');
        net::Request request{.target = target, .path = target.substr(0, question)};
        request.remote_address = std::move(from);
        if (question != target.npos) request.query = target.substr(question + 1);
        if (!caller.empty()) request.headers.add("X-Internal-API-Key", test::key_of(caller));
        auto const response = obscura::test::run(io_, attested_router_.dispatch(request));
        return {response.status, base::parse_json(response.body).value_or(Json())};
    }
    [[nodiscard]] Seen get_from_software(std::string target) {
        auto const question = target.find('?');
        net::Request request{.target = target, .path = target.substr(0, question)};
        if (question != target.npos) request.query = target.substr(question + 1);
        return send(std::move(request));
    }
};

TEST_F(AttestationTest, BindsTheNonceAndTheSealingKey) {
    auto const answer = get("/attestation?nonce=" + nonce_);
    ASSERT_EQ(answer.status, 200U) << answer.body.dump();
    auto const bound = attest::bound_evidence_from_json(answer.body);
    ASSERT_TRUE(bound) << bound.error().detail;
    EXPECT_EQ(bound->evidence.format, EvidenceFormat::sev_snp);
    EXPECT_EQ(bound->nonce[31], 7);
    EXPECT_TRUE(bound->spki.empty()) << "no TLS here";
    auto const key = get("/sealing-key", "gateway");
    EXPECT_EQ(crypto::base64url_encode(bound->public_key), key.body["public_key"].as_string());
    ASSERT_FALSE(hardware_.asked.empty());
    EXPECT_EQ(hardware_.asked[0],
              attest::native_report_data(bound->nonce, bound->spki, bound->public_key));
}

TEST_F(AttestationTest, RefusesWhatIsNoNonce) {
    for (auto const* query : {"", "?nonce=", "?nonce=00", "?nonce=zz"})
        EXPECT_EQ(get(std::string("/attestation") + query).status, 400U) << query;
    EXPECT_EQ(get("/attestation?nonce=" + nonce_ + "00").status, 400U);
    EXPECT_TRUE(hardware_.asked.empty());
}

TEST_F(AttestationTest, SealingKeyCarriesAReportOfItsOwnOnce) {
    auto const key = get("/sealing-key", "gateway");
    ASSERT_EQ(key.status, 200U) << key.body.dump();
    auto const& evidence = key.body["evidence"];
    EXPECT_EQ(evidence["format"].as_string(), "sev-snp");
    EXPECT_TRUE(evidence["attested"].as_bool());
    EXPECT_EQ(evidence["report"].as_string(), "AQID");
    ASSERT_EQ(hardware_.asked.size(), 1U);
    EXPECT_EQ(crypto::hex_encode(hardware_.asked[0]), evidence["binding"].as_string());
    EXPECT_TRUE(ports::sealing_key_from_json(key.body));
    EXPECT_EQ(get("/sealing-key", "gateway").body, key.body);
    EXPECT_EQ(hardware_.asked.size(), 1U);
    clock_.advance(std::chrono::minutes(31));
    EXPECT_NE(get("/sealing-key", "gateway").body["key_id"], key.body["key_id"]);
    EXPECT_EQ(hardware_.asked.size(), 2U) << "another key, another report";
}

TEST_F(AttestationTest, HandsOutNothingWithoutTheEvidenceItPromises) {
    hardware_.fails = true;
    auto const answer = get("/sealing-key", "gateway");
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.body["code"].as_string(), "evidence_unavailable");
    EXPECT_EQ(answer.body.dump().find("asleep"), std::string::npos);
    EXPECT_EQ(get("/attestation?nonce=" + nonce_).status, 503U);
}

TEST_F(AttestationTest, HealthTellsWhatTheSourceIs) {
    EXPECT_EQ(get("/health").body["tee"].as_string(), "sev-snp");
    EXPECT_TRUE(get("/health").body["attested"].as_bool());
    EXPECT_EQ(get_from_software("/health").body["tee"].as_string(), "none");
    EXPECT_FALSE(get_from_software("/health").body["attested"].as_bool());
}

TEST_F(AttestationTest, SoftwareSaysThatItIsNone) {
    auto const answer = get_from_software("/attestation?nonce=" + nonce_);
    ASSERT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body["format"].as_string(), "software");
    EXPECT_FALSE(answer.body["attested"].as_bool());
    EXPECT_EQ(answer.body.find("report"), nullptr);
    EXPECT_TRUE(attest::bound_evidence_from_json(answer.body));
    EXPECT_EQ(get_from_software("/nilcc/attestation").status, 404U);
}

TEST_F(AttestationTest, OnNilccNothingSpeaksForTheSealingKey) {
    hardware_.what = EvidenceFormat::nilcc;
    auto const key = get("/sealing-key", "gateway");
    EXPECT_EQ(key.body["evidence"]["format"].as_string(), "nilcc");
    EXPECT_FALSE(key.body["evidence"]["attested"].as_bool());
    EXPECT_TRUE(hardware_.asked.empty());
    auto const answer = get("/nilcc/attestation");
    ASSERT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body["format"].as_string(), "nilcc");
    EXPECT_EQ(answer.body["raw_report"].as_string(), "010203");
    EXPECT_EQ(answer.body.find("nonce"), nullptr) << "none is bound";
}

TEST_F(AttestationTest, IsBoundedSinceAnybodyMayAsk) {
    auto const question = "/attestation?nonce=" + nonce_;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(get(question).status, 200U);
    EXPECT_EQ(get(question).status, 429U);
    EXPECT_EQ(get(question, {}, "10.0.0.2").status, 200U) << "one does not take another's share";
    EXPECT_EQ(get("/sealing-key", "gateway").status, 200U);
    EXPECT_EQ(hardware_.asked.size(), 12U);
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(get(question).status, 200U);
    clock_.advance(std::chrono::seconds(1));
    int answered = 0;
    for (int i = 0; i < 200; ++i)
        if (get(question, {}, "10.0.1." + std::to_string(i)).status == 200) ++answered;
    EXPECT_EQ(answered, 100) << "nor many together all of the chip";
}

TEST_F(AttestationTest, AsksNilccNoMoreThanItHasNews) {
    hardware_.what = EvidenceFormat::nilcc;
    for (int i = 0; i < 50; ++i) EXPECT_EQ(get("/nilcc/attestation").status, 200U);
    EXPECT_EQ(hardware_.asked.size(), 1U);
    clock_.advance(std::chrono::seconds(5));
    EXPECT_EQ(get("/nilcc/attestation").status, 200U);
    EXPECT_EQ(hardware_.asked.size(), 2U);
}

TEST(EvidenceConfig, NamesItsSource) {
    EvidenceConfig config;
    base::ConfigTable table;
    bind(table, config);
    EXPECT_EQ(table.load("", "citadel.toml", {}).size(), 0U);
    EXPECT_EQ(table.load("[attestation]\nsource = \"tdx\"\n", "citadel.toml", {}).size(), 1U);
    boost::asio::io_context io;
    base::SystemClock clock;
    base::SeededRandom random(1);
    for (auto const& [source, format] : {std::pair{"software", EvidenceFormat::software},
                                         std::pair{"sev_guest", EvidenceFormat::sev_snp},
                                         std::pair{"configfs_tsm", EvidenceFormat::sev_snp},
                                         std::pair{"nilcc", EvidenceFormat::nilcc}}) {
        config.source = source;
        config.device = config.configfs = "/nowhere";
        config.nilcc_url = "http://127.0.0.1:9/api/v2/report";
        auto const made = make_evidence_source(config, io.get_executor(), clock, random);
        EXPECT_EQ(made->format(), format);
        auto const evidence = obscura::test::run(io, made->evidence({}));
        EXPECT_EQ(evidence.has_value(), format == EvidenceFormat::software);
    }
}

}  // namespace
}  // namespace obscura::citadel
