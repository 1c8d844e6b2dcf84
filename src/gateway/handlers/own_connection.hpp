#pragma once

#include "gateway/call.hpp"
#include "ports/connection_store.hpp"

namespace obscura::gateway {

/// The connection that a body names at /connection_id, as one of the caller's own with the purpose
/// that is needed; otherwise the field's error.
[[nodiscard]] inline Task<base::Result<ports::ConnectionRecord>> own_connection(
    ports::ConnectionStore& connections, Call const& call, model::ConnectionId id,
    ports::ConnectionPurpose purpose) {
    auto found = co_await connections.find(call.caller.tenant, *call.caller.user, id);
    if (!found)
        co_return std::unexpected(base::field_error("/connection_id", "unknown_connection",
                                                    "Must be a connection of yours."));
    if (found->purpose != purpose)
        co_return std::unexpected(base::field_error("/connection_id", "wrong_purpose",
                                                    purpose == ports::ConnectionPurpose::lead
                                                        ? "Must be a connection made to lead."
                                                        : "Must be a connection made to follow."));
    co_return std::move(*found);
}

}  // namespace obscura::gateway
