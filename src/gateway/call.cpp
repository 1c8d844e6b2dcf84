#include "gateway/call.hpp"

#include "gateway/ip_range.hpp"

namespace obscura::gateway {
namespace {

std::string actor_of(ports::Caller const& caller) {
    if (caller.user) return "user:" + caller.user->to_string();
    if (caller.api_key) return "key:" + caller.api_key->to_string();
    return "anonymous";
}

}  // namespace

ports::AuditStamp stamp_of(Call const& call) {
    return {.id = call.audit_id,
            .actor = actor_of(call.caller),
            .request_id = call.request.id,
            .network = network_of(call.client_address),
            .at = call.now};
}

}  // namespace obscura::gateway
