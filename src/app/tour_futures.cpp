#include "app/tour_futures.hpp"

#include "app/demo.hpp"

#include <algorithm>

namespace obscura::app {

using base::Json;
using base::Quantity;
using model::Market;

net::Task<void> FuturesTour::run() {
    co_await scene_.step("a futures pool is looked for", [this] { return find(); });
    if (!pool_) co_return;
    co_await scene_.step("the leader shorts a perpetual", [this] { return leader_shorts(); });
    co_await scene_.step("every follower is short", [this] { return followers_short(); });
    co_await scene_.step("the leader flips to long", [this] { return leader_flips(); });
    co_await scene_.step("every follower is long", [this] { return followers_long(); });
    co_await scene_.step("the leader closes", [this] { return leader_closes(); });
    co_await scene_.step("every follower is flat on futures", [this] { return followers_flat(); });
}

/// Demo data of an earlier version has no such pool, and only the followers could subscribe to one.
net::Task<std::string> FuturesTour::find() {
    auto const pool = scene_.pool(demo::futures_pool);
    if (!pool) co_return "none: the demo data is of an earlier version; a new state folder has one";
    leader_ = co_await scene_.leader(demo::futures_leader_label);
    co_await choose_contract();
    pool_ = pool;
    co_return std::string("pool \"") + demo::futures_pool + "\", trading the perpetual " + symbol_;
}

/// The first contract that nobody of the demo holds and everybody can trade.
net::Task<void> FuturesTour::choose_contract() {
    auto const info = co_await scene_.venue("GET", "/fapi/v1/exchangeInfo");
    auto const ledger = co_await scene_.whole_ledger(Market::futures);
    for (auto const& contract : info["symbols"].as_array()) {
        symbol_ = text_of(contract, "symbol");
        bool const is_held = std::ranges::any_of(ledger.positions, [&](auto const& position) {
            return position.first.second == symbol_ && !position.second.is_zero();
        });
        if (is_held) continue;
        auto const ticker = co_await scene_.venue("GET", "/fapi/v1/ticker/price?symbol=" + symbol_);
        auto const price = base::Price{ticker["price"].to_decimal().value()};
        if (!fits_everybody(contract, price)) continue;
        quantity_ = tour_leader_size(price, lot_);
        co_return;
    }
    throw ApiFailure("somebody holds every contract: start with a new state folder");
}

/// Even the smallest follower gets several lots, worth twice what the venue asks for: the price may
/// move until the last leg.
bool FuturesTour::fits_everybody(Json const& contract, base::Price price) {
    base::Money least{};
    for (auto const& filter : contract["filters"].as_array()) {
        auto const type = text_of(filter, "filterType");
        if (type == "LOT_SIZE") lot_ = Quantity{filter["stepSize"].to_decimal().value()};
        if (type == "MIN_NOTIONAL") least = base::Money{filter["notional"].to_decimal().value()};
    }
    auto const smallest = tour_size(0, price, lot_);
    auto const size = notional(price, smallest, base::Rounding::floor);
    return smallest >= lot_ + lot_ + lot_ && size >= least + least;
}

// The leader's side

/// Returns when each of the leader's fills has become a signal that is over.
net::Task<std::string> FuturesTour::leader_order(std::string side, Quantity quantity,
                                                 std::string what) {
    co_await scene_.begin(Market::futures);
    auto const wanted = "symbol=" + symbol_ + "&side=" + side +
                        "&type=MARKET&newOrderRespType=RESULT&quantity=" + quantity.to_string();
    auto const order = co_await scene_.as_leader(leader_, "POST", "/fapi/v1/order", wanted);
    auto const of_order = "symbol=" + symbol_ + "&orderId=" + order["orderId"].digits();
    auto const trades = co_await scene_.as_leader(leader_, "GET", "/fapi/v1/userTrades", of_order);
    auto const& fills = trades.as_array();
    price_ = base::Price{fills.at(0)["price"].to_decimal().value()};
    co_await scene_.finish(*pool_, fills.size(), std::move(what));
    co_return std::to_string(fills.size()) + " fill(s) at " + price_.to_string();
}

net::Task<std::string> FuturesTour::leader_shorts() {
    co_return co_await leader_order("SELL", quantity_, "leader shorts");
}

/// One order of twice the size: it closes the short position and opens a long one.
net::Task<std::string> FuturesTour::leader_flips() {
    co_return co_await leader_order("BUY", quantity_ + quantity_, "leader flips");
}

net::Task<std::string> FuturesTour::leader_closes() {
    co_return co_await leader_order("SELL", quantity_, "leader closes");
}

// The followers' side

net::Task<std::string> FuturesTour::followers_short() {
    std::vector<TourLeg> legs;
    legs.push_back({.side = "SELL", .reduce_only = false, .sizes = tour_sizes(price_, lot_)});
    held_ = legs.back().sizes;
    co_return co_await judge(std::move(legs), "each of its own size, none doubled");
}

net::Task<std::string> FuturesTour::followers_long() {
    std::vector<TourLeg> legs;
    legs.push_back({.side = "BUY", .reduce_only = true, .sizes = held_});
    legs.push_back({.side = "BUY", .reduce_only = false, .sizes = tour_sizes(price_, lot_)});
    held_ = legs.back().sizes;
    co_return co_await judge(std::move(legs), "a reduce-only close, then an open");
}

net::Task<std::string> FuturesTour::followers_flat() {
    std::vector<TourLeg> legs;
    legs.push_back({.side = "SELL", .reduce_only = true, .sizes = held_});
    co_return co_await judge(std::move(legs), "each reduce-only, of all that was held");
}

net::Task<std::string> FuturesTour::judge(std::vector<TourLeg> legs, std::string what) {
    auto const ledger = co_await scene_.ledger();
    check_legs(ledger, symbol_, legs);
    co_return std::to_string(legs.size() * demo::followers) + " orders on " +
        std::to_string(demo::followers) + " accounts, " + what;
}

}  // namespace obscura::app
