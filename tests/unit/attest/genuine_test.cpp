// Genuine evidence of AMD's (tests/vectors/snp): each set gets its manifest's verdict.
#include "vectors.hpp"

#include "crypto/hash.hpp"
#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace obscura::attest::test {
namespace {

using base::Json;

std::vector<std::uint8_t> unhex(std::string text) {
    if (text.size() % 2 == 1) text.insert(0, "0");
    return crypto::hex_decode(text).value();
}
template <std::size_t N>
std::string hex(ByteArray<N> const& bytes) {
    return crypto::hex_encode(bytes);
}
/// Without leading zeros, as the manifest has numbers.
std::string number(ByteArray<48> const& bytes) {
    auto const text = hex(bytes);
    return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
}

TEST(GenuineEvidence, IsWhatItsManifestSays) {
    int files = 0;
    for (auto const& vector : manifest()["vectors"].as_array())
        for (auto const& [name, digest] : vector["files"].as_object()) {
            auto const path = vector["id"].as_string() + "/" + name;
            ASSERT_EQ(crypto::sha256_hex(read_vector(path)), digest.as_string()) << path;
            ++files;
        }
    EXPECT_EQ(files, 21);
}

TEST(GenuineEvidence, ReportsAreReadFieldByField) {
    int reports = 0;
    for (auto const& vector : manifest()["vectors"].as_array())
        for (auto const& [file, fields] :
             vector["fields"].is_object() ? vector["fields"].as_object() : Json::Object{}) {
            auto const path = vector["id"].as_string() + "/" + file;
            if (!file.ends_with(".bin")) continue;
            SCOPED_TRACE(path);
            auto const r = report_of(path);
            auto is = [&](char const* field, auto const& value) {
                EXPECT_EQ(fields[field], Json(value)) << field;
            };
            is("version", r.version);
            is("guest_svn", r.guest_svn);
            is("vmpl", r.vmpl);
            EXPECT_EQ(std::stoull(fields["policy"].as_string(), nullptr, 16), r.policy.bits);
            EXPECT_EQ(std::stoull(fields["plat_info"].as_string(), nullptr, 16), r.platform_info);
            is("family_id", hex(r.family_id));
            is("image_id", hex(r.image_id));
            is("report_data", hex(r.report_data));
            is("measurement", hex(r.measurement));
            is("host_data", hex(r.host_data));
            is("id_key_digest", hex(r.id_key_digest));
            is("author_key_digest", hex(r.author_key_digest));
            is("report_id", hex(r.report_id));
            is("report_id_ma", hex(r.report_id_ma));
            is("chip_id", hex(r.chip_id));
            is("current_tcb", hex(r.current_tcb.bytes));
            is("reported_tcb", hex(r.reported_tcb.bytes));
            is("committed_tcb", hex(r.committed_tcb.bytes));
            is("launch_tcb", hex(r.launch_tcb.bytes));
            is("signing_key", r.signing_key == SigningKey::vlek ? "VLEK" : "VCEK");
            is("mask_chip_key", r.chip_key_masked ? 1 : 0);
            is("author_key_en", r.author_key_enabled ? 1 : 0);
            is("r", number(r.signature_r));
            is("s", number(r.signature_s));
            auto const& firmware = fields["current(build,minor,major)"].as_array();
            EXPECT_EQ(firmware[0], Json(unsigned{r.current_firmware.build}));
            EXPECT_EQ(firmware[1], Json(unsigned{r.current_firmware.minor}));
            EXPECT_EQ(firmware[2], Json(unsigned{r.current_firmware.major}));
            auto const cpu = unhex(fields["fam_mod_step"].as_string());
            if (r.cpu) {
                EXPECT_EQ(cpu[0], r.cpu->family);
                EXPECT_EQ(cpu[1], r.cpu->model);
                EXPECT_EQ(cpu[2], r.cpu->stepping);
            }
            ++reports;
        }
    EXPECT_GE(reports, 6);
}

TEST(GenuineEvidence, ConvincesWithItsCertificate) {
    for (auto const* id : {"tav_milan", "tav_genoa", "trustee_milan", "virtee_milan"})
        EXPECT_EQ(verdict(evidence_of(id)), "ok") << id;
}

TEST(GenuineEvidence, TellsWhatWasCheckedAndWhatWasNot) {
    auto const a =
        appraise(evidence_of("tav_genoa"), {}, TrustRoots::production(), in_2026, nullptr).value();
    EXPECT_EQ(a.product, Product::genoa);
    EXPECT_EQ(a.tcb, (TcbParts{.bootloader = 10, .tee = 0, .snp = 23, .microcode = 84}));
    EXPECT_EQ(a.passed, (std::vector<std::string>{"form", "chain", "product", "signature", "tcb",
                                                  "chip_id", "guest_policy"}));
    EXPECT_EQ(a.not_asked, (std::vector<std::string>{"revocation", "vmpl", "minimum_tcb",
                                                     "measurement", "report_data", "host_data"}));
}

TEST(GenuineEvidence, OfAGuestThatMayBeDebuggedIsRefused) {
    EXPECT_EQ(verdict(evidence_of("gosev_milan_debug")), "policy_debug");
}

TEST(GenuineEvidence, IsBoundToItsTime) {
    auto const evidence = evidence_of("tav_milan");
    EXPECT_EQ(verdict(evidence, {}, base::parse_rfc3339("2026-02-05T01:04:32Z").value()),
              "certificate_time");
    EXPECT_EQ(verdict(evidence, {}, base::parse_rfc3339("2026-02-05T01:04:33Z").value()), "ok");
    EXPECT_EQ(verdict(evidence, {}, base::parse_rfc3339("2033-02-05T01:04:34Z").value()),
              "certificate_time");
}

TEST(GenuineEvidence, OfACloudsKeyIsRefusedUnlessAllowedAndInItsYear) {
    auto const evidence = evidence_of("trustee_milan_vlek");
    auto const in_2025 = base::parse_rfc3339("2025-06-01T00:00:00Z").value();
    SnpPolicy const with_vlek{.allows_vlek = true};
    EXPECT_EQ(verdict(evidence, {}, in_2025), "signing_key");
    EXPECT_EQ(verdict(evidence, with_vlek, in_2025), "ok");
    EXPECT_EQ(verdict(evidence, with_vlek, in_2026), "certificate_time");
    auto const appraisal =
        appraise(evidence, with_vlek, TrustRoots::production(), in_2025, nullptr).value();
    EXPECT_EQ(appraisal.cloud, "CN=cc-us-east-2.amazonaws.com");
    // Only certificates in question: of those compiled in, each fits by name.
    auto leaf = certificates_of({"trustee_milan_vlek/vlek.der", "roots/split/milan_ask.pem"});
    EXPECT_EQ(leaf[0].names_as_issuer(leaf[1]), false) << "not the ASK's";
}

TEST(GenuineEvidence, WithABadCertificateIsRefused) {
    for (auto const* bad : {"test-vcek-invalid-legacy.der", "test-vcek-invalid-new.der"}) {
        SnpEvidence const evidence{report_of("trustee_milan/report.bin"),
                                   certificates_of({std::string("trustee_milan/") + bad})};
        EXPECT_EQ(verdict(evidence), "chain") << bad;
    }
}

TEST(GenuineEvidence, WithoutACertificateIsRefused) {
    SnpEvidence const evidence{report_of("nilcc_json/report_a.reconstructed.bin"), {}};
    EXPECT_EQ(verdict(evidence), "certificate_leaf");
}

TEST(GenuineEvidence, WithAnothersCertificateIsRefused) {
    auto with = [](char const* report, std::vector<std::string> const& certificates) {
        return verdict({report_of(report), certificates_of(certificates)});
    };
    EXPECT_EQ(with("tav_milan/report.bin", {"tav_genoa/vcek.pem"}), "product");
    EXPECT_EQ(with("trustee_milan/report.bin", {"virtee_milan/vcek.der"}), "signature");
    EXPECT_EQ(with("tav_milan/report.bin", {"tav_milan/ask.pem"}), "certificate_leaf")
        << "an ASK is no VCEK";
    EXPECT_EQ(with("tav_milan/report.bin", {"tav_milan/vcek.pem", "tav_genoa/vcek.pem"}),
              "certificate_leaf")
        << "which of them";
    EXPECT_EQ(with("tav_milan/report.bin", {"tav_milan/vcek.pem", "tav_milan/vcek.pem"}), "ok")
        << "the same one, with the evidence and from a file";
    EXPECT_EQ(with("trustee_milan/report.bin", {"trustee_milan_vlek/vlek.der"}),
              "certificate_time");
}

TEST(GenuineEvidence, OfTurinHasAChainAndAShorterChip) {
    auto const certificates =
        certificates_of({"virtee_turin_certonly/vcek.der", "virtee_turin_certonly/cert_chain.pem"});
    auto const chain = build_chain(certificates, TrustRoots::production(), in_2026);
    ASSERT_TRUE(chain) << chain.error().detail;
    EXPECT_EQ(chain->facts.product, Product::turin);
    EXPECT_EQ(chain->facts.chip_id.size(), 8U);
    EXPECT_EQ(chain->facts.tcb.parts(Product::turin), (TcbParts{.microcode = 9}));
}

TEST(GenuineEvidence, IsNotEnoughForWhoeverAsksForMore) {
    auto const evidence = evidence_of("tav_milan");
    auto const& r = evidence.report;
    auto other = [](auto bytes) {
        bytes.back() ^= 1;
        return bytes;
    };
    EXPECT_EQ(verdict(evidence, {.minimum_version = 4}), "report_version");
    EXPECT_EQ(verdict(evidence, {.allows_smt = false}), "policy_smt");
    EXPECT_EQ(verdict(evidence, {.vmpl = 0}), "ok");
    EXPECT_EQ(verdict(evidence, {.vmpl = 1}), "vmpl");
    EXPECT_EQ(verdict(evidence, {.measurements = {other(r.measurement), r.measurement}}), "ok");
    EXPECT_EQ(verdict(evidence, {.measurements = {other(r.measurement)}}), "measurement");
    EXPECT_EQ(verdict(evidence, {.report_data = r.report_data}), "ok");
    EXPECT_EQ(verdict(evidence, {.report_data = other(r.report_data)}), "report_data");
    EXPECT_EQ(verdict(evidence, {.host_data = r.host_data}), "ok");
    EXPECT_EQ(verdict(evidence, {.host_data = other(r.host_data)}), "host_data");
    EXPECT_EQ(verdict(evidence, {.chip_ids = {r.chip_id}}), "ok");
    EXPECT_EQ(verdict(evidence, {.chip_ids = {other(r.chip_id)}}), "chip_id");
    EXPECT_EQ(verdict(evidence, {.requires_crl = true}), "crl_missing");
    TcbParts const has = r.reported_tcb.parts(Product::milan);
    EXPECT_EQ(verdict(evidence, {.minimum_tcb = has}), "ok");
    for (auto const part : {&TcbParts::bootloader, &TcbParts::tee, &TcbParts::snp,
                            &TcbParts::microcode, &TcbParts::fmc}) {
        auto least = has;
        ++(least.*part);
        EXPECT_EQ(verdict(evidence, {.minimum_tcb = least}), "minimum_tcb");
    }
}

/// The checks that an altered report can fail: of its form, and of what it is signed as.
constexpr std::array<std::string_view, 7> form_and_signature{
    "report_version", "key_info", "signature_algorithm", "must_be_zero", "signing_key",
    "product",        "signature"};

// 368 bytes after the signature are not signed, and 48 of it are no part of its numbers: they are
// zero. What the guest and the platform say of themselves nobody but the signature vouches for.
TEST(GenuineEvidence, IsRefusedByACheckWhenAnyByteOfItIsAnother) {
    for (auto const* id : {"tav_milan", "tav_genoa", "trustee_milan", "virtee_milan"}) {
        auto const bytes = read_vector(std::string(id) + "/report.bin");
        auto const certificates = evidence_of(id).certificates;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            for (int const bit : {0, 7}) {
                SCOPED_TRACE(testing::Message() << id << " byte " << i << " bit " << bit);
                auto flipped = bytes;
                flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
                auto const report = parse_snp_report(crypto::as_bytes(flipped));
                auto const check =
                    report ? verdict({*report, certificates}) : report.error().reason;
                ASSERT_EQ(std::ranges::count(form_and_signature, check), 1) << check;
                bool const is_contents = i >= 0x50 && i < 0x188;
                if (is_contents) ASSERT_EQ(check, "signature");
                if (i >= 0x2A0 + 2 * 72) ASSERT_EQ(check, "must_be_zero");
            }
    }
}

TEST(GenuineEvidence, HasOneSize) {
    auto const bytes = read_vector("tav_milan/report.bin");
    EXPECT_EQ(parse_snp_report(crypto::as_bytes(bytes.substr(1))).error().reason, "report_size");
    EXPECT_EQ(parse_snp_report(crypto::as_bytes(bytes + '\0')).error().reason, "report_size");
    EXPECT_EQ(parse_snp_report({}).error().reason, "report_size");
}

}  // namespace
}  // namespace obscura::attest::test
