// Evidence: a report's bytes, a certificate and its extensions, nilCC's JSON, a revocation list,
// citadel's JSON, a host's table of certificates.
// Nothing that a fuzzer makes convinces, and each is refused by a named check.
#include "attest/citadel_appraisal.hpp"
#include "attest/detail/device_evidence.hpp"
#include "attest/nilcc_report.hpp"
#include "attest/snp_appraisal.hpp"
#include "fuzz/target.hpp"

#include <algorithm>

namespace obscura::fuzz {
namespace {

using namespace attest;

base::Timestamp const at = base::from_unix_ms(1'795'900'000'000);

void must_name_its_check(base::Error const& error) {
    must(error.code == base::Errc::invalid_argument, "evidence is refused, nothing breaks");
    must(!error.reason.empty() && !error.detail.empty(), "a refusal names its check");
}

void try_report(std::string_view input) {
    auto const report = parse_snp_report(crypto::as_bytes(input));
    if (!report) return must_name_its_check(report.error());
    must(std::ranges::equal(report->raw, crypto::as_bytes(input)), "a report is its bytes");
    if (auto const product = product_of(*report); !product) must_name_its_check(product.error());
    auto const verdict = appraise({*report, {}}, {}, TrustRoots::production(), at, nullptr);
    must(!verdict, "a report without a certificate convinces nobody");
    must_name_its_check(verdict.error());
}

void try_certificates(std::string_view input) {
    auto const all = read_certificates(input);
    if (!all) return must_name_its_check(all.error());
    for (auto const& certificate : *all)
        if (auto const facts = leaf_facts(certificate); !facts) must_name_its_check(facts.error());
    // Genuine ones of the corpus may chain; what signed a report is another matter.
    if (auto const chain = build_chain(*all, TrustRoots::production(), at); !chain)
        must_name_its_check(chain.error());
}

void try_nilcc(std::string_view input) {
    auto const json = base::parse_json(input);
    if (!json) return;
    auto const read = parse_nilcc_report(*json);
    if (!read) return must_name_its_check(read.error());
    auto const again = parse_snp_report(read->report.raw);
    must(again.has_value(), "what nilCC's JSON makes is a report");
}

void try_revocations(std::string_view input) {
    if (auto const list = RevocationList::read(input); !list) must_name_its_check(list.error());
}

void try_citadels(std::string_view input) {
    auto const json = base::parse_json(input);
    if (!json) return;
    auto const read = bound_evidence_from_json(*json);
    if (!read) return must_name_its_check(read.error());
    must(read->evidence.claims_hardware() == (*json)["attested"].as_bool(),
         "software never calls itself attested");
    auto const again = bound_evidence_from_json(to_json(*read));
    must(again && to_json(*again) == to_json(*read), "evidence gets across");
    CitadelPolicy policy;
    policy.snp.measurements.emplace_back();
    auto const verdict = appraise_citadel(
        *read, policy, {.nonce = read->nonce, .is_loopback = true}, TrustRoots::production(), at);
    must(!verdict, "nothing of a fuzzer's is attested");
    must_name_its_check(verdict.error());
}

void try_table(std::string_view input) {
    auto const read = detail::certificates_in_table(crypto::as_bytes(input));
    if (read) must(read->size() <= Evidence::max_certificates, "a host's table is bounded");
}

}  // namespace

/// A byte that chooses what the rest is.
void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    switch (choice % 6) {
        case 0:
            return try_report(rest);
        case 1:
            return try_certificates(rest);
        case 2:
            return try_nilcc(rest);
        case 3:
            return try_revocations(rest);
        case 4:
            return try_citadels(rest);
        default:
            return try_table(rest);
    }
}

}  // namespace obscura::fuzz
