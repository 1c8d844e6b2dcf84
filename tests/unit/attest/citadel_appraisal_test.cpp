// Whether citadel may be dealt with: by whom it says it is, by what its evidence is bound to, and
// by what the caller's policy asks.
#include "attest/citadel_appraisal.hpp"
#include "attest/binding.hpp"
#include "attest/evidence_source.hpp"
#include "support/coroutine.hpp"
#include "synthetic_amd.hpp"
#include "vectors.hpp"

#include <gtest/gtest.h>

namespace obscura::attest::test {
namespace {

using Spec = SyntheticAmd::Spec;

auto const at = in_2026 + std::chrono::days(1);
std::vector<std::uint8_t> const tls_key(91, 0x30);
std::vector<std::uint8_t> const sealing_key(32, 9);

SyntheticAmd& amd() { return SyntheticAmd::shared(Product::milan); }

Observed observed() {
    Observed out{.peer_key = tls_key};
    out.nonce.fill(7);
    return out;
}

CitadelPolicy policy() {
    CitadelPolicy out;
    out.snp.measurements = {ByteArray<48>{}};
    out.snp.measurements[0].fill(0xe0);
    out.snp.minimum_tcb = TcbParts{.bootloader = 4, .tee = 1, .snp = 24, .microcode = 219};
    out.revocations = amd().crl(false);
    return out;
}

void set_data(Spec& spec, ReportData const& data) {
    spec.before_signing = [data, before = spec.before_signing](auto& bytes) {
        if (before) before(bytes);
        std::ranges::copy(data, bytes.begin() + 0x50);
    };
}

/// What a native citadel answers.
BoundEvidence native(Spec spec = {}) {
    auto const seen = observed();
    set_data(spec, native_report_data(seen.nonce, tls_key, sealing_key));
    auto const made = amd().evidence(spec);
    return {.evidence = {.format = EvidenceFormat::sev_snp,
                         .report = {made.report.raw.begin(), made.report.raw.end()},
                         .certificates = made.certificates},
            .nonce = seen.nonce,
            .spki = tls_key,
            .public_key = sealing_key};
}

BoundEvidence software() {
    return {.evidence = {}, .nonce = observed().nonce, .spki = tls_key, .public_key = sealing_key};
}

std::string check(BoundEvidence const& bound, CitadelPolicy const& asked = policy(),
                  Observed const& seen = observed()) {
    auto const verdict = appraise_citadel(bound, asked, seen, amd().roots(), at);
    return verdict ? verdict->attested ? "attested" : "not attested" : verdict.error().reason;
}

TEST(CitadelAppraisal, BelievesANativeGuestThatMeetsThePolicy) {
    auto const verdict = appraise_citadel(native(), policy(), observed(), amd().roots(), at);
    ASSERT_TRUE(verdict) << verdict.error().reason;
    EXPECT_TRUE(verdict->attested);
    EXPECT_EQ(verdict->format, EvidenceFormat::sev_snp);
    EXPECT_EQ(verdict->summary, "attested by AMD SEV-SNP (Milan), as the policy asks");
}

TEST(CitadelAppraisal, RefusesWithTheCheckThatFailed) {
    EXPECT_EQ(check(native({.policy = 0xb0000})), "policy_debug");
    EXPECT_EQ(check(native({.policy = 0x70000})), "policy_migration");
    EXPECT_EQ(check(native({.vmpl = 1})), "vmpl");
    EXPECT_EQ(check(native({.tcb = {.bootloader = 4, .tee = 1, .snp = 23, .microcode = 219}})),
              "minimum_tcb");
    EXPECT_EQ(check(native({.version = 2})), "report_version");
    EXPECT_EQ(check(native({.certificate = {.is_vlek = true}})), "signing_key");
    EXPECT_EQ(check(native({.before_signing = [](auto& bytes) { bytes[0x90] = 1; }})),
              "measurement");
    EXPECT_EQ(check(native({.after_signing = [](auto& bytes) { bytes[0x90] = 1; }})), "signature");
    auto const made_up =
        appraise_citadel(native(), policy(), observed(), TrustRoots::production(), at);
    ASSERT_FALSE(made_up);
    EXPECT_EQ(made_up.error().reason, "chain_root") << "AMD's own roots do not know this one";
}

TEST(CitadelAppraisal, RefusesAReplayAndAnotherChannel) {
    auto replayed = native();
    auto other = observed();
    other.nonce.fill(8);
    EXPECT_EQ(check(replayed, policy(), other), "nonce");
    replayed.nonce = other.nonce;  // whoever replays can write what he likes beside the report
    EXPECT_EQ(check(replayed, policy(), other), "report_data");

    auto seen = observed();
    seen.peer_key[0] ^= 1;
    EXPECT_EQ(check(native(), policy(), seen), "spki");
    auto relayed = native();
    relayed.spki = seen.peer_key;
    EXPECT_EQ(check(relayed, policy(), seen), "report_data");
    auto other_key = native();
    other_key.public_key[0] ^= 1;
    EXPECT_EQ(check(other_key), "report_data");

    seen.peer_key.clear();
    EXPECT_EQ(check(native(), policy(), seen), "channel");
    seen.is_loopback = true;
    EXPECT_EQ(check(native(), policy(), seen), "spki");
}

TEST(CitadelAppraisal, RefusesWithoutWhatThePolicyMustHave) {
    auto asked = policy();
    asked.snp.measurements.clear();
    EXPECT_EQ(check(native(), asked), "measurement");
    asked = policy();
    asked.revocations.reset();
    EXPECT_EQ(check(native(), asked), "crl_missing");
    asked.snp.requires_crl = false;
    EXPECT_EQ(check(native(), asked), "attested");
    asked = policy();
    asked.revocations = amd().crl(true);
    EXPECT_EQ(check(native(), asked), "certificate_revoked");
}

TEST(CitadelAppraisal, TakesCertificatesOfThePolicysToo) {
    auto bound = native();
    auto asked = policy();
    std::swap(bound.evidence.certificates, asked.certificates);
    EXPECT_EQ(check(bound, asked), "attested");
}

TEST(CitadelAppraisal, NeverTakesSoftwareForAttested) {
    EXPECT_EQ(check(software()), "software");
    auto asked = policy();
    asked.required = RequiredEvidence::software;
    EXPECT_EQ(check(software(), asked), "not attested");
    EXPECT_EQ(check(native(), asked), "not attested") << "nobody has looked at the report";
    auto seen = observed();
    seen.peer_key.clear();
    EXPECT_EQ(check(software(), asked, seen), "channel") << "plain HTTP to another host";
    seen.is_loopback = true;
    EXPECT_EQ(check(software(), asked, seen), "not attested");
    seen.nonce.fill(0);
    EXPECT_EQ(check(software(), asked, seen), "nonce");
}

TEST(CitadelAppraisal, BelievesNilccForTheCertificateOfTheConnection) {
    auto make = [](crypto::Bytes spki, std::uint32_t vmpl) {
        Spec spec{.vmpl = vmpl};
        set_data(spec, nilcc_report_data(spki));
        auto const made = amd().evidence(spec);
        return BoundEvidence{
            .evidence = {.format = EvidenceFormat::nilcc,
                         .report = {made.report.raw.begin(), made.report.raw.end()},
                         .certificates = made.certificates},
            .nonce = observed().nonce,
            .spki = {},
            .public_key = sealing_key};
    };
    EXPECT_EQ(check(make(tls_key, 1)), "attested");
    EXPECT_EQ(check(make(tls_key, 0)), "vmpl") << "nilCC's guests report at 1";
    EXPECT_EQ(check(make(sealing_key, 1)), "report_data");
    auto seen = observed();
    seen.peer_key.clear();
    seen.is_loopback = true;
    EXPECT_EQ(check(make({}, 1), policy(), seen), "channel");
}

TEST(BoundEvidence, GetsAcrossAsJson) {
    for (auto const& bound : {native(), software()}) {
        auto const json = base::parse_json(to_json(bound).dump()).value();
        auto const read = bound_evidence_from_json(json);
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(to_json(*read), to_json(bound));
        EXPECT_EQ(read->evidence.report, bound.evidence.report);
    }
    EXPECT_FALSE(to_json(software())["attested"].as_bool());
    EXPECT_EQ(to_json(software()).find("report"), nullptr);
}

TEST(BoundEvidence, ThatContradictsItselfIsRefused) {
    auto reason = [](base::Json const& json) {
        auto const read = bound_evidence_from_json(json);
        return read ? std::string("ok") : read.error().reason;
    };
    auto claims = to_json(software());
    claims.set("attested", true);
    EXPECT_EQ(reason(claims), "format");
    auto renamed = to_json(software());
    renamed.set("format", "sev-snp");
    renamed.set("attested", true);
    EXPECT_EQ(reason(renamed), "format") << "hardware without a report";
    auto modest = to_json(native());
    modest.set("attested", false);
    EXPECT_EQ(reason(modest), "format");
    auto unknown = to_json(native());
    unknown.set("format", "tdx");
    EXPECT_EQ(reason(unknown), "evidence_unreadable");
    auto long_one = to_json(native());
    long_one.set("report", std::string(3000, 'A'));
    EXPECT_EQ(reason(long_one), "evidence_unreadable");
    auto odd = to_json(native());
    odd.set("certificates", base::Json::array({"AAAA"}));
    EXPECT_EQ(reason(odd), "evidence_unreadable");
    EXPECT_EQ(reason({}), "evidence_unreadable");
}

TEST(NilccSource, BringsWhatTheHardwareSigned) {
    boost::asio::io_context io;
    auto const text = read_vector("nilcc_json/report_a.json");
    auto body = base::Result<std::string>(text);
    NilccSource source([&]() -> base::Task<base::Result<std::string>> { co_return body; });
    auto const evidence = obscura::test::run(io, source.evidence({}));
    ASSERT_TRUE(evidence) << evidence.error().internal;
    EXPECT_EQ(evidence->format, EvidenceFormat::nilcc);
    EXPECT_EQ(parse_snp_report(evidence->report)->vmpl, 1U);
    body = std::string("<html>");
    EXPECT_EQ(obscura::test::run(io, source.evidence({})).error().reason, "evidence_unavailable");
    body = base::fail(base::Errc::unavailable, "x", "no answer");
    EXPECT_EQ(obscura::test::run(io, source.evidence({})).error().reason, "evidence_unavailable");
}

TEST(Tcb, IsReadByName) {
    auto const parts = parse_tcb("bootloader=4,snp=24,microcode=219");
    ASSERT_TRUE(parts);
    EXPECT_EQ(*parts, (TcbParts{.bootloader = 4, .snp = 24, .microcode = 219}));
    for (auto const* text : {"", "snp", "snp=", "snp=256", "snp=1,", "snpx=1", "snp=-1"})
        EXPECT_FALSE(parse_tcb(text)) << text;
}

}  // namespace
}  // namespace obscura::attest::test
