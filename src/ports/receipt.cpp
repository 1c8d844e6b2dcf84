#include "ports/receipt.hpp"

namespace obscura::ports {

base::Json receipt_document(Receipt const& receipt) {
    return base::Json::object({{"id", receipt.id.to_string()},
                               {"tenant_id", receipt.tenant.to_string()},
                               {"execution_id", receipt.copy.to_string()},
                               {"subscription_id", receipt.subscription.to_string()},
                               {"created_at", base::to_rfc3339(receipt.created_at)},
                               {"receipt", receipt.body}});
}

}  // namespace obscura::ports
