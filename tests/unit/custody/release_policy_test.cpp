#include "custody/release_policy.hpp"
#include "attest/binding.hpp"
#include "crypto/hex.hpp"

#include <gtest/gtest.h>

namespace obscura::custody {
namespace {

std::string const measurement(96, 'a');
std::string const good = "[policy]\nmeasurements = [\"" + measurement +
                         "\"]\nvmpl = 1\ncrl = \"milan.crl\"\n[minimum_tcb]\nsnp = 24\n";

std::string complaint(std::string const& toml) {
    auto const policy = parse_release_policy(toml, "policy.toml");
    if (policy) return "none";
    EXPECT_EQ(policy.error().reason, "policy");
    return policy.error().detail;
}
std::string without(std::string_view line) {
    auto text = good;
    auto const at = text.find(line);
    EXPECT_NE(at, text.npos) << line;
    return text.erase(at, text.find('\n', at) + 1 - at);
}

TEST(ReleasePolicyTest, NamesWhomKeysMayGoTo) {
    auto const policy = parse_release_policy(good, "policy.toml");
    ASSERT_TRUE(policy) << policy.error().detail;
    EXPECT_EQ(policy->environment, "production");
    EXPECT_EQ(policy->format, "sev-snp");
    EXPECT_FALSE(policy->allow_software);
    EXPECT_TRUE(policy->snp.requires_crl);
    EXPECT_FALSE(policy->snp.allows_vlek);
    EXPECT_EQ(policy->snp.minimum_version, 3U);
    EXPECT_EQ(policy->snp.vmpl, 1U);
    EXPECT_EQ(policy->snp.minimum_tcb, (attest::TcbParts{.snp = 24}));
    ASSERT_EQ(policy->snp.measurements.size(), 1U);
    EXPECT_EQ(policy->snp.measurements[0][47], 0xaa);
    EXPECT_EQ(policy->crl_file, "milan.crl");
}

TEST(ReleasePolicyTest, OneThatWouldTakeAnyGuestIsNone) {
    EXPECT_NE(complaint("").find("policy.measurements"), std::string::npos);
    for (std::string_view const line : {"measurements", "vmpl", "crl", "snp"})
        EXPECT_NE(complaint(without(line)), "none") << line;
    auto const no_crl = without("crl");
    EXPECT_EQ(complaint("[policy]\nrequire_crl = false\n" + no_crl.substr(9)), "none");
}

TEST(ReleasePolicyTest, SoftwareIsForDevelopmentAlone) {
    EXPECT_NE(
        complaint("[policy]\nformat = \"software\"\nallow_software = true\n").find("production"),
        std::string::npos);
    EXPECT_NE(complaint("[policy]\nformat = \"software\"\nenvironment = \"development\"\n")
                  .find("allow_software"),
              std::string::npos);
    EXPECT_EQ(complaint("[policy]\nformat = \"software\"\nenvironment = \"development\"\n"
                        "allow_software = true\n"),
              "none");
}

TEST(ReleasePolicyTest, WrongAndUnknownValuesAreNamed) {
    auto const told = complaint(
        "[policy]\nenvironment = \"prod\"\nformat = \"tdx\"\n"
        "measurements = [\"aa\"]\nvmpl = 4\nallow_everything = true\n"
        "[minimum_tcb]\nsnp = 256\n");
    for (std::string_view const key : {"policy.environment", "policy.format", "policy.measurements",
                                       "policy.vmpl", "allow_everything", "minimum_tcb.snp"})
        EXPECT_NE(told.find(key), told.npos) << key << " in " << told;
}

class AppraisalTest : public ::testing::Test {
protected:
    SeenPeer peer{.nonce = {1, 2, 3}, .tls_key = {4, 5}, .wrapping_key = {6}};
    ReleasePolicy policy{
        .environment = "development", .format = "software", .allow_software = true};

    [[nodiscard]] std::string verdict(base::Json const& evidence) const {
        auto const got = appraise_release(evidence, peer, policy, {}, nullptr,
                                          attest::TrustRoots::production(), {});
        if (!got) return got.error().reason;
        return got->attested ? "attested" : "not attested";
    }
    [[nodiscard]] base::Json software() const {
        auto const data =
            attest::native_report_data(peer.nonce, peer.tls_key, crypto::Bytes(peer.wrapping_key));
        return base::Json::object(
            {{"format", "software"}, {"attested", true}, {"binding", crypto::hex_encode(data)}});
    }
};

TEST_F(AppraisalTest, SoftwareIsNeverAttested) {
    EXPECT_EQ(verdict(software()), "not attested") << "whatever it says of itself";
    policy.environment = "production";
    EXPECT_EQ(verdict(software()), "software_refused");
    policy.environment = "development";
    policy.allow_software = false;
    EXPECT_EQ(verdict(software()), "software_refused");
}

TEST_F(AppraisalTest, SoftwareIsBoundAllTheSame) {
    for (auto const change :
         {+[](SeenPeer& p) { p.nonce[0] ^= 1; }, +[](SeenPeer& p) { p.tls_key.pop_back(); },
          +[](SeenPeer& p) { p.wrapping_key[31] ^= 1; }}) {
        auto const evidence = software();
        auto const before = peer;
        change(peer);
        EXPECT_EQ(verdict(evidence), "binding");
        peer = before;
    }
}

TEST_F(AppraisalTest, EvidenceThatIsNoneIsRefused) {
    policy.format = "sev-snp";
    using base::Json;
    EXPECT_EQ(verdict(Json()), "evidence_format");
    EXPECT_EQ(verdict(Json::object({{"format", "tdx"}})), "evidence_format");
    EXPECT_EQ(verdict(Json::object({{"format", "sev-snp"}})), "evidence_format");
    EXPECT_EQ(verdict(Json::object({{"format", "sev-snp"}, {"report", "AAAA"}})), "report_size");
    EXPECT_EQ(verdict(Json::object({{"format", "nilcc"}})), "evidence_format");
    policy.format = "nilcc";
    peer.tls_key.clear();
    EXPECT_EQ(verdict(Json::object({{"format", "nilcc"}})), "no_channel");
}

}  // namespace
}  // namespace obscura::custody
