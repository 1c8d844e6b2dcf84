#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "gateway/access.hpp"
#include "net/http.hpp"
#include "net/task.hpp"
#include "ports/audit_log.hpp"
#include "ports/caller.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::gateway {

using net::Task;

/// A request that was let in: what handlers work on.
struct Call {
    net::Request& request;
    ports::Caller caller;        ///< empty on open routes, but for a tenant's key that came along
    std::string client_address;  ///< the client's, proxies of ours looked through
    base::Timestamp now{};
    /// For the one thing that this request creates. A retry under the same Idempotency-Key has the
    /// same, so that it finds what the first try made.
    base::Uuid new_id{};
    bool has_idempotency_key = false;
    base::Uuid audit_id{};  ///< of the audit log's row for what this request changes
};

/// Who changes something, for the audit log.
[[nodiscard]] ports::AuditStamp stamp_of(Call const& call);

using CallHandler = std::function<Task<base::Result<net::Response>>(Call&)>;

/// Whether a route makes something, and so honours Idempotency-Key.
enum class Creates { no, yes };

struct Endpoint {
    std::string method;
    std::string pattern;
    Access access = Access::admin;
    CallHandler handler;
    Creates creates = Creates::no;
};

/// Where the handler groups put their routes.
using EndpointList = std::vector<Endpoint>;

/// Members of an answer that are shown once: the stored copy for a replay is without them.
inline constexpr std::array<std::string_view, 3> shown_once{"key", "access_token", "refresh_token"};

}  // namespace obscura::gateway
