#include "gateway/sensitive_body.hpp"

namespace obscura::gateway {
namespace {

void wipe(base::Json& json) {
    // Json shows its texts for reading only; this one is ours and about to go.
    if (json.is_string())
        base::cleanse(const_cast<std::string&>(json.as_string()));
    else if (json.is_array())
        for (auto& item : json.as_array()) wipe(item);
    else if (json.is_object())
        for (auto& [key, value] : json.as_object()) wipe(value);
}

}  // namespace

SensitiveBody::SensitiveBody(net::Request& request)
    : request_(request), json_(net::json_body(request)) {}

SensitiveBody::~SensitiveBody() {
    if (json_) wipe(*json_);
    base::cleanse(request_.body);
}

}  // namespace obscura::gateway
