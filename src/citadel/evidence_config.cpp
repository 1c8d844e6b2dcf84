#include "citadel/evidence_config.hpp"

#include "attest/configfs_tsm.hpp"
#include "attest/sev_guest.hpp"
#include "crypto/hex.hpp"
#include "net/runtime.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 4> sources{"software", "sev_guest", "configfs_tsm", "nilcc"};
constexpr std::size_t max_file = 64 * 1024;
constexpr auto nilcc_deadline = 5s;
constexpr std::size_t max_devices_waiting = 32;

std::optional<std::string> is_source(std::string const& text) {
    if (std::ranges::find(sources, text) != sources.end()) return std::nullopt;
    return "must be software, sev_guest, configfs_tsm or nilcc";
}

std::optional<std::string> is_http_url(std::string const& text) {
    auto const url = net::parse_url(text);
    if (url && url->scheme.starts_with("http")) return std::nullopt;
    return "must be a URL like http://nilcc-attester/api/v2/report";
}

std::optional<std::string> is_public_key(std::string const& text) {
    auto const raw = crypto::hex_decode(text);
    if (raw && raw->size() == 32 && crypto::hex_encode(*raw) == text) return std::nullopt;
    return "must be 64 hex digits in lower case";
}

/// A device on a thread of its own: it makes its caller wait, and the loop may not.
class DeviceSource final : public attest::EvidenceSource {
public:
    explicit DeviceSource(std::shared_ptr<attest::ReportDevice> device)
        : device_(std::move(device)) {}

    [[nodiscard]] attest::EvidenceFormat format() const override {
        return attest::EvidenceFormat::sev_snp;
    }
    [[nodiscard]] base::Task<base::Result<attest::Evidence>> evidence(
        attest::ReportData data) override {
        auto const answer = std::make_shared<std::optional<base::Result<attest::Evidence>>>();
        auto work = [device = device_, answer, data] { *answer = device->report(data); };
        bool const done = co_await thread_.run(std::move(work));
        if (!done || !*answer) co_return attest::no_evidence("too many wait for the device");
        co_return std::move(**answer);
    }

private:
    std::shared_ptr<attest::ReportDevice> device_;
    net::CpuPool thread_{1, max_devices_waiting};
};

/// configfs-tsm with the files that it is spoken to by.
class ConfigfsDevice final : public attest::ReportDevice {
public:
    ConfigfsDevice(EvidenceConfig const& config, base::Random& random)
        : tsm_(config.configfs, config.vmpl, random, files_) {}
    [[nodiscard]] base::Result<attest::Evidence> report(attest::ReportData const& data) override {
        return tsm_.report(data);
    }

private:
    attest::TsmFiles files_;
    attest::ConfigfsTsm tsm_;
};

base::Task<base::Result<std::string>> fetch_report(std::shared_ptr<net::HttpClient> http,
                                                   net::Url url) {
    auto answer =
        co_await http->fetch(url.origin(), net::Request{.target = url.target}, nilcc_deadline);
    if (!answer) co_return base::fail(base::Errc::unavailable, "no_answer", answer.error().detail);
    if (answer->status != 200)
        co_return base::fail(base::Errc::unavailable, "no_answer",
                             "status " + std::to_string(answer->status));
    co_return std::move(answer->body);
}

std::unique_ptr<attest::EvidenceSource> nilcc_source(EvidenceConfig const& config,
                                                     boost::asio::any_io_executor executor,
                                                     base::Clock const& clock) {
    auto const url = net::parse_url(config.nilcc_url).value();
    net::ClientConfig client{.allowed_origins = {url.origin()},
                             .max_connections_per_origin = 2,
                             .max_response_bytes = max_file};
    auto const http = std::make_shared<net::HttpClient>(std::move(executor), client, clock);
    return std::make_unique<attest::NilccSource>([http, url]() { return fetch_report(http, url); });
}

std::vector<attest::Certificate> certificates_in(std::string const& file) {
    if (file.empty()) return {};
    std::ifstream in(file, std::ios::binary);
    std::string text(max_file + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    auto read = attest::read_certificates(text);
    if (!read) throw std::runtime_error(file + ": " + read.error().detail);
    return std::move(*read);
}

}  // namespace

void bind(base::ConfigTable& table, EvidenceConfig& config) {
    table.bind("attestation.source", config.source,
               "What citadel's evidence is made by: software (it says so, and is never attested), "
               "sev_guest, configfs_tsm (both of a native SEV-SNP guest), nilcc.",
               is_source);
    table.bind("attestation.device", config.device, "Of sev_guest.");
    table.bind("attestation.configfs", config.configfs, "Folder of configfs-tsm's reports.");
    table.bind("attestation.nilcc_url", config.nilcc_url, "Where nilCC's attester answers.",
               is_http_url);
    table.bind("attestation.vmpl", config.vmpl,
               "At which a native guest asks for reports: its own, or above.", {0, 3});
    table.bind("attestation.certificates", config.certificates_file,
               "PEM file shown beside the report: the chip's certificate where the host gives "
               "none.");
    table.bind("attestation.auditors", config.auditors,
               "Ed25519 public keys (hex) of auditors whose statements are shown beside the key "
               "that credentials are sealed to (`obscura audit-sealing-key`).",
               is_public_key);
}

std::unique_ptr<attest::EvidenceSource> make_evidence_source(EvidenceConfig const& config,
                                                             boost::asio::any_io_executor executor,
                                                             base::Clock const& clock,
                                                             base::Random& random) {
    if (config.source == "sev_guest")
        return std::make_unique<DeviceSource>(
            std::make_shared<attest::SevGuest>(config.device, config.vmpl));
    if (config.source == "configfs_tsm")
        return std::make_unique<DeviceSource>(std::make_shared<ConfigfsDevice>(config, random));
    if (config.source == "nilcc") return nilcc_source(config, std::move(executor), clock);
    return std::make_unique<attest::SoftwareSource>();
}

EvidenceMaterial evidence_material(EvidenceConfig const& config, net::TlsServerConfig const& tls) {
    EvidenceMaterial out{.spki = {}, .certificates = certificates_in(config.certificates_file)};
    // The first certificate of the file is the one that is shown in the handshake.
    auto const own = certificates_in(tls.certificate_file);
    if (!own.empty()) out.spki = own.front().public_key();
    return out;
}

}  // namespace obscura::citadel
