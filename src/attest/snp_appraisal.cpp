#include "attest/snp_appraisal.hpp"

#include "attest/detail/refusal.hpp"
#include "base/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace obscura::attest {
namespace {

constexpr std::uint32_t lowest_vmpl = 3;  // beyond: made for the host

using Outcome = base::Result<void>;

template <std::size_t N>
bool are_equal(ByteArray<N> const& a, ByteArray<N> const& b) {
    return base::equal_constant_time(crypto::as_text(a), crypto::as_text(b));
}
template <std::size_t N>
bool is_among(ByteArray<N> const& one, std::vector<ByteArray<N>> const& all) {
    return std::ranges::any_of(all, [&](auto const& some) { return are_equal(one, some); });
}

Outcome check_form(SnpReport const& report, SnpPolicy const& policy) {
    if (report.version < policy.minimum_version)
        return refused("report_version", fmt::format("version {} is below {}", report.version,
                                                     policy.minimum_version));
    bool const is_allowed = report.signing_key == SigningKey::vcek ||
                            (report.signing_key == SigningKey::vlek && policy.allows_vlek);
    if (!is_allowed) return refused("signing_key", "the report is not signed by a chip's own key");
    if (report.chip_key_masked) return refused("signing_key", "the chip's key is masked");
    return {};
}

/// The report and the certificate speak of one product, key, and level of patches.
Outcome check_agreement(SnpReport const& report, LeafFacts const& facts) {
    auto const told = product_of(report);
    if (!told) return std::unexpected(told.error());
    // Version 2 tells no product. The chip's id and the signature bind it to its certificate all
    // the same.
    if (*told && **told != facts.product)
        return refused("product", fmt::format("a report of {} with a certificate of {}",
                                              to_string(**told), to_string(facts.product)));
    if (report.signing_key != facts.key)
        return refused("signing_key", "the report names another kind of key than its certificate");
    return {};
}

Outcome check_tcb(SnpReport const& report, LeafFacts const& facts) {
    for (std::size_t i = 0; i < facts.tcb.bytes.size(); ++i)
        if (report.reported_tcb.bytes[i] != facts.tcb.bytes[i])
            return refused("tcb",
                           fmt::format("byte {} of the reported TCB is {}, the certificate is "
                                       "for {}",
                                       i, report.reported_tcb.bytes[i], facts.tcb.bytes[i]));
    return {};
}

Outcome check_chip(SnpReport const& report, LeafFacts const& facts, SnpPolicy const& policy) {
    if (facts.key == SigningKey::vcek) {
        auto const size = static_cast<std::ptrdiff_t>(facts.chip_id.size());
        bool const is_same =
            std::equal(facts.chip_id.begin(), facts.chip_id.end(), report.chip_id.begin()) &&
            std::all_of(report.chip_id.begin() + size, report.chip_id.end(),
                        [](std::uint8_t b) { return b == 0; });
        if (!is_same)
            return refused("chip_id", "the report is of another chip than its certificate");
    }
    if (!policy.chip_ids.empty() && !is_among(report.chip_id, policy.chip_ids))
        return refused("chip_id", "the chip is none of those allowed");
    return {};
}

Outcome check_guest_policy(SnpReport const& report, SnpPolicy const& policy) {
    auto const& guest = report.policy;
    if (guest.allows_debug())
        return refused("policy_debug", "the host may read this guest's memory (DEBUG)");
    if (guest.allows_migration())
        return refused("policy_migration", "the guest may be handed to a migration agent");
    if (!guest.reserved_one())
        return refused("policy_reserved", "bit 17 of the guest's policy must be one");
    if (guest.has_unknown())
        return refused("policy_reserved", "the guest's policy has bits that are not known here");
    if (!policy.allows_smt && (guest.allows_smt() || report.smt_is_on()))
        return refused("policy_smt", "other threads may share the guest's cores (SMT)");
    if (policy.vmpl ? report.vmpl != *policy.vmpl : report.vmpl > lowest_vmpl)
        return refused("vmpl", fmt::format("the report was asked for at VMPL {}", report.vmpl));
    return {};
}

bool is_at_least(TcbParts const& have, TcbParts const& least) {
    return have.fmc >= least.fmc && have.bootloader >= least.bootloader && have.tee >= least.tee &&
           have.snp >= least.snp && have.microcode >= least.microcode;
}

Outcome check_minimum_tcb(SnpReport const& report, Product product, SnpPolicy const& policy) {
    struct Named {
        char const* name;
        TcbVersion version;
    };
    if (!policy.minimum_tcb) return {};
    for (auto const& [name, version] :
         {Named{"reported", report.reported_tcb}, Named{"launch", report.launch_tcb},
          Named{"committed", report.committed_tcb}})
        if (!is_at_least(version.parts(product), *policy.minimum_tcb))
            return refused("minimum_tcb", std::string("the ") + name + " TCB is below the minimum");
    return {};
}

Outcome check_contents(SnpReport const& report, SnpPolicy const& policy) {
    if (!policy.measurements.empty() && !is_among(report.measurement, policy.measurements))
        return refused("measurement", "the guest's measurement is none of those allowed");
    if (policy.report_data && !are_equal(report.report_data, *policy.report_data))
        return refused("report_data", "the report was made for other data");
    if (policy.host_data && !are_equal(report.host_data, *policy.host_data))
        return refused("host_data", "the host gave the guest other data");
    return {};
}

std::vector<std::string> not_asked(SnpPolicy const& policy, RevocationList const* revocations) {
    std::vector<std::string> names;
    if (revocations == nullptr) names.emplace_back("revocation");
    if (!policy.vmpl) names.emplace_back("vmpl");
    if (!policy.minimum_tcb) names.emplace_back("minimum_tcb");
    if (policy.measurements.empty()) names.emplace_back("measurement");
    if (!policy.report_data) names.emplace_back("report_data");
    if (!policy.host_data) names.emplace_back("host_data");
    return names;
}

struct TcbPart {
    std::string_view name;
    std::uint8_t TcbParts::* part;
};
constexpr TcbPart tcb_parts[] = {{"fmc", &TcbParts::fmc},
                                 {"bootloader", &TcbParts::bootloader},
                                 {"tee", &TcbParts::tee},
                                 {"snp", &TcbParts::snp},
                                 {"microcode", &TcbParts::microcode}};

/// "snp=24" into its place.
bool read_level(std::string_view item, TcbParts& into) {
    for (auto const& [name, part] : tcb_parts) {
        if (!item.starts_with(name) || !item.substr(name.size()).starts_with('=')) continue;
        auto const digits = item.substr(name.size() + 1);
        auto const [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), into.*part);
        return error == std::errc{} && end == digits.data() + digits.size();
    }
    return false;
}

}  // namespace

