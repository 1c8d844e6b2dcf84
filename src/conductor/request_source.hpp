#pragma once

#include "ports/signer.hpp"

#include <set>
#include <string>
#include <vector>

namespace obscura::conductor {

/// What orders and questions are sent as: requests that citadel has signed, or, where it hands none
/// out, the items themselves, which leave through its relay. citadel says which; what it has said
/// of an account is kept, so that it is asked once. Event-loop thread.
class RequestSource {
public:
    using Requests = base::Result<std::vector<base::Result<ports::VenueRequest>>>;

    explicit RequestSource(ports::Signer& signer) : signer_(signer) {}

    /// In the order asked; whatever breaks on the way is unavailable "citadel_unavailable".
    [[nodiscard]] base::Task<Requests> make(std::vector<ports::SignItem> items);

private:
    using Signed = base::Result<std::vector<base::Result<ports::SignedRequest>>>;
    [[nodiscard]] base::Task<Signed> sign(std::vector<ports::SignItem> items);
    void keep(std::string key);

    ports::Signer& signer_;
    std::set<std::string, std::less<>> relayed_;
};

}  // namespace obscura::conductor
