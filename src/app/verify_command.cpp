#include "app/commands.hpp"
#include "app/evidence_files.hpp"
#include "app/files.hpp"
#include "app/verify_audit.hpp"
#include "app/verify_receipt.hpp"
#include "base/json.hpp"
#include "crypto/hex.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace obscura::app {
namespace {

using base::Json;

struct AttestationOptions {
    std::string path;
    std::string at;
    std::string crl;
    std::vector<std::string> certificates;
    std::vector<std::string> measurements;
    std::string report_data;
    std::string host_data;
    std::vector<std::string> chip_ids;
    int vmpl = -1;
    std::string minimum_tcb;
    bool allows_vlek = false;
    bool requires_crl = false;
    bool refuses_smt = false;
    bool as_json = false;
};

template <std::size_t N>
attest::ByteArray<N> bytes_of(std::string const& option, std::string const& hex) {
    attest::ByteArray<N> bytes{};
    if (!crypto::hex_decode_into(hex, bytes))
        throw WrongUsage(option + " must be " + std::to_string(2 * N) + " hexadecimal digits");
    return bytes;
}

attest::TcbParts tcb_of(std::string const& text) {
    auto const parts = attest::parse_tcb(text);
    if (!parts) throw WrongUsage("--min-tcb: " + parts.error().detail);
    return *parts;
}

attest::SnpPolicy policy_of(AttestationOptions const& o) {
    attest::SnpPolicy policy{
        .allows_vlek = o.allows_vlek, .allows_smt = !o.refuses_smt, .requires_crl = o.requires_crl};
    if (o.vmpl >= 0) policy.vmpl = static_cast<std::uint32_t>(o.vmpl);
    if (!o.minimum_tcb.empty()) policy.minimum_tcb = tcb_of(o.minimum_tcb);
    for (auto const& hex : o.measurements)
        policy.measurements.push_back(bytes_of<48>("--measurement", hex));
    for (auto const& hex : o.chip_ids) policy.chip_ids.push_back(bytes_of<64>("--chip-id", hex));
    if (!o.report_data.empty()) policy.report_data = bytes_of<64>("--report-data", o.report_data);
    if (!o.host_data.empty()) policy.host_data = bytes_of<32>("--host-data", o.host_data);
    return policy;
}

base::Timestamp time_of(AttestationOptions const& o) {
    if (o.at.empty()) return base::SystemClock().now();
    auto const at = base::parse_rfc3339(o.at);
    if (!at) throw WrongUsage("--at must be a time as 2026-11-29T12:00:00Z");
    return *at;
}

base::Result<attest::SnpAppraisal> appraise_files(AttestationOptions const& o, base::Timestamp at) {
    auto const policy = policy_of(o);
    auto const evidence = read_evidence(o.path, o.certificates);
    if (!evidence) return std::unexpected(evidence.error());
    std::optional<attest::RevocationList> crl;
    if (!o.crl.empty()) {
        auto const text = read_file(o.crl, max_evidence_file);
        if (!text) throw WrongUsage("--crl: " + o.crl + " is not there");
        auto list = attest::RevocationList::read(*text);
        if (!list) return std::unexpected(list.error());
        crl = std::move(*list);
    }
    return attest::appraise(*evidence, policy, attest::TrustRoots::production(), at,
                            crl ? &*crl : nullptr);
}

Json texts(std::vector<std::string> const& all) {
    auto array = Json::array();
    for (auto const& text : all) array.push_back(text);
    return array;
}

std::string key_text(attest::SnpAppraisal const& a) {
    return a.key == attest::SigningKey::vlek ? "VLEK of " + a.cloud : "VCEK";
}

void print_json(base::Result<attest::SnpAppraisal> const& appraisal, base::Timestamp at) {
    auto json = Json::object({{"valid", appraisal.has_value()}, {"at", base::to_rfc3339(at)}});
    if (!appraisal) {
        json.set("check", appraisal.error().reason);
        json.set("detail", appraisal.error().detail);
    } else {
        auto const& a = *appraisal;
        json.set("product", attest::to_string(a.product));
        json.set("key", key_text(a));
        json.set("tcb", Json::object({{"fmc", unsigned{a.tcb.fmc}},
                                      {"bootloader", unsigned{a.tcb.bootloader}},
                                      {"tee", unsigned{a.tcb.tee}},
                                      {"snp", unsigned{a.tcb.snp}},
                                      {"microcode", unsigned{a.tcb.microcode}}}));
        json.set("passed", texts(a.passed));
        json.set("not_asked", texts(a.not_asked));
    }
    std::puts(json.dump().c_str());
}

void print(base::Result<attest::SnpAppraisal> const& appraisal, base::Timestamp at) {
    if (!appraisal) {
        auto const& error = appraisal.error();
        std::printf("refused: %s: %s\n", error.reason.c_str(), error.detail.c_str());
        for (auto const& field : error.fields)
            std::printf("  %s: %s\n", field.pointer.c_str(), field.detail.c_str());
        return;
    }
    auto const& a = *appraisal;
    auto const product = std::string(attest::to_string(a.product));
    std::printf("AMD EPYC %s, signed by its %s; TCB: bootloader %d, tee %d, snp %d, microcode %d",
                product.c_str(), key_text(a).c_str(), a.tcb.bootloader, a.tcb.tee, a.tcb.snp,
                a.tcb.microcode);
    if (a.product == attest::Product::turin) std::printf(", fmc %d", a.tcb.fmc);
    std::puts("");
    for (auto const& check : a.passed) std::printf("  ok  %s\n", check.c_str());
    for (auto const& check : a.not_asked) std::printf("  --  %s: not asked\n", check.c_str());
    std::printf("valid at %s\n", base::to_rfc3339(at).c_str());
}

int verify_attestation(AttestationOptions const& o) {
    auto const at = time_of(o);
    auto const appraisal = appraise_files(o, at);
    o.as_json ? print_json(appraisal, at) : print(appraisal, at);
    return appraisal ? 0 : 1;
}

void add_attestation(CLI::App& app, AttestationOptions& o) {
    auto* const sub =
        app.add_subcommand("attestation", "SEV-SNP evidence, against AMD's own roots");
    sub->add_option("path", o.path, "a report (binary, hex, nilCC's JSON), or a folder of one")
        ->required();
    sub->add_option("--at", o.at, "when it has to be valid, RFC 3339 (else now)");
    sub->add_option("--crl", o.crl, "AMD's revocation list of the product, DER or PEM");
    sub->add_option("--certs", o.certificates, "certificates (else those beside the report)");
    sub->add_option("--measurement", o.measurements, "allowed launch measurements, hex");
    sub->add_option("--report-data", o.report_data, "what the report must be made for, hex");
    sub->add_option("--host-data", o.host_data, "what the host must have given, hex");
    sub->add_option("--chip-id", o.chip_ids, "allowed chips, hex");
    sub->add_option("--vmpl", o.vmpl, "exactly this privilege level")->check(CLI::Range(0, 3));
    sub->add_option("--min-tcb", o.minimum_tcb, "least levels, as bootloader=4,snp=24");
    sub->add_flag("--allow-vlek", o.allows_vlek, "take a cloud's key for the chip's");
    sub->add_flag("--require-crl", o.requires_crl, "refuse without --crl");
    sub->add_flag("--refuse-smt", o.refuses_smt, "refuse guests that may share a core");
    sub->add_flag("--json", o.as_json, "one JSON document");
}

/// An empty value went missing on its way here, as that of a variable which is not set: what it
/// should have said must not go unasked.
void refuse_empty_values(CLI::App const& app) {
    for (auto const* sub : app.get_subcommands())
        for (auto const* option : sub->get_options())
            if (std::ranges::find(option->results(), "") != option->results().end())
                throw WrongUsage(option->get_name() + " must not be empty");
}

}  // namespace

int run_verify(std::vector<std::string> args) {
    CLI::App app("Checks evidence without trusting whoever hands it out", "obscura verify");
    app.require_subcommand(1);
    AttestationOptions attestation;
    add_attestation(app, attestation);
    AuditOptions audit;
    add_audit(app, audit);
    ReceiptOptions receipt;
    add_receipt(app, receipt);
    std::ranges::reverse(args);
    try {
        app.parse(args);
        refuse_empty_values(app);
        return app.got_subcommand("audit")     ? verify_audit(audit)
               : app.got_subcommand("receipt") ? verify_receipt(receipt)
                                               : verify_attestation(attestation);
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    } catch (std::exception const& e) {  // 1 is the verdict that refuses, and there is none
        std::fprintf(stderr, "obscura verify: %s\n", e.what());
        return 2;
    }
}

}  // namespace obscura::app
