#pragma once

#include "base/error.hpp"
#include "ports/caller.hpp"

#include <string_view>

namespace obscura::gateway {

/// Who may use a route. It stands in `net::Route::access`, so that no route is without one.
enum class Access : int {
    probe,          ///< anybody, not limited: what operators and load balancers ask
    open,           ///< anybody, limited by address
    user,           ///< a person
    user_or_key,    ///< a person, or a tenant's key whatever its scopes
    pool_manager,   ///< a person (for pools of their own), or a key with pool:manage
    key,            ///< a tenant's key whatever its scopes
    signal_writer,  ///< a key with signal:write; the execution class of limits
    admin,          ///< a platform administrator
};

[[nodiscard]] std::string_view name_of(Access access);
[[nodiscard]] constexpr bool needs_credential(Access access) {
    return access != Access::probe && access != Access::open;
}

/// forbidden when a known caller has not the right.
[[nodiscard]] base::Result<void> check_access(Access access, ports::Caller const& caller);

/// What a key may be given.
inline constexpr std::string_view scope_signal_write = "signal:write";
inline constexpr std::string_view scope_pool_manage = "pool:manage";
inline constexpr std::string_view scope_stream_access = "stream:access";

}  // namespace obscura::gateway