base::Result<TcbParts> parse_tcb(std::string_view text) {
    TcbParts out;
    for (std::size_t from = 0; from <= text.size();) {
        auto const to = std::min(text.find(',', from), text.size());
        auto const item = text.substr(from, to - from);
        if (!read_level(item, out))
            return refused("tcb_unreadable",
                           "\"" + std::string(item) + "\" is no level of 0 to 255");
        from = to + 1;
    }
    return out;
}

base::Result<SnpAppraisal> appraise(SnpEvidence const& evidence, SnpPolicy const& policy,
                                    TrustRoots const& roots, base::Timestamp at,
                                    RevocationList const* revocations) {
    auto const& report = evidence.report;
    SnpAppraisal appraisal;
    auto pass = [&appraisal](Outcome const& outcome, char const* name) {
        if (outcome) appraisal.passed.emplace_back(name);
        return outcome;
    };
    if (auto const o = pass(check_form(report, policy), "form"); !o)
        return std::unexpected(o.error());
    auto const chain = build_chain(evidence.certificates, roots, at);
    if (!chain) return std::unexpected(chain.error());
    appraisal.passed.emplace_back("chain");
    auto const& facts = chain->facts;
    if (revocations != nullptr) {
        if (auto const o = pass(check_revocation(*chain, *revocations, at), "revocation"); !o)
            return std::unexpected(o.error());
    } else if (policy.requires_crl) {
        return refused("crl_missing", "the policy wants AMD's revocation list, and there is none");
    }
    if (auto const o = pass(check_agreement(report, facts), "product"); !o)
        return std::unexpected(o.error());
    if (auto const o = pass(check_signature(report, chain->leaf), "signature"); !o)
        return std::unexpected(o.error());
    if (auto const o = pass(check_tcb(report, facts), "tcb"); !o) return std::unexpected(o.error());
    if (auto const o = pass(check_chip(report, facts, policy), "chip_id"); !o)
        return std::unexpected(o.error());
    if (auto const o = pass(check_guest_policy(report, policy), "guest_policy"); !o)
        return std::unexpected(o.error());
    if (auto const o = check_minimum_tcb(report, facts.product, policy); !o)
        return std::unexpected(o.error());
    if (auto const o = check_contents(report, policy); !o) return std::unexpected(o.error());
    appraisal.not_asked = not_asked(policy, revocations);
    for (auto const* name : {"vmpl", "minimum_tcb", "measurement", "report_data", "host_data"})
        if (std::ranges::find(appraisal.not_asked, name) == appraisal.not_asked.end())
            appraisal.passed.emplace_back(name);
    appraisal.product = facts.product;
    appraisal.key = facts.key;
    appraisal.cloud = facts.cloud;
    appraisal.tcb = report.reported_tcb.parts(facts.product);
    return appraisal;
}

}  // namespace obscura::attest
