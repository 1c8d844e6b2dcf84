#pragma once

#include "model/trade.hpp"

#include <string>

namespace obscura::test {

inline base::Timestamp const sample_time = base::from_unix_us(1'732'300'000'123'456);

/// A fill of account `account` (a small number that becomes its id) with all fields set.
inline model::Trade sample_trade(std::int64_t venue_trade_id, std::uint8_t account = 1) {
    model::Trade t;
    t.tenant.value.bytes[15] = 9;
    t.connection.value.bytes[15] = account;
    t.venue = "binance";
    t.environment = model::Environment::paper;
    t.market = model::Market::spot;
    t.symbol = "BTCUSDT";
    t.venue_trade_id = std::to_string(venue_trade_id);
    t.venue_order_id = "77";
    t.side = model::Side::sell;
    t.price = base::Price::parse("97800.5").value();
    t.quantity = base::Quantity::parse("0.125").value();
    t.fee = base::Decimal::parse("12.2250625").value();
    t.fee_asset = "USDT";
    t.is_maker = true;
    t.executed_at = sample_time + std::chrono::milliseconds(venue_trade_id);
    t.received_at = sample_time + std::chrono::seconds(1);
    // Only distinct here; sentinel derives it from the identity.
    t.id.value.bytes[0] = account;
    for (int i = 0; i < 8; ++i)
        t.id.value.bytes[15 - static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(venue_trade_id >> (8 * i));
    return t;
}

}  // namespace obscura::test
