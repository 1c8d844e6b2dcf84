// The race of a cancel with a fill, as a leader's client runs it.
#include "app/chaos_client.hpp"
#include "app/chaos_stack.hpp"
#include "app/chaos_traders.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace obscura::app {
namespace {

using base::Json;
using base::Price;
using base::Quantity;
using base::Rounding;

// The paper venue's book has 20,000 USDT on its first level: of so much more than that, a price
// step fills a part only.
auto const order_value = base::Money{base::Decimal(30'000)};

Quantity executed(Json const& order) {
    return Quantity{order["executedQty"].to_decimal().value_or(base::Decimal{})};
}

}  // namespace

net::Task<Quantity> ChaosTraders::race_cancel(Trader trader, std::string client_id,
                                              ChaosPlan plan) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto const tick = Price{base::Decimal::from_scaled(1, 2)};
    auto const a_bit_below = base::Decimal::from_scaled(9'995, 4);
    auto const price = co_await freeze(trader.symbol, std::nullopt, true);
    auto const limit = to_step(scale(price, a_bit_below, Rounding::floor), tick, Rounding::floor);
    auto const quantity = to_step(quantity_for(order_value, limit, Rounding::floor),
                                  Quantity{base::Decimal::from_scaled(1, 2)}, Rounding::floor);
    co_await place(trader, client_id,
                   "side=BUY&type=LIMIT&timeInForce=GTC&price=" + limit.to_string() +
                       "&quantity=" + quantity.to_string());
    // Two connections: who comes first at the venue is open.
    co_await (fall(trader.symbol, limit - tick, -plan.cancel_after) &&
              cancel(trader, client_id, plan.cancel_after));
    (void)co_await freeze(trader.symbol, std::nullopt, false);
    auto const bought = co_await how_it_ended(trader, client_id);
    deeds_.cancelled[client_id] = {.wanted = quantity, .executed = bought};
    co_return bought;
}

/// Until the venue has cancelled it or has nothing to cancel.
net::Task<void> ChaosTraders::cancel(Trader trader, std::string client_id,
                                     std::chrono::milliseconds after) {
    co_await nap(after);  // a time that is over is none
    auto const name = "symbol=" + trader.symbol + "&origClientOrderId=" + client_id;
    std::string last = "no answer";
    for (auto const until = clock_.steady() + client_patience; clock_.steady() < until;) {
        auto const answer = co_await ask_as(trader, "DELETE", name);
        if (answer && answer->status == 200) co_return;
        if (answer) last = answer->body.dump();
        auto const code = answer ? answer->body["code"].to_int64().value_or(0) : 0;
        if (code == nothing_to_cancel) co_return;
        if (answer && code != too_late && !may_pass(answer->status)) break;
        co_await nap(pause_between_tries);
    }
    throw ApiFailure("the leader's cancel never passed, last: " + last);
}

net::Task<Quantity> ChaosTraders::how_it_ended(Trader trader, std::string client_id) {
    auto const name = "symbol=" + trader.symbol + "&origClientOrderId=" + client_id;
    std::string last = "no answer";
    for (auto const until = clock_.steady() + client_patience; clock_.steady() < until;) {
        auto const answer = co_await ask_as(trader, "GET", name);
        if (answer) last = answer->body.dump();
        if (answer && answer->status == 200) {
            auto const status = text_of(answer->body, "status");
            if (status == "FILLED" || status == "CANCELED") co_return executed(answer->body);
            break;
        }
        co_await nap(pause_between_tries);
    }
    throw ApiFailure("the order that was cancelled is not over: " + last);
}

net::Task<void> ChaosTraders::fall(std::string symbol, Price to, std::chrono::milliseconds after) {
    co_await nap(after);
    (void)co_await freeze(std::move(symbol), to, true);
}

net::Task<Price> ChaosTraders::freeze(std::string symbol, std::optional<Price> at, bool frozen) {
    auto body = Json::object({{"symbol", symbol}, {"freeze", frozen}});
    if (at) body.set("price", at->to_string());
    auto const answer =
        co_await persist("POST", stack_.url("paper"), "/admin/price", "", std::move(body));
    auto const price = answer.body["price"].to_decimal();
    if (answer.status != 200 || !price)
        throw ApiFailure("the price cannot be set: " + answer.body.dump());
    co_return Price{*price};
}

}  // namespace obscura::app
