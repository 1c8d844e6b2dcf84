// Whether a credential may be sealed to a key: by a report that was made for it, by an auditor's
// statement, or because its owner asks for no more than software.
#include "attest/sealing_key_appraisal.hpp"
#include "attest/binding.hpp"
#include "crypto/hex.hpp"
#include "synthetic_amd.hpp"
#include "vectors.hpp"

#include <gtest/gtest.h>

namespace obscura::attest::test {
namespace {

using namespace std::chrono_literals;
using crypto::Ed25519PrivateKey;

auto const sealed_at = in_2026 + std::chrono::days(1);

class SealingKeyAppraisal : public ::testing::Test {
protected:
    base::SeededRandom random_{5};
    Ed25519PrivateKey const auditor_ = Ed25519PrivateKey::generate(random_);
    Ed25519PrivateKey const stranger_ = Ed25519PrivateKey::generate(random_);

    static SyntheticAmd& amd() { return SyntheticAmd::shared(Product::milan); }
    static std::string name_of(Ed25519PrivateKey const& key) {
        return crypto::hex_encode(key.public_key().bytes());
    }
    static ShownSealingKey software() {
        ShownSealingKey out{.expires_at = sealed_at + 1h};
        out.public_key.fill(9);
        return out;
    }
    /// As a native citadel shows it.
    static ShownSealingKey native(SyntheticAmd::Spec spec = {}) {
        auto out = software();
        auto const data = sealing_key_report_data(out.public_key, out.expires_at);
        spec.before_signing = [data, before = spec.before_signing](auto& bytes) {
            std::ranges::copy(data, bytes.begin() + 0x50);
            if (before) before(bytes);
        };
        auto const made = amd().evidence(spec);
        out.evidence = {.format = EvidenceFormat::sev_snp,
                        .report = {made.report.raw.begin(), made.report.raw.end()},
                        .certificates = made.certificates};
        return out;
    }
    SealingStatement said() const {
        SealingStatement out{.expires_at = sealed_at + 1h,
                             .environment = "production",
                             .audited_at = sealed_at - 1min};
        out.public_key.fill(9);
        out.measurement.fill(0xe0);
        return out;
    }
    ShownSealingKey on_nilcc(SignedStatement statement) const {
        auto out = software();
        out.evidence.format = EvidenceFormat::nilcc;
        out.statements = {std::move(statement)};
        return out;
    }
    SealingPolicy policy() const {
        SealingPolicy out;
        out.citadel.snp.measurements.emplace_back().fill(0xe0);
        out.citadel.revocations = amd().crl(false);
        out.auditors = {name_of(auditor_)};
        return out;
    }
    /// "attested", "not attested", or the check that failed.
    static std::string check(ShownSealingKey const& key, SealingPolicy const& policy) {
        auto const verdict = appraise_sealing_key(key, policy, amd().roots(), sealed_at);
        return verdict ? verdict->attested ? "attested" : "not attested" : verdict.error().reason;
    }
    std::string check(ShownSealingKey const& key) const { return check(key, policy()); }
    std::string check_said(SealingStatement statement) const {
        return check(on_nilcc(sign(std::move(statement), auditor_)));
    }
};

TEST_F(SealingKeyAppraisal, TakesAReportThatWasMadeForTheKey) {
    EXPECT_EQ(check(native()), "attested");
}

TEST_F(SealingKeyAppraisal, RefusesWithTheCheckThatFailed) {
    EXPECT_EQ(check(native({.policy = 0xb0000})), "policy_debug");
    EXPECT_EQ(check(native({.vmpl = 1})), "vmpl");
    EXPECT_EQ(check(native({.before_signing = [](auto& bytes) { bytes[0x90] = 1; }})),
              "measurement");
    EXPECT_EQ(check(native({.after_signing = [](auto& bytes) { bytes[0x90] = 1; }})), "signature");
    auto other = native();
    other.public_key[0] ^= 1;
    EXPECT_EQ(check(other), "report_data") << "of another key";
    auto longer = native();
    longer.expires_at += 1ms;
    EXPECT_EQ(check(longer), "report_data") << "its end is bound too";
    auto none = policy();
    none.citadel.snp.measurements.clear();
    EXPECT_EQ(check(native(), none), "measurement");
    auto no_list = policy();
    no_list.citadel.revocations.reset();
    EXPECT_EQ(check(native(), no_list), "crl_missing");
    auto const of_amd =
        appraise_sealing_key(native(), policy(), TrustRoots::production(), sealed_at);
    ASSERT_FALSE(of_amd);
    EXPECT_EQ(of_amd.error().reason, "chain_root");
    auto over = native();
    over.expires_at = sealed_at;
    EXPECT_EQ(check(over), "sealing_key_expired");
}

TEST_F(SealingKeyAppraisal, TakesSoftwareFromWhoAsksForItByName) {
    EXPECT_EQ(check(software()), "software");
    EXPECT_EQ(check(software(), SealingPolicy{}), "software") << "attested is the default";
    SealingPolicy by_name;
    by_name.citadel.required = RequiredEvidence::software;
    EXPECT_EQ(check(software(), by_name), "not attested");
    // Who takes software does not take everything that calls itself hardware.
    EXPECT_EQ(check(native(), by_name), "measurement");
    EXPECT_EQ(check(on_nilcc(sign(said(), auditor_)), by_name), "auditor");
}

TEST_F(SealingKeyAppraisal, TakesThePinnedAuditorsWordOnNilcc) {
    EXPECT_EQ(check_said(said()), "attested");
    auto second = on_nilcc(sign(said(), stranger_));
    second.statements.push_back(sign(said(), auditor_));
    EXPECT_EQ(check(second), "attested") << "a stranger's word beside it changes nothing";
    auto any = policy();
    any.citadel.snp.measurements.clear();
    EXPECT_EQ(check(on_nilcc(sign(said(), auditor_)), any), "attested")
        << "which measurement is good is the auditor's to know";
}

TEST_F(SealingKeyAppraisal, RefusesAWordThatIsNotForThis) {
    EXPECT_EQ(check(on_nilcc(sign(said(), stranger_))), "auditor");
    auto nobody = policy();
    nobody.auditors.clear();
    EXPECT_EQ(check(on_nilcc(sign(said(), auditor_)), nobody), "auditor");
    auto none = on_nilcc(sign(said(), auditor_));
    none.statements.clear();
    EXPECT_EQ(check(none), "auditor");

    auto other = said();
    other.public_key[0] ^= 1;
    EXPECT_EQ(check_said(other), "statement_key") << "replayed for another key";
    other = said();
    other.expires_at -= 1min;
    EXPECT_EQ(check_said(other), "statement_key") << "of a key with another end";
    other = said();
    other.environment = "staging";
    EXPECT_EQ(check_said(other), "statement_environment");
    other = said();
    other.format = EvidenceFormat::sev_snp;
    EXPECT_EQ(check_said(other), "statement_format");
    other = said();
    other.measurement[0] ^= 1;
    EXPECT_EQ(check_said(other), "measurement");
    other = said();
    other.audited_at = sealed_at + 6min;
    EXPECT_EQ(check_said(other), "statement_expired") << "of a time that is not yet";
    auto over = on_nilcc(sign(said(), auditor_));
    EXPECT_EQ(appraise_sealing_key(over, policy(), amd().roots(), sealed_at + 1h).error().reason,
              "sealing_key_expired");
}

TEST_F(SealingKeyAppraisal, RefusesAWordThatWasAltered) {
    auto const first = sign(said(), auditor_);
    auto const altered = [&](auto change) {
        auto statement = first;
        change(statement);
        return check(on_nilcc(statement));
    };
    EXPECT_EQ(altered([](auto& s) { s.statement.environment = "staging"; }), "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.statement.public_key[31] ^= 1; }), "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.statement.expires_at += 1ms; }), "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.statement.measurement[47] ^= 1; }), "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.statement.certificate[0] ^= 1; }), "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.statement.report[0] ^= 1; }), "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.statement.audited_at -= 1ms; }), "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.statement.format = EvidenceFormat::sev_snp; }),
              "statement_signature");
    EXPECT_EQ(altered([](auto& s) { s.signature[0] ^= 1; }), "statement_signature");
    // A stranger's under the auditor's name.
    auto forged = sign(said(), stranger_);
    forged.statement.auditor = name_of(auditor_);
    EXPECT_EQ(check(on_nilcc(forged)), "statement_signature");
}

TEST_F(SealingKeyAppraisal, AStatementIsReadStrictly) {
    auto const json = to_json(sign(said(), auditor_));
    auto const read = signed_statement_from_json(json);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(to_json(*read), json);
    EXPECT_EQ(check(on_nilcc(*read)), "attested");
    for (auto const& [name, value] : json.as_object()) {
        auto without = json;
        std::erase_if(without.as_object(),
                      [&](auto const& member) { return member.first == name; });
        EXPECT_FALSE(signed_statement_from_json(without)) << name;
        auto other = json;
        other.set(name, "?");
        EXPECT_FALSE(signed_statement_from_json(other)) << name;
    }
    auto more = json;
    more.set("more", 1);
    EXPECT_FALSE(signed_statement_from_json(more));
    auto capital = json;
    auto text = json["auditor"].as_string();
    std::ranges::transform(text, text.begin(), [](char c) { return std::toupper(c); });
    capital.set("auditor", text);
    EXPECT_FALSE(signed_statement_from_json(capital)) << "one text for one value";
}

}  // namespace
}  // namespace obscura::attest::test
