#pragma once

#include "attest/evidence.hpp"
#include "base/task.hpp"

#include <functional>
#include <string>

namespace obscura::attest {

/// Where evidence comes from. Errors are unavailable "evidence_unavailable"; what went wrong is in
/// `internal`. Nobody who holds one may take its word for more than evidence.
class EvidenceSource {
public:
    virtual ~EvidenceSource() = default;
    [[nodiscard]] virtual EvidenceFormat format() const = 0;
    /// A report made for `data`, where its format can be bound to data at all.
    [[nodiscard]] virtual base::Task<base::Result<Evidence>> evidence(ReportData data) = 0;
};

/// No hardware. A type of its own, so that no setting of another source becomes this one.
class SoftwareSource final : public EvidenceSource {
public:
    [[nodiscard]] EvidenceFormat format() const override { return EvidenceFormat::software; }
    [[nodiscard]] base::Task<base::Result<Evidence>> evidence(ReportData) override {
        co_return Evidence{};
    }
};

/// What makes reports on this machine while the caller waits: milliseconds, and seconds where the
/// host slows the guest down. Not for an event loop's thread; one call at a time.
class ReportDevice {
public:
    virtual ~ReportDevice() = default;
    [[nodiscard]] virtual base::Result<Evidence> report(ReportData const& data) = 0;
};

/// nilCC's attester, which a workload reaches over HTTP alone. `fetch` brings the body of its
/// `/api/v2/report`.
class NilccSource final : public EvidenceSource {
public:
    using Fetch = std::function<base::Task<base::Result<std::string>>()>;
    explicit NilccSource(Fetch fetch) : fetch_(std::move(fetch)) {}

    [[nodiscard]] EvidenceFormat format() const override { return EvidenceFormat::nilcc; }
    /// Whatever `data` is: nilCC's reports are made at its start, for its front's certificate.
    [[nodiscard]] base::Task<base::Result<Evidence>> evidence(ReportData data) override;

private:
    Fetch fetch_;
};

/// For sources: the error of one that could not bring evidence.
[[nodiscard]] std::unexpected<base::Error> no_evidence(std::string internal);

}  // namespace obscura::attest
