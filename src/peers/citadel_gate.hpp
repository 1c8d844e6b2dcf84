#pragma once

#include "base/random.hpp"
#include "net/circuit_breaker.hpp"
#include "net/client.hpp"
#include "peers/citadel_policy.hpp"

#include <memory>
#include <optional>
#include <string>

namespace obscura::peers {

/// Who may be called citadel: whoever's evidence meets the policy. Asks with a nonce of its own
/// each time, and without any key. Event-loop thread.
class CitadelGate {
public:
    /// `http` must allow `origin`; it and the others must outlive this. std::invalid_argument for
    /// settings that no evidence could meet. `roots` are for tests.
    CitadelGate(net::HttpClient& http, std::string origin, CitadelClientConfig const& config,
                base::Clock const& clock, base::Random& random, attest::TrustRoots const& roots);

    /// The TLS key that whatever is sent now must be sent to (null without TLS). Asks for evidence
    /// where there is no verdict, or an old one. unavailable: "citadel_refused" for who fails the
    /// policy, "citadel_unavailable" for who does not answer.
    [[nodiscard]] base::Task<base::Result<net::PeerKey>> enter();
    /// The connection broke, or somebody else answers: the next call asks again.
    void forget();
    /// Keeps the verdict young, so that no call waits for it. Ends when its scope is stopped.
    [[nodiscard]] base::Task<void> keep();

    [[nodiscard]] bool is_attested() const { return verdict_ && verdict_->attested; }
    [[nodiscard]] bool is_refused() const { return !refusal_.empty(); }
    /// In plain words, for health and people.
    [[nodiscard]] std::string status() const;

private:
    using Outcome = base::Result<net::PeerKey>;
    struct Check;
    struct Answer;

    [[nodiscard]] bool is_younger_than(std::chrono::milliseconds age) const;
    /// One check at a time: who comes while one is under way gets its outcome.
    [[nodiscard]] base::Task<Outcome> check();
    [[nodiscard]] base::Task<Outcome> ask();
    [[nodiscard]] base::Task<base::Result<Answer>> fetch(attest::Nonce nonce);
    [[nodiscard]] base::Result<attest::CitadelVerdict> appraise(Answer const& answer,
                                                                attest::Nonce const& nonce) const;
    [[nodiscard]] Outcome accept(attest::CitadelVerdict verdict, net::PeerKey key);
    [[nodiscard]] Outcome refuse(base::Error const& error);
    [[nodiscard]] base::Error refused() const;

    net::HttpClient& http_;
    std::string origin_;
    bool is_loopback_;
    CitadelClientConfig config_;
    base::Clock const& clock_;
    base::Random& random_;
    attest::TrustRoots const& roots_;

    std::optional<attest::CitadelVerdict> verdict_;
    net::PeerKey key_;
    base::Instant checked_at_{};
    std::string refusal_;  ///< of the last who failed; "" where nobody did
    net::CircuitBreaker retry_;
    std::shared_ptr<Check> under_way_;
};

}  // namespace obscura::peers
