#pragma once

#include "base/json.hpp"
#include "base/secret.hpp"
#include "net/http.hpp"

namespace obscura::gateway {

/// The JSON body of a request that carries a secret: both copies of it, the bytes received and the
/// parsed strings, are wiped when this ends. Take the secret out with `base::Secret` before.
class SensitiveBody {
public:
    explicit SensitiveBody(net::Request& request);
    ~SensitiveBody();
    SensitiveBody(SensitiveBody const&) = delete;
    SensitiveBody& operator=(SensitiveBody const&) = delete;

    [[nodiscard]] base::Result<base::Json> const& json() const { return json_; }

private:
    net::Request& request_;
    base::Result<base::Json> json_;
};

}  // namespace obscura::gateway
