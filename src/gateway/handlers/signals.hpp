#pragma once

#include "gateway/call.hpp"
#include "ports/signal_intake.hpp"

namespace obscura::gateway {

/// POST and GET /v2/pools/{id}/signals, GET …/signals/{signal_id}: relayed to conductor.
class SignalRoutes {
public:
    SignalRoutes(ports::SignalIntake& intake, model::ServedMarkets served)
        : intake_(intake), served_(served) {}
    void add_to(EndpointList& endpoints);

private:
    [[nodiscard]] Task<base::Result<net::Response>> submit(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> list(Call& call);
    [[nodiscard]] Task<base::Result<net::Response>> show(Call& call);

    ports::SignalIntake& intake_;
    model::ServedMarkets served_;
};

}  // namespace obscura::gateway
