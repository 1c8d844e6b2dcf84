#include "conductor/request_source.hpp"

#include "support/coroutine.hpp"
#include "support/fakes/fake_venue.hpp"

#include <gtest/gtest.h>

namespace obscura::conductor {
namespace {

using model::Side;

struct RequestSourceTest : ::testing::Test {
    boost::asio::io_context io;
    test::FakeCitadel citadel;
    RequestSource source{citadel};

    static ports::SignItem order(std::string context, Side side = Side::buy) {
        ports::SignItem item{.id = context, .venue = "binance", .context = std::move(context)};
        item.operation = model::PlaceOrder{.symbol = "BTCUSDT",
                                           .side = side,
                                           .quantity = base::Quantity(1),
                                           .client_order_id = "a"};
        return item;
    }
    static ports::SignItem query(std::string context) {
        ports::SignItem item{.id = context, .venue = "binance", .context = std::move(context)};
        item.operation = model::QueryOrder{.symbol = "BTCUSDT", .client_order_id = "a"};
        return item;
    }
    /// "signed ada" or "relayed bob" or the reason, of each.
    std::vector<std::string> made(std::vector<ports::SignItem> items) {
        auto const requests = test::run(io, source.make(std::move(items)));
        if (!requests) return {requests.error().reason};
        std::vector<std::string> out;
        for (auto const& one : *requests) {
            if (!one)
                out.push_back(one.error().reason);
            else if (auto const* item = std::get_if<ports::SignItem>(&*one))
                out.push_back("relayed " + item->context);
            else
                out.push_back("signed " +
                              std::get<ports::SignedRequest>(*one).headers.front().second);
        }
        return out;
    }
};

using Made = std::vector<std::string>;

TEST_F(RequestSourceTest, WhatIsNotHandedOutIsRelayedInItsPlace) {
    citadel.relayed = {"bob"};
    EXPECT_EQ(made({order("ada"), order("bob"), order("cleo")}),
              (Made{"signed ada", "relayed bob", "signed cleo"}));
}

TEST_F(RequestSourceTest, AnAccountIsAskedForOnce) {
    citadel.relayed = {"bob"};
    EXPECT_EQ(made({order("bob")}), Made{"relayed bob"});
    EXPECT_EQ(made({order("bob")}), Made{"relayed bob"});
    EXPECT_EQ(citadel.calls, 1) << "nothing is left to be signed";
    EXPECT_EQ(made({order("ada"), order("bob")}), (Made{"signed ada", "relayed bob"}));
    EXPECT_EQ(citadel.relays_demanded, 1);
}

TEST_F(RequestSourceTest, WhatClosesAndWhatAsksIsAskedForApart) {
    citadel.relayed = {"bob"};
    EXPECT_EQ(made({order("bob")}), Made{"relayed bob"});
    citadel.relayed.clear();  // as citadel does: only what opens is kept back
    EXPECT_EQ(made({order("bob", Side::sell), query("bob"), order("bob")}),
              (Made{"signed bob", "signed bob", "relayed bob"}));
}

TEST_F(RequestSourceTest, ARefusalIsARefusal) {
    citadel.bad_contexts = {"bob"};
    EXPECT_EQ(made({order("ada"), order("bob")}), (Made{"signed ada", "bad_credential"}));
    citadel.is_down = true;
    EXPECT_EQ(made({order("ada")}), Made{"citadel_down"});
}

}  // namespace
}  // namespace obscura::conductor
