// Prints keys to seal to, with evidence of an AMD of the tests' own and with statements of
// auditors, and what the C++ client says of each: e2e/evidence_test.mjs asks the TypeScript client
// the same. What must be signed anew to reach a check (a debuggable guest, another VMPL, a revoked
// authority) no published evidence has.
#include "attest/binding.hpp"
#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/hex.hpp"
#include "crypto/x25519.hpp"
#include "peers/credential_seal.hpp"
#include "unit/attest/synthetic_amd.hpp"
#include "unit/attest/vectors.hpp"

#include <cstdio>

namespace {

using namespace obscura;
using namespace std::chrono_literals;
using attest::EvidenceFormat;
using attest::Product;
using attest::test::SyntheticAmd;
using base::Json;

auto const at = attest::test::in_2026 + std::chrono::days(1);
constexpr std::string_view spoken_of = "production";

SyntheticAmd& amd(Product product = Product::milan) { return SyntheticAmd::shared(product); }

struct Scene {
    base::SeededRandom random{8};
    crypto::Ed25519PrivateKey auditor = crypto::Ed25519PrivateKey::generate(random);
    crypto::Ed25519PrivateKey stranger = crypto::Ed25519PrivateKey::generate(random);
    Json cases = Json::array();
};

std::string hex_of(crypto::Ed25519PrivateKey const& key) {
    return crypto::hex_encode(key.public_key().bytes());
}

ports::SealingKey software_key() {
    crypto::X25519PublicKey raw{};
    raw.fill(9);  // the base point, which is as good as any
    return {.id = crypto::base64url_encode(crypto::sha256(crypto::Bytes(raw))),
            .public_key = crypto::base64url_encode(raw),
            .created_at = at - 1min,
            .expires_at = at + 1h,
            .evidence = {.binding = "00"}};
}

crypto::X25519PublicKey raw_key(ports::SealingKey const& key) {
    crypto::X25519PublicKey out{};
    std::ranges::copy(crypto::base64url_decode(key.public_key).value(), out.begin());
    return out;
}

ports::SealingKey native_key(SyntheticAmd::Spec spec = {}, Product product = Product::milan) {
    auto key = software_key();
    auto const data = attest::sealing_key_report_data(raw_key(key), key.expires_at);
    spec.before_signing = [data, before = spec.before_signing](auto& bytes) {
        std::ranges::copy(data, bytes.begin() + 0x50);
        if (before) before(bytes);
    };
    auto const made = amd(product).evidence(spec);
    key.evidence = {.format = "sev-snp",
                    .attested = true,
                    .binding = crypto::hex_encode(data),
                    .report = crypto::base64_encode(made.report.raw),
                    .certificates = {},
                    .statements = {}};
    for (auto const& certificate : made.certificates)
        key.evidence.certificates.push_back(crypto::base64_encode(certificate.der()));
    return key;
}

attest::SealingStatement said() {
    attest::SealingStatement out{
        .expires_at = at + 1h, .environment = std::string(spoken_of), .audited_at = at - 1min};
    out.public_key = raw_key(software_key());
    out.measurement.fill(0xe0);
    out.report.fill(0x11);
    out.certificate.fill(0x22);
    return out;
}

ports::SealingKey nilcc_key(std::vector<attest::SignedStatement> const& statements) {
    auto key = software_key();
    key.evidence = {.format = "nilcc", .binding = "00"};
    for (auto const& statement : statements) key.evidence.statements.push_back(to_json(statement));
    return key;
}

/// The policy that every case is asked with; `changes` name what differs.
struct Asked {
    bool revokes = false;
    bool without_list = false;
    bool allows_smt = true;
    bool software = false;
    std::uint8_t least_snp = 24;
    Product product = Product::milan;
    std::chrono::minutes later{0};
};

void add(Scene& scene, std::string name, ports::SealingKey const& key, Asked const& asked = {}) {
    attest::SealingPolicy policy;
    auto& snp = policy.citadel.snp;
    snp.measurements.emplace_back().fill(0xe0);
    snp.minimum_tcb = attest::TcbParts{.bootloader = 4, .tee = 1, .snp = asked.least_snp};
    snp.allows_smt = asked.allows_smt;
    auto list = amd(asked.product).crl_der(asked.revokes);
    if (!asked.without_list)
        policy.citadel.revocations = attest::RevocationList::read(list).value();
    if (asked.software) policy.citadel.required = attest::RequiredEvidence::software;
    policy.auditors = {hex_of(scene.auditor)};
    auto const verdict =
        peers::appraise_sealing_key(key, policy, at + asked.later, amd(asked.product).roots());
    auto one = Json::object({{"name", name},
                             {"key", to_json(key)},
                             {"verdict", verdict ? verdict->attested ? "attested" : "software"
                                                 : verdict.error().reason},
                             {"accepted", verdict.has_value()},
                             {"now", base::to_rfc3339(at + asked.later)},
                             {"product", to_string(asked.product)},
                             {"allow_smt", asked.allows_smt},
                             {"allow_software", asked.software},
                             {"least_snp", unsigned{asked.least_snp}}});
    if (!asked.without_list) one.set("crl", crypto::base64_encode(crypto::as_bytes(list)));
    scene.cases.push_back(std::move(one));
}

using Spec = SyntheticAmd::Spec;

void add_reports(Scene& scene) {
    add(scene, "a good guest", native_key());
    add(scene, "a good guest of version 5", native_key({.version = 5}));
    for (auto const product : {Product::genoa, Product::turin})
        add(scene, std::string(to_string(product)), native_key({}, product), {.product = product});
    add(scene, "another product's root", native_key({}, Product::genoa));
    add(scene, "a debuggable guest", native_key({.policy = 0xb0000}));
    add(scene, "a guest that may migrate", native_key({.policy = 0x70000}));
    add(scene, "a policy with an unknown bit", native_key({.policy = 0x30000 | 1ULL << 40}));
    add(scene, "a policy without bit 17", native_key({.policy = 0x10000}));
    add(scene, "SMT where it is refused", native_key(), {.allows_smt = false});
    add(scene, "another VMPL", native_key({.vmpl = 1}));
    add(scene, "an older host", native_key(), {.least_snp = 25});
    add(scene, "a report of version 2", native_key({.version = 2}));
    add(scene, "a cloud's key", native_key({.key_info = 4, .certificate = {.is_vlek = true}}));
    add(scene, "a masked chip", native_key({.key_info = 2}));
    add(scene, "another measurement",
        native_key({.before_signing = [](auto& bytes) { bytes[0x90] = 1; }}));
    add(scene, "a report for other data",
        native_key({.before_signing = [](auto& bytes) { bytes[0x50] ^= 1; }}));
    add(scene, "another level than the certificate's",
        native_key({.before_signing = [](auto& bytes) { bytes[0x186] += 1; }}));
    add(scene, "another chip than the certificate's",
        native_key({.before_signing = [](auto& bytes) { bytes[0x1a0] ^= 1; }}));
    auto longer = native_key();
    longer.expires_at += 1ms;
    add(scene, "a later end than the report's", longer);
    add(scene, "a key that is over", native_key(), {.later = 60min});
    add(scene, "no revocation list", native_key(), {.without_list = true});
    add(scene, "a revoked authority", native_key(), {.revokes = true});
}

void add_certificates(Scene& scene) {
    using Ask = Spec::Ask;
    add(scene, "an authority with a short key", native_key({.ask = Ask::with_2048_bits}));
    add(scene, "an authority that is none", native_key({.ask = Ask::no_authority}));
    add(scene, "a chip's certificate that is an authority's",
        native_key({.certificate = {.is_authority = true}}));
    add(scene, "a chip's key on P-256", native_key({.certificate = {.on_p256 = true}}));
    add(scene, "an extension that nobody knows",
        native_key({.certificate = {.is_critical = true}}));
    add(scene, "a signature that is no PSS", native_key({.certificate = {.is_pkcs1 = true}}));
    add(scene, "signed by the clouds' authority",
        native_key({.certificate = {.by_other_authority = true}}));
    for (auto const* number : {".1", ".2", ".3.1", ".3.2", ".3.3", ".3.4", ".3.8", ".4"})
        add(scene, std::string("without extension ") + number,
            native_key({.certificate = {.without = {number}}}));
    add(scene, "an extension twice", native_key({.certificate = {.twice = ".3.8"}}));
    auto none = native_key();
    none.evidence.certificates.clear();
    add(scene, "no certificate", none);
}

void add_statements(Scene& scene) {
    add(scene, "software", software_key());
    add(scene, "software, asked for by name", software_key(), {.software = true});
    add(scene, "hardware before who takes software", native_key({.policy = 0xb0000}),
        {.software = true});
    add(scene, "a pinned auditor", nilcc_key({sign(said(), scene.auditor)}));
    add(scene, "a stranger beside him",
        nilcc_key({sign(said(), scene.stranger), sign(said(), scene.auditor)}));
    add(scene, "nobody", nilcc_key({}));
    add(scene, "nobody before who takes software", nilcc_key({}), {.software = true});
    add(scene, "a stranger", nilcc_key({sign(said(), scene.stranger)}));
    auto forged = sign(said(), scene.stranger);
    forged.statement.auditor = hex_of(scene.auditor);
    add(scene, "a stranger under his name", nilcc_key({forged}));
    auto changed = [&](std::string name, auto change) {
        auto before = said();
        change(before);
        add(scene, name + ", signed so", nilcc_key({sign(before, scene.auditor)}));
        auto after = sign(said(), scene.auditor);
        change(after.statement);
        add(scene, name + ", changed later", nilcc_key({after}));
    };
    changed("another key", [](auto& s) { s.public_key[0] ^= 1; });
    changed("another end", [](auto& s) { s.expires_at += 1min; });
    changed("another deployment", [](auto& s) { s.environment = "staging"; });
    changed("another measurement", [](auto& s) { s.measurement[0] ^= 1; });
    changed("a time that is not yet", [](auto& s) { s.audited_at = at + 6min; });
    changed("another kind of evidence", [](auto& s) { s.format = EvidenceFormat::sev_snp; });
    add(scene, "a statement that is over", nilcc_key({sign(said(), scene.auditor)}),
        {.later = 60min});
}

}  // namespace

int main() {
    Scene scene;
    add_reports(scene);
    add_certificates(scene);
    add_statements(scene);
    // The roots' digests, as the client has AMD's.
    auto roots = Json::object();
    for (auto const product : {Product::milan, Product::genoa, Product::turin})
        for (auto const& certificate : amd(product).evidence({}).certificates)
            if (certificate.common_name().starts_with("ARK-"))
                roots.set(to_string(product), crypto::hex_encode(certificate.sha256()));
    auto const out = Json::object({{"roots", std::move(roots)},
                                   {"auditor", hex_of(scene.auditor)},
                                   {"cases", std::move(scene.cases)}});
    std::puts(out.dump().c_str());
    return 0;
}
