#include "paper/stream/event_router.hpp"

#include "paper/protocol/render_events.hpp"
#include "paper/protocol/render_futures_events.hpp"

#include <variant>

namespace obscura::paper {

void EventRouter::publish(Event const& event) {
    std::visit([this](auto const& e) { on(e); }, event);
}

void EventRouter::on(ExecutionReport const& report) {
    auto const& catalogue = exchange_.catalogue();
    spot_.publish(report.order.account, catalogue.instrument(report.order.symbol).symbol,
                  [&] { return render_event(report, catalogue); });
}

void EventRouter::on(AccountPosition const& position) {
    spot_.publish(position.account, "",
                  [&] { return render_event(position, exchange_.catalogue()); });
}

void EventRouter::on(BalanceChanged const& change) {
    spot_.publish(change.account, "", [&] { return render_event(change, exchange_.catalogue()); });
}

void EventRouter::on(FuturesReport const& report) {
    auto const& catalogue = exchange_.engine().futures().catalogue();
    futures_.publish(report.order.account, catalogue.instrument(report.order.symbol).symbol,
                     [&] { return render_event(report, catalogue); });
}

void EventRouter::on(FuturesAccountUpdate const& update) {
    auto const& catalogue = exchange_.engine().futures().catalogue();
    futures_.publish(update.account, "", [&] { return render_event(update, catalogue); });
}

void EventRouter::on(LeverageChanged const& change) {
    auto const& catalogue = exchange_.engine().futures().catalogue();
    futures_.publish(change.account, catalogue.instrument(change.symbol).symbol,
                     [&] { return render_event(change, catalogue); });
}

void EventRouter::on(AlgoReport const& report) {
    auto const& catalogue = exchange_.engine().futures().catalogue();
    futures_.publish(report.algo.account, catalogue.instrument(report.algo.terms.symbol).symbol,
                     [&] { return render_event(report, catalogue); });
}

void EventRouter::on(ListenKeyExpired const& expiry) {
    auto const& catalogue = exchange_.engine().futures().catalogue();
    futures_.deliver(expiry.account, render_event(expiry, catalogue));
    futures_.unsubscribe_all(expiry.account);
}

void EventRouter::on(ListenKeyClosed const& closed) { futures_.unsubscribe_all(closed.account); }

}  // namespace obscura::paper
