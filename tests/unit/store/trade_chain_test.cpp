#include "store/trade_chain.hpp"

#include "crypto/hex.hpp"
#include "support/fakes/sample_trade.hpp"

#include <gtest/gtest.h>

namespace obscura::store {
namespace {

using test::sample_trade;

crypto::Digest chain(std::vector<model::Trade> const& trades) {
    auto link = chain_start(sample_trade(1).connection);
    for (auto const& trade : trades) link = chain_link(link, trade);
    return link;
}

/// printf 'obscura.trade-chain.v1:00000000-0000-0000-0000-000000000001' | sha256sum
TEST(TradeChain, StartsFromTheConnection) {
    EXPECT_EQ(crypto::hex_encode(chain({})),
              crypto::sha256_hex("obscura.trade-chain.v1:"
                                 "00000000-0000-0000-0000-000000000001"));
    EXPECT_NE(chain_start(sample_trade(1, 1).connection),
              chain_start(sample_trade(1, 2).connection));
}

TEST(TradeChain, ALinkIsTheHashOfTheOneBeforeAndTheCanonicalTrade) {
    auto const start = chain({});
    auto const text =
        std::string(crypto::as_text(start)) + model::to_json(sample_trade(1)).dump_canonical();
    EXPECT_EQ(chain({sample_trade(1)}), crypto::sha256(text));
}

TEST(TradeChain, OrderOmissionAndEveryFactShow) {
    auto const whole = chain({sample_trade(1), sample_trade(2)});
    EXPECT_EQ(chain({sample_trade(1), sample_trade(2)}), whole);
    EXPECT_NE(chain({sample_trade(2), sample_trade(1)}), whole);
    EXPECT_NE(chain({sample_trade(2)}), whole);
    auto const changed = [&](auto change) {
        auto trade = sample_trade(2);
        change(trade);
        return chain({sample_trade(1), trade});
    };
    EXPECT_NE(changed([](model::Trade& t) { t.price = base::Price(1); }), whole);
    EXPECT_NE(changed([](model::Trade& t) { t.quantity = base::Quantity(1); }), whole);
    EXPECT_NE(changed([](model::Trade& t) { t.fee = base::Decimal(1); }), whole);
    EXPECT_NE(changed([](model::Trade& t) { t.side = model::Side::buy; }), whole);
    EXPECT_NE(changed([](model::Trade& t) { t.executed_at += std::chrono::microseconds(1); }),
              whole);
    EXPECT_NE(changed([](model::Trade& t) { t.received_at += std::chrono::microseconds(1); }),
              whole);
    EXPECT_NE(changed([](model::Trade& t) { t.via_backfill = true; }), whole);
    EXPECT_NE(changed([](model::Trade& t) { t.venue_order_id = "78"; }), whole);
}

}  // namespace
}  // namespace obscura::store
