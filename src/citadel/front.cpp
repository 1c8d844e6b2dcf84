#include "citadel/front.hpp"

#include "base/log.hpp"
#include "citadel/audit_key.hpp"
#include "citadel/key_source.hpp"

namespace obscura::citadel {
namespace {

EvidenceSource release_evidence_of(attest::EvidenceSource* source,
                                   EvidenceMaterial const& material) {
    if (source == nullptr || source->format() == attest::EvidenceFormat::software)
        return software_evidence();
    return release_evidence(*source, material.certificates);
}

std::unexpected<base::Error> refused(std::string detail) {
    base::log::error("citadel.keys_refused", {{"detail", detail}});
    return base::fail(base::Errc::invalid_argument, "keys_refused",
                      "citadel does not start with these keys: " + std::move(detail));
}

}  // namespace

Front::Front(Config config, Parts parts, base::Clock const& clock, base::Random& random,
             base::Metrics& metrics)
    : parts_(std::move(parts)),
      material_(evidence_material(config.evidence, config.tls)),
      clock_(clock),
      random_(random),
      metrics_(metrics),
      release_(config,
               {.evidence = release_evidence_of(parts_.evidence, material_),
                .tls_key = material_.spki,
                .open = [this](custody::MasterKeys keys) { return open(std::move(keys)); }},
               clock, random, metrics),
      config_(std::move(config)) {}

net::Router Front::router() {
    if (source_of(config_) != KeySource::release) return open_router();
    base::log::warn("citadel.locked", {{"cure", "obscura key-holder brings the master keys"}});
    return release_.locked_router();
}

net::Router Front::open_router() {
    bool const was_released = source_of(config_) == KeySource::release;
    service_.emplace(std::move(config_), clock_, random_, metrics_, parts_.prices, parts_.evidence);
    auto router = service_->router();
    if (!was_released) return router;
    release_.note_to(
        [this](std::string_view caller, std::string_view operation, CallNote const& note) {
            service_->note_call(caller, operation, note);
        });
    release_.add_to(router);
    return router;
}

/// Before anything is given up for them: the versions that are wanted, and the log's key.
base::Result<void> Front::check(custody::MasterKeys const& keys) {
    if (auto const wrong = key_complaints(keys, config_); !wrong.empty())
        return refused(wrong.front());
    if (config_.audit.folder.empty()) return {};
    Keyring ring(keys, random_);
    if (audit_key_opens(config_.audit.folder + "/audit.key", ring)) return {};
    return refused("the audit log's key does not open under them.");
}

base::Result<void> Front::open(custody::MasterKeys keys) {
    if (auto const good = check(keys); !good) return good;
    config_.loaded_keys = std::move(keys);
    try {
        parts_.serve_by(open_router());
    } catch (std::exception const& e) {
        base::log::error("citadel.cannot_open", {{"detail", e.what()}});
        parts_.fail();
        return std::unexpected(base::internal_error(e.what()));
    }
    return {};
}

}  // namespace obscura::citadel
