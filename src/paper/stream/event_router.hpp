#pragma once

#include "paper/engine/events.hpp"
#include "paper/exchange.hpp"
#include "paper/stream/market_streams.hpp"
#include "paper/stream/private_streams.hpp"

namespace obscura::paper {

/// Who hears of an event: the account on its market's private stream, or everybody.
class EventRouter {
public:
    EventRouter(Exchange const& exchange, PrivateStreams& spot, PrivateStreams& futures,
                MarketStreams& market)
        : exchange_(exchange), spot_(spot), futures_(futures), market_(market) {}

    void publish(Event const& event);

private:
    void on(ExecutionReport const& report);
    void on(AccountPosition const& position);
    void on(BalanceChanged const& change);
    void on(PublicTrade const& trade) { market_.publish(trade); }
    void on(MarketMoved const& moved) { market_.publish(moved); }
    void on(FuturesReport const& report);
    void on(FuturesAccountUpdate const& update);
    void on(LeverageChanged const& change);
    void on(AlgoReport const& report);
    void on(ListenKeyExpired const& expiry);
    void on(ListenKeyClosed const& closed);

    Exchange const& exchange_;
    PrivateStreams& spot_;
    PrivateStreams& futures_;
    MarketStreams& market_;
};

}  // namespace obscura::paper
