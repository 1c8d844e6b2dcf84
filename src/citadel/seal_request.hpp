#pragma once

#include "ports/credential_seal.hpp"

namespace obscura::citadel {

/// The body of /open-sealed: `{connection_id, tenant_id, user_id, venue, environment, purpose,
/// sealed: {...}}`, the connection that is to be made as the gateway knows it, and what its owner
/// has sent.
struct SealRequest {
    ports::ConnectionRecord connection;
    ports::SealedCredential sealed;
};
[[nodiscard]] base::Result<SealRequest> seal_request_from_json(base::Json const& body);

}  // namespace obscura::citadel
