// What an auditor says of a sealing key, as whoever hands the key out shows it. Nothing that a
// fuzzer makes is signed by a pinned auditor; what is read has one text.
#include "attest/sealing_key_appraisal.hpp"
#include "fuzz/target.hpp"

namespace obscura::fuzz {

void try_input(std::string_view input) {
    auto const json = base::parse_json(input);
    if (!json) return;
    auto const read = attest::signed_statement_from_json(*json);
    if (!read) {
        must(read.error().reason == "statement_unreadable", "a refusal names its check");
        return;
    }
    auto const again = attest::signed_statement_from_json(to_json(*read));
    must(again.has_value(), "a statement gets across");
    must(statement_text(again->statement) == statement_text(read->statement), "with one text");
    attest::ShownSealingKey key{.public_key = read->statement.public_key,
                                .expires_at = read->statement.expires_at,
                                .evidence = {.format = attest::EvidenceFormat::nilcc},
                                .statements = {*read}};
    attest::SealingPolicy policy;
    policy.auditors = {std::string(64, 'a')};
    auto const verdict = attest::appraise_sealing_key(key, policy, attest::TrustRoots::production(),
                                                      base::from_unix_ms(1'795'900'000'000));
    must(!verdict, "nothing of a fuzzer's is vouched for");
}

}  // namespace obscura::fuzz
