#include "attest/detail/device_evidence.hpp"

#include <algorithm>

namespace obscura::attest::detail {
namespace {

constexpr std::size_t entry_size = 24;
constexpr std::size_t max_entries = 16;

std::size_t little_endian(crypto::Bytes bytes) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= static_cast<std::size_t>(bytes[i]) << (8 * i);
    return value;
}

}  // namespace

base::Result<std::vector<Certificate>> certificates_in_table(crypto::Bytes table) {
    std::vector<Certificate> out;
    if (table.empty()) return out;
    for (std::size_t i = 0;; ++i) {
        if (i == max_entries || table.size() < (i + 1) * entry_size)
            return no_evidence("the table of certificates has no end");
        auto const entry = table.subspan(i * entry_size, entry_size);
        if (std::ranges::all_of(entry, [](std::uint8_t b) { return b == 0; })) return out;
        auto const offset = little_endian(entry.subspan(16, 4));
        auto const length = little_endian(entry.subspan(20, 4));
        if (offset > table.size() || length > table.size() - offset)
            return no_evidence("the table of certificates points beyond itself");
        auto some = read_certificates(crypto::as_text(table.subspan(offset, length)));
        if (!some) continue;
        std::ranges::move(*some, std::back_inserter(out));
        if (out.size() > Evidence::max_certificates)
            return no_evidence("the table has more certificates than a chain can");
    }
}

base::Result<Evidence> device_evidence(crypto::Bytes report, crypto::Bytes table,
                                       ReportData const& asked, std::uint32_t vmpl) {
    auto const parsed = parse_snp_report(report);
    if (!parsed) return no_evidence("the device's report: " + parsed.error().detail);
    if (parsed->report_data != asked)
        return no_evidence("the device's report was made for other data");
    if (parsed->vmpl != vmpl)
        return no_evidence("the device's report was made at VMPL " + std::to_string(parsed->vmpl));
    auto certificates = certificates_in_table(table);
    if (!certificates) return std::unexpected(certificates.error());
    return Evidence{.format = EvidenceFormat::sev_snp,
                    .report = {report.begin(), report.end()},
                    .certificates = std::move(*certificates)};
}

}  // namespace obscura::attest::detail
