#include "citadel/evidence_source.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <cstring>

namespace obscura::citadel {
namespace {

net::Task<base::Result<base::Json>> software_document(std::string binding) {
    co_return base::Json::object(
        {{"format", "software"}, {"attested", false}, {"binding", std::move(binding)}});
}

net::Task<base::Result<base::Json>> hardware_document(attest::EvidenceSource& source,
                                                      std::vector<attest::Certificate> const& own,
                                                      attest::ReportData data) {
    auto const made = co_await source.evidence(data);
    if (!made) co_return std::unexpected(made.error());
    auto certificates = base::Json::array();
    for (auto const* list : {&made->certificates, &own})
        for (auto const& certificate : *list)
            if (certificates.as_array().size() < attest::Evidence::max_certificates)
                certificates.push_back(crypto::base64_encode(certificate.der()));
    co_return base::Json::object({{"format", to_string(made->format)},
                                  {"report", crypto::base64_encode(made->report)},
                                  {"certificates", std::move(certificates)}});
}

}  // namespace

EvidenceSource release_evidence(attest::EvidenceSource& source,
                                std::vector<attest::Certificate> certificates) {
    return [&source, own = std::move(certificates)](std::span<std::byte const, 64> report_data) {
        attest::ReportData data{};
        std::memcpy(data.data(), report_data.data(), data.size());
        return hardware_document(source, own, data);
    };
}

EvidenceSource software_evidence() {
    return [](std::span<std::byte const, 64> report_data) {
        auto const* const bytes = reinterpret_cast<std::uint8_t const*>(report_data.data());
        return software_document(crypto::hex_encode({bytes, report_data.size()}));
    };
}

}  // namespace obscura::citadel
