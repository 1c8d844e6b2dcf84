#pragma once

#include "net/circuit_breaker.hpp"
#include "ports/signal_intake.hpp"

namespace obscura::gateway {

/// conductor behind a circuit breaker: while it is down, callers are told at once and when to come
/// back, and conductor is left to recover.
class GuardedIntake final : public ports::SignalIntake {
public:
    GuardedIntake(ports::SignalIntake& inner, base::Clock const& clock,
                  net::BreakerConfig config = {})
        : inner_(inner), clock_(clock), breaker_(config) {}

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
    [[nodiscard]] base::Result<void> enter();
    void leave(base::Error const* error);

    ports::SignalIntake& inner_;
    base::Clock const& clock_;
    net::CircuitBreaker breaker_;
};

}  // namespace obscura::gateway
