#include "app/tour_spot.hpp"

#include "app/demo.hpp"
#include "app/tour_judge.hpp"

#include <algorithm>

namespace obscura::app {

using base::Json;
using base::Quantity;
using model::Market;

net::Task<void> SpotTour::run() {
    co_await scene_.step("demo data is found", [this] { return find(); });
    co_await scene_.step("the leader buys on the paper venue", [this] { return leader_buys(); });
    co_await scene_.step("every follower holds the position", [this] { return followers_hold(); });
    co_await scene_.step("the leader sells", [this] { return leader_sells(); });
    co_await scene_.step("every follower is flat",
                         [this] { return followers_flat("leader's sale"); });
    co_await scene_.step("a B2B signal by REST buys", [this] { return signal("buy", "B2B buys"); });
    co_await scene_.step("every follower holds it, too",
                         [this] { return tenant_followers_hold(); });
    co_await scene_.step("a B2B signal by REST sells",
                         [this] { return signal("sell", "B2B sells"); });
    co_await scene_.step("every follower is flat again",
                         [this] { return followers_flat("B2B sale"); });
}

net::Task<std::string> SpotTour::find() {
    co_await scene_.find_demo();
    auto const curated = scene_.pool(demo::curated_pool);
    auto const partner = scene_.pool(demo::partner_pool);
    if (!curated || !partner) throw ApiFailure("the demo data is not whole: its pools are missing");
    curated_ = *curated;
    partner_ = *partner;
    leader_ = co_await scene_.leader(demo::leader_label);
    co_await choose_market();
    co_return std::to_string(demo::followers) + " followers, pools \"" + demo::curated_pool +
        "\" and \"" + demo::partner_pool + "\", trading " + symbol_;
}

/// The first market in which nobody holds anything: what visitors have opened is left alone.
net::Task<void> SpotTour::choose_market() {
    auto const info = co_await scene_.venue("GET", "/api/v3/exchangeInfo");
    auto const ledger = co_await scene_.whole_ledger(Market::spot);
    for (auto const& market : info["symbols"].as_array()) {
        symbol_ = text_of(market, "symbol");
        asset_ = text_of(market, "baseAsset");
        for (auto const& filter : market["filters"].as_array())
            if (text_of(filter, "filterType") == "LOT_SIZE")
                lot_ = Quantity{filter["stepSize"].to_decimal().value()};
        if (!nobody_holds(ledger)) continue;
        auto const ticker = co_await scene_.venue("GET", "/api/v3/ticker/price?symbol=" + symbol_);
        auto const price = base::Price{ticker["price"].to_decimal().value()};
        quantity_ = tour_leader_size(price, lot_);
        co_return;
    }
    throw ApiFailure("somebody holds something in every market: start with a new state folder");
}

bool SpotTour::nobody_holds(VenueLedger const& ledger) const {
    bool nobody = ledger.balance(demo::leader_label, asset_) < lot_;
    for (int i = 0; nobody && i < demo::followers; ++i)
        nobody = is_flat(ledger.balance(demo::follower_label(i), asset_));
    return nobody;
}

/// The venue takes its fee out of what is bought, so that less than a lot stays behind: at most one
/// such rest for each of the follower's two subscriptions.
bool SpotTour::is_flat(Quantity held) const { return held < lot_ + lot_; }

// The leader's side

/// Returns when each of the leader's fills has become a signal that is over.
net::Task<std::string> SpotTour::leader_order(std::string side, Quantity quantity,
                                              std::string what) {
    co_await scene_.begin(Market::spot);
    auto const params = "symbol=" + symbol_ + "&side=" + side +
                        "&type=MARKET&newOrderRespType=FULL&quantity=" + quantity.to_string();
    auto const order = co_await scene_.as_leader(leader_, "POST", "/api/v3/order", params);
    auto const& fills = order["fills"].as_array();
    price_ = base::Price{fills.at(0)["price"].to_decimal().value()};
    co_await scene_.finish(curated_, fills.size(), std::move(what));
    co_return std::to_string(fills.size()) + " fill(s) at " + price_.to_string();
}

net::Task<std::string> SpotTour::leader_buys() {
    co_return co_await leader_order("BUY", quantity_, "leader buys");
}

net::Task<std::string> SpotTour::leader_sells() {
    auto const ledger = co_await scene_.ledger();
    auto const held =
        to_step(ledger.balance(demo::leader_label, asset_), lot_, base::Rounding::floor);
    co_return co_await leader_order("SELL", held, "leader sells");
}

// The followers' side

/// Each follower has exactly one order of the action, of the size that its subscription says.
net::Task<std::string> SpotTour::followers_hold() {
    auto const ledger = co_await scene_.ledger();
    check_none_doubled(ledger);
    for (int i = 0; i < demo::followers; ++i) {
        auto const label = demo::follower_label(i);
        auto const mine = orders_of(ledger, label, symbol_);
        auto const expected = tour_size(i, price_, lot_);
        if (mine.size() != 1)
            throw ApiFailure(label + " has " + std::to_string(mine.size()) + " orders, not one");
        if (mine[0].side != "BUY" || mine[0].executed != expected)
            throw ApiFailure(label + " bought " + mine[0].executed.to_string() + ", not " +
                             expected.to_string());
    }
    co_return std::to_string(demo::followers) + " orders on " + std::to_string(demo::followers) +
        " accounts, each of its own size, none doubled";
}

net::Task<std::string> SpotTour::followers_flat(std::string after) {
    auto const ledger = co_await scene_.ledger();
    check_none_doubled(ledger);
    for (int i = 0; i < demo::followers; ++i) {
        auto const left = ledger.balance(demo::follower_label(i), asset_);
        if (!is_flat(left))
            throw ApiFailure(demo::follower_label(i) + " still holds " + left.to_string());
    }
    co_return "after the " + after + " no subscription holds a lot of " + asset_;
}

// The tenant's side

net::Task<std::string> SpotTour::signal(std::string side, std::string what) {
    co_await scene_.begin(Market::spot);
    auto body = Json::object({{"symbol", symbol_},
                              {"side", side},
                              {"quantity", quantity_},
                              {"external_trade_id", scene_.new_reference()}});
    auto const path = "/v2/pools/" + partner_.to_string() + "/signals";
    auto const accepted = co_await scene_.gateway("POST", path, std::move(body));
    co_await scene_.finish(partner_, 1, std::move(what));
    auto const status = co_await scene_.gateway("GET", path + "/" + text_of(accepted, "signal_id"));
    auto const& counts = status["counts"];
    co_return text_of(status, "status") + ", filled " + counts["filled"].digits() + " of " +
        counts["copies"].digits();
}

/// A market signal has no price: sizes follow the venue's last price, so they are compared with one
/// another instead of with a number.
net::Task<std::string> SpotTour::tenant_followers_hold() {
    auto const ledger = co_await scene_.ledger();
    check_none_doubled(ledger);
    Quantity last{};
    for (int i = 0; i < demo::followers; ++i) {
        auto const label = demo::follower_label(i);
        auto const mine = orders_of(ledger, label, symbol_);
        if (mine.size() != 1)
            throw ApiFailure(label + " has " + std::to_string(mine.size()) + " orders, not one");
        if (mine[0].executed < last) throw ApiFailure(label + " put in more and bought less");
        last = mine[0].executed;
    }
    co_return std::to_string(demo::followers) + " orders, growing with each follower's investment";
}

}  // namespace obscura::app
