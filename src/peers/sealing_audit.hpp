#pragma once

#include "attest/citadel_appraisal.hpp"
#include "attest/sealing_statement.hpp"
#include "base/random.hpp"
#include "net/session.hpp"

#include <string>

namespace obscura::peers {

/// An auditor's look at citadel: one connection, on which it asks for evidence and for the key that
/// credentials are sealed to, appraises both, and leaves what it has signed. Whatever comes on a
/// connection whose own key the report binds comes from citadel. Event-loop thread.
class SealingAudit {
public:
    struct Parts {
        attest::CitadelPolicy const& policy;  ///< that asks for attested
        std::string environment;              ///< which deployment this is
        std::string format;                   ///< of evidence that is taken: "nilcc", "sev-snp"
        crypto::Ed25519PrivateKey const& auditor;
        attest::TrustRoots const& roots;
    };
    /// `url` is citadel's origin; all else must outlive this.
    SealingAudit(net::ClientConfig http, std::string url, Parts parts, base::Clock const& clock,
                 base::Random& random);

    /// After so long the same is said anew, of a key that is still there.
    static constexpr std::chrono::minutes renewal{30};

    /// The statement that citadel has taken: `last`, while what is seen now says the same and it is
    /// younger than `renewal`, or one that was signed now. Errors: unavailable
    /// "citadel_unavailable"; bad_gateway "citadel_answer"; those of appraise_citadel and
    /// "evidence_format": it was not believed, and nothing is signed; what citadel refuses, as it
    /// says.
    [[nodiscard]] base::Task<base::Result<attest::SignedStatement>> run(
        attest::SignedStatement const* last = nullptr);

private:
    [[nodiscard]] base::Task<base::Result<net::Response>> send(net::HttpSession& session,
                                                               net::Request request);
    [[nodiscard]] base::Result<attest::SealingStatement> appraise(net::Response const& answer,
                                                                  attest::Observed const& observed);
    [[nodiscard]] base::Result<attest::SealingStatement> statement_of(
        attest::BoundEvidence const& bound, attest::Observed const& observed) const;

    net::ClientConfig http_;
    std::string url_;
    Parts parts_;
    base::Clock const& clock_;
    base::Random& random_;
};

}  // namespace obscura::peers
