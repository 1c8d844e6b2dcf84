#pragma once

#include "base/secret.hpp"
#include "net/client.hpp"
#include "ports/signal_intake.hpp"

#include <chrono>
#include <string>

namespace obscura::peers {

struct ConductorClientConfig {
    std::string url = "http://127.0.0.1:8001";
    std::chrono::milliseconds deadline{5'000};  ///< of one call
};

/// conductor over HTTP. Its problems come back as the errors they were. Errors of the call itself:
/// unavailable when nothing reached it, upstream_timeout when what became of it is unknown,
/// bad_gateway when its answer makes no sense. Nothing is sent twice. Event-loop thread.
class ConductorClient final : public ports::SignalIntake {
public:
    /// `http` must allow the origin of `config.url` and outlive this. `key` is the caller's own
    /// X-Internal-API-Key. std::invalid_argument when the URL is none.
    ConductorClient(net::HttpClient& http, ConductorClientConfig const& config,
                    base::Secret const& key, base::Clock const& clock);

    [[nodiscard]] ports::Task<base::Result<ports::SignalAccepted>> submit(
        ports::Caller caller, model::PoolId pool, model::SignalRequest request,
        std::string request_id) override;
    [[nodiscard]] ports::Task<base::Result<base::Json>> status(ports::Caller caller,
                                                               model::PoolId pool,
                                                               model::SignalId signal) override;
    [[nodiscard]] ports::Task<base::Result<base::Json>> list(ports::Caller caller,
                                                             model::PoolId pool, std::string cursor,
                                                             int limit) override;

private:
    [[nodiscard]] net::Request make_request(std::string method, std::string target,
                                            ports::Caller const& caller) const;
    /// The JSON of a 2xx answer.
    [[nodiscard]] ports::Task<base::Result<base::Json>> exchange(net::Request request);

    net::HttpClient& http_;
    std::string origin_;
    std::chrono::milliseconds deadline_;
    base::Secret key_;
    base::Clock const& clock_;
};

/// A peer's problem+json as the error it was made of. A peer that does not know our key is our own
/// fault and not the caller's, so its 401 becomes `internal`.
[[nodiscard]] base::Error error_of(net::Response const& response);

}  // namespace obscura::peers
