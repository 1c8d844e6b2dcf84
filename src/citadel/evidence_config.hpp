#pragma once

#include "attest/evidence_source.hpp"
#include "base/config.hpp"
#include "base/random.hpp"
#include "net/client.hpp"
#include "net/tls.hpp"

#include <memory>
#include <string>
#include <vector>

namespace obscura::citadel {

/// Where citadel's evidence comes from.
struct EvidenceConfig {
    std::string source = "software";  ///< or sev_guest, configfs_tsm, nilcc
    std::string device = "/dev/sev-guest";
    std::string configfs = "/sys/kernel/config/tsm/report";
    std::string nilcc_url = "http://nilcc-attester/api/v2/report";
    std::uint16_t vmpl = 0;         ///< at which a native guest asks for reports
    std::string certificates_file;  ///< PEM; shown beside those that the host gives
    /// Public keys whose statements of the sealing key are shown beside it, hex.
    std::vector<std::string> auditors;
};
void bind(base::ConfigTable& table, EvidenceConfig& config);

/// The source that `config` names. `clock` and `random` must outlive it.
[[nodiscard]] std::unique_ptr<attest::EvidenceSource> make_evidence_source(
    EvidenceConfig const& config, boost::asio::any_io_executor executor, base::Clock const& clock,
    base::Random& random);

/// What citadel adds to a report: its own TLS key, so that a caller can tell that it talks to
/// whom the report speaks of, and certificates that the host does not give.
struct EvidenceMaterial {
    std::vector<std::uint8_t> spki;
    std::vector<attest::Certificate> certificates;
};
/// Throws std::runtime_error naming the file that cannot be used.
[[nodiscard]] EvidenceMaterial evidence_material(EvidenceConfig const& config,
                                                 net::TlsServerConfig const& tls);

}  // namespace obscura::citadel
