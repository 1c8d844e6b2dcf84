#include "base/config.hpp"
#include "crypto/hex.hpp"
#include "custody/release_policy.hpp"

#include <algorithm>
#include <array>

namespace obscura::custody {
namespace {

using Must = std::optional<std::string>;

base::ConfigTable::Check one_of(std::vector<std::string> names) {
    return [names = std::move(names)](std::string const& text) -> Must {
        if (std::ranges::find(names, text) != names.end()) return std::nullopt;
        auto must = "must be " + names.front();
        for (std::size_t i = 1; i < names.size(); ++i) must += " or " + names[i];
        return must;
    };
}

base::ConfigTable::Check hex_of(std::size_t bytes) {
    return [bytes](std::string const& text) -> Must {
        auto const read = crypto::hex_decode(text);
        if (read && read->size() == bytes) return std::nullopt;
        return "must be " + std::to_string(2 * bytes) + " hexadecimal digits";
    };
}

template <std::size_t N>
void read_all(std::vector<std::string> const& digits, std::vector<attest::ByteArray<N>>& out) {
    for (auto const& text : digits) (void)crypto::hex_decode_into(text, out.emplace_back());
}

/// As the file has it, before it is a policy.
struct Given {
    std::vector<std::string> measurements, chip_ids;
    std::int64_t vmpl = -1;
    std::array<std::int64_t, 5> levels{-1, -1, -1, -1, -1};
};

void bind_policy(base::ConfigTable& table, ReleasePolicy& policy, Given& given) {
    table.bind("policy.environment", policy.environment, "production or development",
               one_of({"production", "development"}));
    table.bind("policy.format", policy.format, "sev-snp, nilcc or software",
               one_of({"sev-snp", "nilcc", "software"}));
    table.bind("policy.allow_software", policy.allow_software,
               "release to what no hardware vouches for; development alone");
    table.bind("policy.measurements", given.measurements, "launch measurements, hex", hex_of(48));
    table.bind("policy.chip_ids", given.chip_ids, "chips, hex; none: any", hex_of(64));
    table.bind("policy.vmpl", given.vmpl, "exactly this privilege level", {0, 3});
    table.bind("policy.require_crl", policy.snp.requires_crl,
               "refuse without a current revocation list");
    table.bind("policy.crl", policy.crl_file, "file of it, DER or PEM");
    table.bind("policy.certificates", policy.certificate_files,
               "files of the chip's certificate, where evidence brings none");
    table.bind("policy.allow_vlek", policy.snp.allows_vlek, "take a cloud's key for the chip's");
    table.bind("policy.allow_smt", policy.snp.allows_smt, "guests that may share a core");
    constexpr std::array<char const*, 5> parts{"fmc", "bootloader", "tee", "snp", "microcode"};
    for (std::size_t i = 0; i < parts.size(); ++i)
        table.bind("minimum_tcb." + std::string(parts[i]), given.levels[i], "least level",
                   {0, 255});
}

attest::TcbParts parts_of(std::array<std::int64_t, 5> const& levels) {
    auto const at = [&](std::size_t i) {
        return static_cast<std::uint8_t>(std::max<std::int64_t>(0, levels[i]));
    };
    return {.fmc = at(0), .bootloader = at(1), .tee = at(2), .snp = at(3), .microcode = at(4)};
}

std::vector<std::string> complaints(ReleasePolicy const& policy, Given const& given) {
    std::vector<std::string> out;
    bool const is_software = policy.format == "software";
    if (policy.allow_software && policy.environment != "development")
        out.push_back("policy.allow_software: never in production");
    if (is_software && !policy.allow_software)
        out.push_back("policy.format: software needs allow_software");
    if (is_software) return out;
    if (given.measurements.empty())
        out.push_back("policy.measurements: must be given; any guest could have the keys");
    if (given.vmpl < 0) out.push_back("policy.vmpl: must be given");
    if (std::ranges::all_of(given.levels, [](auto level) { return level < 0; }))
        out.push_back("minimum_tcb: must be given");
    if (policy.snp.requires_crl && policy.crl_file.empty())
        out.push_back("policy.crl: must be given while policy.require_crl is true");
    return out;
}

}  // namespace

base::Result<ReleasePolicy> parse_release_policy(std::string_view toml,
                                                 std::string const& file_name) {
    ReleasePolicy policy;
    Given given;
    base::ConfigTable table;
    bind_policy(table, policy, given);
    auto all = table.load(toml, file_name, {});
    if (all.empty()) all = complaints(policy, given);
    if (!all.empty()) {
        std::string text;
        for (auto const& one : all) text += (text.empty() ? "" : "; ") + one;
        return base::fail(base::Errc::invalid_argument, "policy", text);
    }
    read_all(given.measurements, policy.snp.measurements);
    read_all(given.chip_ids, policy.snp.chip_ids);
    if (given.vmpl >= 0) policy.snp.vmpl = static_cast<std::uint32_t>(given.vmpl);
    if (policy.format != "software") policy.snp.minimum_tcb = parts_of(given.levels);
    return policy;
}

}  // namespace obscura::custody
