#include "citadel/binance.hpp"

#include "citadel/binance_futures.hpp"
#include "citadel/binance_spot.hpp"

namespace obscura::citadel {

VenueAddresses binance_addresses() {
    using enum model::Environment;
    VenueAddresses out;
    auto const at = [&](model::Environment e) -> VenueEndpoints& {
        return out[static_cast<std::size_t>(e)];
    };
    at(live) = {.rest = "https://api.binance.com:443",
                .websocket = "wss://ws-api.binance.com:443/ws-api/v3",
                .futures = "https://fapi.binance.com:443"};
    at(testnet) = {.rest = "https://testnet.binance.vision:443",
                   .websocket = "wss://ws-api.testnet.binance.vision:443/ws-api/v3",
                   .futures = "https://demo-fapi.binance.com:443"};
    at(paper) = {.rest = "http://127.0.0.1:8010",
                 .websocket = "ws://127.0.0.1:8010/ws-api/v3",
                 .futures = {}};
    return out;
}

base::Result<ports::SignedRequest> sign_binance(SigningTask const& task) {
    switch (task.market) {
        case model::Market::spot:
            return sign_binance_spot(task.endpoints, task.credentials, task.operation, task.window);
        case model::Market::futures:
            return sign_binance_futures(task.endpoints, task.credentials, task.operation,
                                        task.window);
    }
    std::unreachable();
}

}  // namespace obscura::citadel
