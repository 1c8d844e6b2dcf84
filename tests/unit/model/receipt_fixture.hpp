#pragma once

#include "base/json.hpp"

namespace obscura::model::test {

/// A receipt as its owner downloads it, without its signature.
inline base::Json receipt() {
    return base::parse_json(R"({
        "id": "01980000-0000-7000-8000-000000000001",
        "tenant_id": "01980000-0000-7000-8000-000000000002",
        "execution_id": "exe_01980000000070008000000000000003",
        "subscription_id": "01980000-0000-7000-8000-000000000004",
        "created_at": "2026-11-29T09:00:00.000Z",
        "receipt": {
            "market": "spot", "position_side": "both", "leverage": 1, "leg": 0,
            "execution_id": "exe_01980000000070008000000000000003",
            "signal_id": "sig_01980000000070008000000000000005",
            "symbol": "BTCUSDT", "side": "buy", "quantity": "0.5",
            "leader_price": "50000.1", "leader_time": "2026-11-29T08:59:59.123456+00:00",
            "follower_price": "50001", "follower_time": "2026-11-29T08:59:59.2+00:00",
            "slippage_bps": "0.18", "limit_bound": null, "attempts": 1,
            "client_order_id": "0198000000007000800000000000000a", "venue_order_id": "17",
            "stages": {"leader_fill": "2026-11-29T08:59:59.123456+00:00", "ingested": null,
                       "signal": null, "planned": null, "signed": null, "sent": null,
                       "accepted": null}}})")
        .value();
}

}  // namespace obscura::model::test
