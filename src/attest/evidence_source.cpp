#include "attest/evidence_source.hpp"

#include "attest/nilcc_report.hpp"

namespace obscura::attest {

base::Task<base::Result<Evidence>> NilccSource::evidence(ReportData) {
    auto const body = co_await fetch_();
    if (!body) co_return no_evidence("nilcc-attester: " + body.error().detail);
    auto const json = base::parse_json(*body);
    if (!json) co_return no_evidence("nilcc-attester: not JSON: " + json.error().detail);
    auto const read = parse_nilcc_report(*json);
    if (!read) co_return no_evidence("nilcc-attester: " + read.error().detail);
    auto const& raw = read->report.raw;
    co_return Evidence{
        .format = EvidenceFormat::nilcc, .report = {raw.begin(), raw.end()}, .certificates = {}};
}

std::unexpected<base::Error> no_evidence(std::string internal) {
    return std::unexpected(base::Error{.code = base::Errc::unavailable,
                                       .reason = "evidence_unavailable",
                                       .detail = "There is no evidence to be had right now.",
                                       .internal = std::move(internal)});
}

}  // namespace obscura::attest
