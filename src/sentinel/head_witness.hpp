#pragma once

#include "base/metrics.hpp"
#include "net/runtime.hpp"
#include "ports/audit_heads.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <string>

namespace obscura::sentinel {

/// Why a head contradicts one that was seen before it; "" where it does not.
[[nodiscard]] std::string objection(ports::AuditHead const& before, ports::AuditHead const& now);

/// Asks citadel how far its audit log has come and keeps what it says where citadel's disk does not
/// reach: a log that was cut or set back is found by it (ADR 16), by `obscura verify audit` for
/// certain and here at once. Event-loop thread.
class HeadWitness {
public:
    struct Ports {
        ports::AuditHeadSource& source;
        ports::AuditHeads& heads;
    };
    /// The ports must outlive this.
    HeadWitness(boost::asio::any_io_executor executor, Ports ports, std::chrono::milliseconds every,
                base::Metrics& metrics);

    void start();
    [[nodiscard]] net::Task<void> stop() { return scope_.stop(); }
    /// One round. Throws where the record is out of reach.
    [[nodiscard]] net::Task<void> look();

private:
    [[nodiscard]] net::Task<void> run();

    Ports ports_;
    std::chrono::milliseconds every_;
    net::Scope scope_;
    base::Counter& kept_;
    base::Counter& objected_;
};

}  // namespace obscura::sentinel
