#include "citadel/seal_request.hpp"

#include "base/decode.hpp"

namespace obscura::citadel {

base::Result<SealRequest> seal_request_from_json(base::Json const& body) {
    base::ObjectReader in(body);
    SealRequest out;
    out.connection.id = model::ConnectionId{in.uuid("connection_id")};
    out.connection.tenant = model::TenantId{in.uuid("tenant_id")};
    out.connection.user = model::UserId{in.uuid("user_id")};
    out.connection.venue = in.text("venue", {.max = 32});
    out.connection.environment = in.one_of("environment", model::environment_names);
    out.connection.purpose = in.one_of("purpose", ports::connection_purpose_names);
    if (auto const* given = in.object("sealed")) {
        auto sealed = ports::sealed_credential_from_json(*given, in.pointer_to("sealed"));
        if (sealed)
            out.sealed = std::move(*sealed);
        else
            in.absorb(std::move(sealed.error().fields));
    }
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return out;
}

}  // namespace obscura::citadel
