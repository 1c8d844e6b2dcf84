// Evidence: a report's bytes, a certificate and its extensions, nilCC's JSON, a revocation list.
// Nothing that a fuzzer makes convinces, and each is refused by a named check.
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

}  // namespace

/// A byte that chooses what the rest is.
void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    switch (choice % 4) {
        case 0:
            return try_report(rest);
        case 1:
            return try_certificates(rest);
        case 2:
            return try_nilcc(rest);
        default:
            return try_revocations(rest);
    }
}

}  // namespace obscura::fuzz
