#pragma once

#include "base/secret.hpp"
#include "peers/citadel_gate.hpp"
#include "ports/audit_heads.hpp"
#include "ports/health_probe.hpp"
#include "ports/held_key.hpp"
#include "ports/key_vault.hpp"
#include "ports/signer.hpp"

#include <chrono>
#include <string>

namespace obscura::peers {

/// citadel over HTTP: whoever is there and has shown what the policy asks, and nobody else. A call
/// goes to the TLS key whose evidence was appraised. Errors of a call: unavailable when citadel is
/// out of reach, slow or busy ("citadel_unavailable"), or fails the policy ("citadel_refused");
/// after five calls in a row without an answer none is made for a while. bad_gateway when its
/// answer makes no sense; internal when it does not know our key; invalid_argument as citadel gave
/// it. Nothing is sent twice. Event-loop thread.
class CitadelClient final : public ports::Signer,
                            public ports::KeyVault,
                            public ports::StatementSigner,
                            public ports::AuditHeadSource {
public:
    /// `http` must allow the origin of `config.url` and outlive this. `key` is this service's own
    /// X-Internal-API-Key. std::invalid_argument when the URL is none, or the policy one that
    /// nothing could meet. `roots` are for tests.
    CitadelClient(net::HttpClient& http, CitadelClientConfig const& config, base::Secret const& key,
                  base::Clock const& clock, base::Random& random,
                  attest::TrustRoots const& roots = attest::TrustRoots::production());

    [[nodiscard]] CitadelGate& gate() { return gate_; }

    /// Any number of items: they go in calls of `max_sign_batch`, one after the other. One failed
    /// call fails all, which loses nothing: what was signed simply expires.
    [[nodiscard]] base::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override;
    [[nodiscard]] base::Task<base::Result<std::map<std::string, std::string>>> encrypt_fields(
        std::string context, std::map<std::string, base::Secret> fields) override;

    [[nodiscard]] base::Task<base::Result<ports::SealingKey>> sealing_key() override;
    [[nodiscard]] base::Task<base::Result<ports::SealedCredentials>> open_sealed(
        ports::ConnectionRecord connection, ports::SealedCredential sealed) override;

    [[nodiscard]] base::Task<base::Result<ports::HeldKey>> make_key(
        ports::KeyPurpose purpose) override;
    [[nodiscard]] base::Task<base::Result<std::vector<base::Result<ports::StatementSignature>>>>
    sign_statements(std::vector<ports::StatementItem> items) override;

    [[nodiscard]] base::Task<base::Result<ports::AuditHead>> audit_head() override;

    /// The same secrets under the newest master key. Ciphertexts in, ciphertexts out.
    [[nodiscard]] base::Task<base::Result<std::map<std::string, std::string>>> rewrap_fields(
        std::string context, std::map<std::string, std::string> fields);
    [[nodiscard]] base::Task<base::Result<int>> current_key_version();

private:
    [[nodiscard]] base::Task<base::Result<base::Json>> send(net::Request request);
    [[nodiscard]] base::Task<base::Result<base::Json>> get(std::string path);
    [[nodiscard]] base::Task<base::Result<base::Json>> post(std::string path, std::string body);

    net::HttpClient& http_;
    std::string origin_;
    std::chrono::milliseconds deadline_;
    base::Secret key_;
    base::Clock const& clock_;
    net::CircuitBreaker breaker_;
    CitadelGate gate_;
};

/// citadel as the gateway's health tells it: reached, and not refused. Its `attested` is the
/// verdict of our policy, whatever citadel says of itself, and `evidence` says why.
class CitadelProbe final : public ports::HealthProbe {
public:
    CitadelProbe(net::HttpClient& http, std::string origin, CitadelGate& gate)
        : http_(http), origin_(std::move(origin)), gate_(gate) {}
    [[nodiscard]] std::string name() const override { return "citadel"; }
    [[nodiscard]] base::Task<ports::ProbeResult> check(std::chrono::milliseconds timeout) override;

private:
    net::HttpClient& http_;
    std::string origin_;
    CitadelGate& gate_;
};

/// Whether citadel is refused, for services that do not ask after citadel's health.
class EvidenceProbe final : public ports::HealthProbe {
public:
    explicit EvidenceProbe(CitadelGate const& gate) : gate_(gate) {}
    [[nodiscard]] std::string name() const override { return "citadel_evidence"; }
    [[nodiscard]] base::Task<ports::ProbeResult> check(std::chrono::milliseconds) override {
        auto words = base::Json::object({{"evidence", gate_.status()}});
        co_return ports::ProbeResult{
            .is_up = !gate_.is_refused(), .internal = gate_.status(), .facts = std::move(words)};
    }

private:
    CitadelGate const& gate_;
};

}  // namespace obscura::peers
