#pragma once

#include "base/json.hpp"
#include "model/ids.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::ports {

/// Who asks, as the gateway established it. Services behind it get it in the signed header
/// `X-Obscura-Caller` and believe nothing else.
struct Caller {
    model::TenantId tenant{};
    std::optional<model::UserId> user;       ///< a person's token
    std::optional<model::ApiKeyId> api_key;  ///< a tenant's key
    std::vector<std::string> scopes;         ///< of the key
    bool is_admin = false;                   ///< platform administrator
    bool is_test_key = false;                ///< reaches only the paper venue
    /// W3C trace context of the request, "" when it has none. Passed on beside the signed header,
    /// not in it.
    std::string traceparent;

    [[nodiscard]] bool has_scope(std::string_view scope) const {
        return std::ranges::find(scopes, scope) != scopes.end();
    }
};

[[nodiscard]] base::Json to_json(Caller const& caller);
[[nodiscard]] base::Result<Caller> caller_from_json(base::Json const& json);

}  // namespace obscura::ports
