#pragma once

#include "custody/release_policy.hpp"
#include "net/session.hpp"

namespace obscura::peers {

/// The key holder's side of a release: one connection to citadel, on which it is challenged,
/// appraised and given the master keys. Another connection is another appraisal. Our caller's key,
/// with which anybody could bring keys of his own, goes out with the master keys and not before.
/// Event-loop thread.
class KeyRelease {
public:
    struct Parts {
        custody::ReleasePolicy const& policy;
        std::span<attest::Certificate const>
            certificates;  ///< of the chip, where evidence has none
        attest::RevocationList const* revocations = nullptr;
        attest::TrustRoots const& roots;
    };
    /// `url` is citadel's origin; all else must outlive this.
    KeyRelease(net::ClientConfig http, std::string url, base::Secret const& caller_key, Parts parts,
               base::Clock const& clock, base::Random& random);

    /// Releases `keys` and tells why. Errors: unavailable "citadel_unavailable" when it does not
    /// answer; conflict "already_open"; those of appraise_release: the machine was not believed,
    /// and got nothing; "challenge_expired" when it answered too late; what citadel refuses, as it
    /// says.
    [[nodiscard]] base::Task<base::Result<custody::ReleaseVerdict>> release(
        custody::MasterKeys const& keys);
    /// "locked", or what citadel's /health says it is.
    [[nodiscard]] base::Task<base::Result<std::string>> status();

private:
    using Answer = base::Result<base::Json>;
    [[nodiscard]] base::Task<base::Result<std::unique_ptr<net::HttpSession>>> connect();
    [[nodiscard]] base::Task<Answer> send(net::HttpSession& session, net::Request request);

    net::ClientConfig http_;
    std::string url_;
    base::Secret caller_key_;
    Parts parts_;
    base::Clock const& clock_;
    base::Random& random_;
};

}  // namespace obscura::peers
