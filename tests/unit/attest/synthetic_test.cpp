// What no published evidence has, with an AMD of our own; and all that must be refused.
#include "synthetic_amd.hpp"
#include "vectors.hpp"

#include <gtest/gtest.h>

namespace obscura::attest::test {
namespace {

using Spec = SyntheticAmd::Spec;

std::string verdict_of(Spec const& spec, SnpPolicy const& policy = {},
                       Product product = Product::milan) {
    auto& amd = SyntheticAmd::shared(product);
    return verdict(amd.evidence(spec), policy, in_2026 + std::chrono::days(1), amd.roots());
}
std::string parsed(Spec const& spec) {
    auto const report = parse_snp_report(SyntheticAmd::shared(Product::milan).report_bytes(spec));
    return report ? "ok" : report.error().reason;
}

TEST(SyntheticEvidence, OfEveryVersionAndProductConvincesItsOwnRoots) {
    for (auto const product : {Product::milan, Product::genoa, Product::turin})
        for (std::uint32_t const version : {2U, 3U, 4U, 5U})
            EXPECT_EQ(verdict_of({.version = version}, {}, product), "ok")
                << to_string(product) << " " << version;
    EXPECT_EQ(
        verdict_of({.tcb = {.fmc = 7, .bootloader = 1, .microcode = 200}}, {}, Product::turin),
        "ok");
    EXPECT_EQ(verdict_of({.vmpl = 1}, {.vmpl = 1}), "ok");
    EXPECT_EQ(verdict_of({.certificate = {.is_vlek = true}}, {.allows_vlek = true}), "ok");
    EXPECT_EQ(verdict_of({.platform_info = 1 << 6}), "ok") << "a bit that nobody has explained yet";
}

TEST(SyntheticEvidence, NeverConvincesTheProductionRoots) {
    for (auto const product : {Product::milan, Product::genoa, Product::turin})
        EXPECT_EQ(
            verdict(SyntheticAmd::shared(product).evidence({}), {}, in_2026 + std::chrono::days(1)),
            "chain_root");
}

TEST(SyntheticEvidence, OfAnotherProductsRootIsRefused) {
    auto& genoa = SyntheticAmd::shared(Product::genoa);
    EXPECT_EQ(verdict(genoa.evidence({}), {}, in_2026 + std::chrono::days(1),
                      SyntheticAmd::shared(Product::milan).roots()),
              "chain_root");
    // A report of Milan's with a certificate of Genoa's, both good.
    auto evidence = genoa.evidence({});
    evidence.report = SyntheticAmd::shared(Product::milan).evidence({}).report;
    EXPECT_EQ(verdict(evidence, {}, in_2026 + std::chrono::days(1), genoa.roots()), "product");
}

// AMD's families and models, with both ends of each range and what is beside it; Venice (0x1A, 0x50
// and above) has no root here.
TEST(SyntheticEvidence, IsOfTheProductThatItsCpuIs) {
    struct Row {
        std::uint8_t family, model;
        std::optional<Product> product;
    };
    constexpr auto none = std::nullopt;
    for (auto const& [family, model, product] : {Row{0x19, 0x00, Product::milan},
                                                 Row{0x19, 0x0F, Product::milan},
                                                 Row{0x19, 0x10, Product::genoa},
                                                 Row{0x19, 0x1F, Product::genoa},
                                                 Row{0x19, 0x20, none},
                                                 Row{0x19, 0x9F, none},
                                                 Row{0x19, 0xA0, Product::genoa},
                                                 Row{0x19, 0xAF, Product::genoa},
                                                 Row{0x19, 0xB0, none},
                                                 Row{0x19, 0xFF, none},
                                                 Row{0x1A, 0x00, Product::turin},
                                                 Row{0x1A, 0x02, Product::turin},
                                                 Row{0x1A, 0x11, Product::turin},
                                                 Row{0x1A, 0x12, none},
                                                 Row{0x1A, 0x50, none},
                                                 Row{0x1A, 0xA0, none},
                                                 Row{0x00, 0x00, none},
                                                 Row{0x17, 0x00, none},
                                                 Row{0x18, 0x00, none},
                                                 Row{0x1B, 0x00, none},
                                                 Row{0xFF, 0x00, none}}) {
        SCOPED_TRACE(testing::Message() << std::hex << int{family} << " " << int{model});
        auto const told = product_of({.cpu = CpuId{family, model, 1}});
        EXPECT_EQ(told.value_or(none), product);
        if (!told) EXPECT_EQ(told.error().reason, "product");
        Spec const spec{.before_signing = [=](auto& bytes) {
            bytes[0x188] = family;
            bytes[0x189] = model;
        }};
        for (auto const certified : {Product::milan, Product::genoa, Product::turin})
            EXPECT_EQ(verdict_of(spec, {}, certified), product == certified ? "ok" : "product");
    }
    EXPECT_EQ(product_of({}).value(), none) << "version 2 tells none";
}

TEST(SyntheticEvidence, IsRefusedForItsForm) {
    auto with = [](std::size_t at, std::uint8_t value) {
        return Spec{.before_signing = [=](auto& bytes) { bytes[at] = value; }};
    };
    EXPECT_EQ(parsed(with(0, 1)), "report_version");
    EXPECT_EQ(parsed(with(0, 6)), "report_version");
    EXPECT_EQ(parsed(with(0x34, 2)), "signature_algorithm");
    EXPECT_EQ(parsed(with(0x48, 8)), "key_info") << "key 2";
    EXPECT_EQ(parsed(with(0x49, 1)), "key_info");
    for (std::size_t const at : {0x4C, 0x18B, 0x19F, 0x1EB, 0x1EF, 0x1F8, 0x207, 0x208, 0x29F})
        EXPECT_EQ(parsed(with(at, 1)), "must_be_zero") << at;
    Spec second = with(0x188, 0x19);
    second.version = 2;
    EXPECT_EQ(parsed(second), "must_be_zero") << "version 2 has no CPUID";
    Spec fifth = with(0x207, 1);
    fifth.version = 5;
    EXPECT_EQ(parsed(fifth), "ok");
    for (std::size_t const at : {0x2A0 + 48, 0x2E7, 0x2E8 + 48, 0x330, 0x49F})
        EXPECT_EQ(parsed({.after_signing = [=](auto& bytes) { bytes[at] = 1; }}), "must_be_zero");
}

TEST(SyntheticEvidence, IsRefusedForItsSignature) {
    auto after = [](std::function<void(std::vector<std::uint8_t>&)> change) {
        return verdict_of({.after_signing = std::move(change)});
    };
    auto fill = [](std::size_t at, std::uint8_t value) {
        return
            [=](std::vector<std::uint8_t>& bytes) { std::fill_n(bytes.begin() + at, 48, value); };
    };
    EXPECT_EQ(after(fill(0x2A0, 0)), "signature") << "r = 0";
    EXPECT_EQ(after(fill(0x2E8, 0)), "signature") << "s = 0";
    EXPECT_EQ(after(fill(0x2A0, 0xff)), "signature") << "r >= n";
    EXPECT_EQ(after(fill(0x2E8, 0xff)), "signature") << "s >= n";
    EXPECT_EQ(after([](auto& bytes) { bytes[0x50] ^= 1; }), "signature");
    EXPECT_EQ(verdict_of({.certificate = {.on_p256 = true}}), "certificate_leaf");
}

TEST(SyntheticEvidence, IsRefusedForItsGuestsPolicy) {
    EXPECT_EQ(verdict_of({.policy = 0x30000 | 1 << 19}), "policy_debug");
    EXPECT_EQ(verdict_of({.policy = 0x30000 | 1 << 18}), "policy_migration");
    EXPECT_EQ(verdict_of({.policy = 0x10000}), "policy_reserved");
    EXPECT_EQ(verdict_of({.policy = 0x30000 | 1ULL << 26}), "policy_reserved");
    EXPECT_EQ(verdict_of({.policy = 0x30000 | 1ULL << 63}), "policy_reserved");
    EXPECT_EQ(verdict_of({.policy = 0x20000}, {.allows_smt = false}), "ok");
    EXPECT_EQ(verdict_of({.policy = 0x20000, .platform_info = 1}, {.allows_smt = false}),
              "policy_smt");
    EXPECT_EQ(verdict_of({.vmpl = 4}), "vmpl");
    EXPECT_EQ(verdict_of({.vmpl = 0xFFFF'FFFF}), "vmpl") << "made for the host";
    EXPECT_EQ(verdict_of({.vmpl = 0}, {.vmpl = 1}), "vmpl");
}

TEST(SyntheticEvidence, IsRefusedForItsKey) {
    EXPECT_EQ(verdict_of({.key_info = 2}), "signing_key") << "the chip's key is masked";
    EXPECT_EQ(verdict_of({.key_info = 7 << 2}), "signing_key") << "signed by nobody";
    EXPECT_EQ(verdict_of({.key_info = 1 << 2}, {.allows_vlek = true}), "signing_key")
        << "a VLEK by the report, a VCEK by the certificate";
    EXPECT_EQ(verdict_of({.certificate = {.is_vlek = true}}), "signing_key");
}

TEST(SyntheticEvidence, IsRefusedWhereTheTcbIsNotItsCertificates) {
    for (auto const product : {Product::milan, Product::turin})
        for (std::size_t byte = 0; byte < 8; ++byte) {
            Spec const spec{.before_signing = [=](auto& bytes) { ++bytes[0x180 + byte]; }};
            EXPECT_EQ(verdict_of(spec, {}, product), "tcb") << byte;
        }
    for (std::size_t const at : {0x1E0, 0x1F0}) {
        SnpPolicy const least{.minimum_tcb = TcbParts{.bootloader = 4}};
        Spec const spec{.before_signing = [=](auto& bytes) { --bytes[at]; }};
        EXPECT_EQ(verdict_of(spec), "ok");
        EXPECT_EQ(verdict_of(spec, least), "minimum_tcb") << "launch and committed as well";
    }
}

TEST(SyntheticEvidence, IsRefusedWhereTheChipIsNotItsCertificates) {
    EXPECT_EQ(verdict_of({.before_signing = [](auto& bytes) { bytes[0x1A0] ^= 1; }}), "chip_id");
    EXPECT_EQ(verdict_of({.before_signing = [](auto& bytes) { bytes[0x1DF] ^= 1; }}), "chip_id");
    Spec const beyond{.before_signing = [](auto& bytes) { bytes[0x1A0 + 8] = 1; }};
    EXPECT_EQ(verdict_of(beyond, {}, Product::turin), "chip_id") << "Turin's has 8 bytes";
}

TEST(SyntheticEvidence, IsRefusedForWantOfAnExtension) {
    for (auto const* number :
         {".1", ".2", ".3.1", ".3.2", ".3.3", ".3.4", ".3.5", ".3.6", ".3.7", ".3.8", ".4"})
        EXPECT_EQ(verdict_of({.certificate = {.without = {number}}}), "certificate_extension")
            << number;
    EXPECT_EQ(verdict_of({.certificate = {.twice = ".3.3"}}), "certificate_extension");
    EXPECT_EQ(verdict_of({.certificate = {.without = {".3.9"}}}, {}, Product::turin),
              "certificate_extension");
    EXPECT_EQ(
        verdict_of({.certificate = {.is_vlek = true, .without = {".5"}}}, {.allows_vlek = true}),
        "certificate_extension");
}

TEST(SyntheticEvidence, IsRefusedForAMalformedExtension) {
    auto level = [](std::vector<int> content) {
        return verdict_of({.certificate = {.levels = {{".3.1", std::move(content)}}}});
    };
    EXPECT_EQ(level({2, 1, 4}), "ok");
    EXPECT_EQ(level({2, 2, 1, 4}), "certificate_extension") << "260";
    EXPECT_EQ(level({2, 1, 0x84}), "certificate_extension") << "negative";
    EXPECT_EQ(level({4, 1, 4}), "certificate_extension") << "no INTEGER";
    EXPECT_EQ(level({2, 1, 4, 0}), "certificate_extension") << "something follows";
    EXPECT_EQ(level({}), "certificate_extension");
    auto product = [](std::string name) {
        return verdict_of({.certificate = {.product_name = std::move(name)}});
    };
    EXPECT_EQ(product("Milan"), "ok");
    EXPECT_EQ(product("Milano"), "certificate_extension");
    EXPECT_EQ(product("Venice"), "certificate_extension");
    EXPECT_EQ(product("Genoa"), "chain") << "not issued by that product's authority";
}

// A chip's id that begins with 04 40 is told from a wrapped one by its length.
TEST(SyntheticEvidence, ReadsAChipsIdByItsLength) {
    std::vector<std::uint8_t> chip(64);
    for (std::size_t i = 0; i < chip.size(); ++i) chip[i] = static_cast<std::uint8_t>(4 + i);
    auto wrapped = chip;
    wrapped.insert(wrapped.begin(), {4, 64});
    EXPECT_EQ(verdict_of({.certificate = {.chip_id = wrapped}}), "ok");
    wrapped[1] = 63;
    EXPECT_EQ(verdict_of({.certificate = {.chip_id = wrapped}}), "certificate_extension");
    chip[0] = 4;
    chip[1] = 64;
    Spec const raw{.before_signing = [](auto& bytes) { bytes[0x1A1] = 64; },
                   .certificate = {.chip_id = chip}};
    EXPECT_EQ(verdict_of(raw), "ok");
    chip.pop_back();
    EXPECT_EQ(verdict_of({.certificate = {.chip_id = chip}}), "certificate_extension");
}

TEST(SyntheticEvidence, IsRefusedForItsChain) {
    EXPECT_EQ(verdict_of({.certificate = {.by_other_authority = true}}), "chain")
        << "a VCEK that the ASVK signed";
    EXPECT_EQ(verdict_of({.certificate = {.is_vlek = true, .by_other_authority = true}},
                         {.allows_vlek = true}),
              "chain")
        << "a VLEK that the ASK signed";
    EXPECT_EQ(verdict_of({.certificate = {.common_name = "SEV-Milan"}}), "certificate_leaf");
    EXPECT_EQ(verdict_of({.certificate = {.is_authority = true}}), "certificate_leaf");
    EXPECT_EQ(verdict_of({.certificate = {.is_critical = true}}), "chain");
    EXPECT_EQ(verdict_of({.certificate = {.is_pkcs1 = true}}), "chain");
    EXPECT_EQ(verdict_of({.ask = Spec::Ask::with_2048_bits}), "chain");
    EXPECT_EQ(verdict_of({.ask = Spec::Ask::no_authority}), "chain");
    // Without its own authorities there are AMD's, and they have signed nothing of this.
    auto& amd = SyntheticAmd::shared(Product::milan);
    auto evidence = amd.evidence({});
    evidence.certificates.erase(evidence.certificates.begin(), evidence.certificates.begin() + 3);
    EXPECT_EQ(verdict(evidence, {}, in_2026 + std::chrono::days(1), amd.roots()), "chain");
}

TEST(SyntheticEvidence, IsRefusedOutsideItsTime) {
    auto& amd = SyntheticAmd::shared(Product::milan);
    auto const evidence = amd.evidence({});
    auto at = [&](base::Timestamp when) { return verdict(evidence, {}, when, amd.roots()); };
    EXPECT_EQ(at(in_2026 - std::chrono::seconds(1)), "certificate_time");
    EXPECT_EQ(at(in_2026), "ok");
    EXPECT_EQ(at(in_2026 + std::chrono::days(365) + std::chrono::seconds(1)), "certificate_time");
}

TEST(SyntheticEvidence, IsRefusedOnceItsAuthorityIsRevoked) {
    auto& amd = SyntheticAmd::shared(Product::milan);
    auto const evidence = amd.evidence({});
    SnpPolicy const strict{.requires_crl = true};
    auto with = [&](RevocationList const& list, int days = 1) {
        return verdict(evidence, strict, in_2026 + std::chrono::days(days), amd.roots(), &list);
    };
    EXPECT_EQ(with(amd.crl(false)), "ok");
    EXPECT_EQ(with(amd.crl(true)), "certificate_revoked");
    EXPECT_EQ(with(amd.crl(false, true)), "crl") << "signed by somebody else";
    EXPECT_EQ(with(SyntheticAmd::shared(Product::genoa).crl(false)), "crl") << "another product's";
    EXPECT_EQ(with(amd.crl(false), 31), "crl") << "a newer one is due";
    EXPECT_EQ(verdict(evidence, strict, in_2026, amd.roots()), "crl_missing");
    EXPECT_EQ(RevocationList::read("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
                  .error()
                  .reason,
              "crl_unreadable");
}

TEST(Certificates, AreReadStrictly) {
    auto reason = [](std::string_view text) {
        auto const all = read_certificates(text);
        return all ? std::to_string(all->size()) : all.error().reason;
    };
    auto const der = read_vector("trustee_milan/vcek.der");
    EXPECT_EQ(reason(der), "1");
    EXPECT_EQ(reason(der + "x"), "certificate_unreadable");
    EXPECT_EQ(reason(der.substr(0, 100)), "certificate_unreadable");
    EXPECT_EQ(reason(""), "certificate_unreadable");
    auto const pem = read_vector("virtee_turin_certonly/cert_chain.pem");
    EXPECT_EQ(reason(pem), "2");
    EXPECT_EQ(reason(pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
              "certificate_unreadable");
    EXPECT_EQ(reason(std::string(70'000, 'x')), "certificate_unreadable");
    std::string many;
    for (int i = 0; i < 9; ++i) many += pem;
    EXPECT_EQ(reason(many), "certificate_unreadable") << "more than 16";
}

}  // namespace
}  // namespace obscura::attest::test
