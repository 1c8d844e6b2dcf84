#include "gateway/access.hpp"

namespace obscura::gateway {
namespace {

base::Result<void> allow_if(bool allowed, char const* reason, char const* detail) {
    if (allowed) return {};
    return base::fail(base::Errc::forbidden, reason, detail);
}

}  // namespace

std::string_view name_of(Access access) {
    switch (access) {
        case Access::probe:
            return "probe";
        case Access::open:
            return "open";
        case Access::user:
            return "user";
        case Access::user_or_key:
            return "user_or_key";
        case Access::pool_manager:
            return "pool_manager";
        case Access::key:
            return "key";
        case Access::signal_writer:
            return "signal_writer";
        case Access::admin:
            return "admin";
    }
    return "?";
}

base::Result<void> check_access(Access access, ports::Caller const& caller) {
    switch (access) {
        case Access::probe:
        case Access::open:
        case Access::user_or_key:
            return {};
        case Access::user:
            return allow_if(caller.user.has_value(), "user_required",
                            "This route needs a user's access token.");
        case Access::pool_manager:
            return allow_if(caller.user || caller.has_scope(scope_pool_manage), "scope_missing",
                            "The API key needs the scope pool:manage.");
        case Access::key:
            return allow_if(caller.api_key.has_value(), "api_key_required",
                            "This route needs a tenant's API key.");
        case Access::signal_writer:
            if (!caller.api_key) return check_access(Access::key, caller);
            return allow_if(caller.has_scope(scope_signal_write), "scope_missing",
                            "The API key needs the scope signal:write.");
        case Access::admin:
            return allow_if(caller.is_admin, "admin_required",
                            "This route is for platform administrators.");
    }
    return allow_if(false, "forbidden", "Not allowed.");
}

}  // namespace obscura::gateway
