#include "model/contract_position.hpp"

#include "base/random.hpp"
#include "sizing_case.hpp"

namespace obscura::model::test {
namespace {

ContractFill fill(std::string_view signed_quantity, std::string_view at, std::string_view fee = "0",
                  int leverage = 1) {
    auto const change = qty(signed_quantity);
    return {.side = change.is_negative() ? Side::sell : Side::buy,
            .price = price(at),
            .quantity = change.abs(),
            .fee = usd(fee),
            .leverage = leverage};
}

/// "quantity entry_quote worst_loss | realised" after the last fill.
std::string after(std::initializer_list<ContractFill> fills) {
    ContractOutcome out;
    for (auto const& each : fills) out = after_fill(out.position, each);
    return out.position.quantity.to_string() + " " + out.position.entry_quote.to_string() + " " +
           out.position.worst_loss.to_string() + " | " + out.realised.to_string();
}

TEST(ContractPosition, OpensTieUpTheirMarginAndAFee) {
    EXPECT_EQ(after({fill("0.1", "50000", "2.5", 10)}), "0.1 5000 502.5 | -2.5");
    EXPECT_EQ(after({fill("-0.1", "50000", "2.5", 10)}), "-0.1 5000 502.5 | -2.5");
    EXPECT_EQ(after({fill("-0.1", "50000", "2.5", 10), fill("-0.1", "60000", "3", 10)}),
              "-0.2 11000 1105.5 | -3");
    EXPECT_EQ(after({fill("1", "100", "-1", 3)}), "1 100 33.333333333334 | 1");  // a rebate
}

TEST(ContractPosition, ClosesRealise) {
    EXPECT_EQ(after({fill("0.1", "50000"), fill("-0.1", "51000")}), "0 0 0 | 100");
    EXPECT_EQ(after({fill("-0.1", "50000"), fill("0.1", "51000")}), "0 0 0 | -100");
    EXPECT_EQ(after({fill("-0.1", "50000"), fill("0.1", "49000", "2")}), "0 0 0 | 98");
    EXPECT_EQ(after({fill("-0.2", "50000", "0", 10), fill("0.1", "49000")}), "-0.1 5000 500 | 100");
    EXPECT_EQ(after({fill("3", "100"), fill("-1", "100")}), "2 200 200 | 0");
}

// Two legs do it in the ordinary way; an order of the owner's own may do it in one.
TEST(ContractPosition, AFillThroughNothingClosesAndOpens) {
    EXPECT_EQ(after({fill("1", "100", "0", 2), fill("-3", "110", "0.3", 2)}), "-2 220 110.2 | 9.7");
    EXPECT_EQ(after({fill("-1", "100", "0", 2), fill("2", "110")}), "1 110 110 | -10");
    EXPECT_TRUE(after_fill({qty("1"), usd("100"), usd("50")}, fill("-3", "110")).closed);
    EXPECT_FALSE(after_fill({qty("1"), usd("100"), usd("50")}, fill("3", "110")).closed);
}

// Whatever the parts: when the position is closed nothing is left in any amount, and what was
// realised is what came in less what went out.
TEST(ContractPosition, EveryCentIsAccountedFor) {
    base::SeededRandom random(20261123);
    auto const some = [&](std::uint64_t bound, int scale) {
        return base::Decimal::from_scaled(static_cast<std::int64_t>(1 + random.below(bound)),
                                          scale);
    };
    for (int round = 0; round < 2'000; ++round) {
        ContractPosition position;
        base::Money realised{};
        base::Money cash{};
        auto const leverage = 1 + static_cast<int>(random.below(125));
        auto const take = [&](ContractFill const& each) {
            auto const quote = notional(each.price, each.quantity, base::Rounding::half_even);
            cash += (each.side == Side::sell ? quote : -quote) - each.fee;
            auto const out = after_fill(position, each);
            position = out.position;
            realised += out.realised;
            ASSERT_FALSE(position.entry_quote.is_negative());
            ASSERT_FALSE(position.worst_loss.is_negative());
            ASSERT_EQ(position.quantity.is_zero(), position.entry_quote.is_zero());
        };
        for (int i = 0; i < 8; ++i)
            take({.side = random.below(2) == 0 ? Side::buy : Side::sell,
                  .price = base::Price{some(1'000'000, 1)},
                  .quantity = base::Quantity{some(10'000, 3)},
                  .fee = base::Money{some(1'000, 4)},
                  .leverage = leverage});
        if (!position.quantity.is_zero())
            take({.side = position.quantity.is_positive() ? Side::sell : Side::buy,
                  .price = base::Price{some(1'000'000, 1)},
                  .quantity = position.quantity.abs()});
        ASSERT_EQ(position, ContractPosition{});
        ASSERT_EQ(realised.to_string(), cash.to_string()) << "round " << round;
    }
}

}  // namespace
}  // namespace obscura::model::test
