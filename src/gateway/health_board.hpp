#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/client.hpp"
#include "ports/health_probe.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::gateway {

using net::Task;

/// Asks a service's `/health`.
class HttpHealthProbe final : public ports::HealthProbe {
public:
    HttpHealthProbe(net::HttpClient& http, std::string service, std::string origin)
        : http_(http), service_(std::move(service)), origin_(std::move(origin)) {}
    [[nodiscard]] std::string name() const override { return service_; }
    [[nodiscard]] Task<ports::ProbeResult> check(std::chrono::milliseconds timeout) override;

private:
    net::HttpClient& http_;
    std::string service_;
    std::string origin_;
};

/// How everything behind the gateway is. Asked at most once a second, all at the same time.
class HealthBoard {
public:
    /// `record` is the database: without it nothing works, without another only a part does not.
    HealthBoard(ports::HealthProbe& record, std::vector<ports::HealthProbe*> dependencies,
                std::vector<ports::HealthProbe*> services, base::Clock const& clock,
                std::string version);

    /// `{status: ok|degraded|down, version, time, services, dependencies}`, each entry with status
    /// and latency_ms.
    struct Report {
        base::Json body;
        bool is_ready = false;  ///< the record can be reached
    };
    [[nodiscard]] Task<Report> report();

private:
    struct Entry {
        ports::HealthProbe* probe = nullptr;
        bool is_service = false;
        ports::ProbeResult result;
        std::chrono::nanoseconds latency{0};
    };
    [[nodiscard]] Task<void> refresh(std::vector<Entry>& entries, std::size_t from);
    [[nodiscard]] Task<void> ask(Entry& entry);
    [[nodiscard]] Report render(std::vector<Entry> const& entries) const;

    std::vector<Entry> entries_;  ///< the record first
    base::Clock const& clock_;
    std::string version_;
    Report last_;
    base::Instant fresh_until_{};
};

}  // namespace obscura::gateway
