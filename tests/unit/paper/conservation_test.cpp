#include "base/random.hpp"
#include "unit/paper/market.hpp"

namespace obscura::paper::test {
namespace {

/// Random orders, cancels, price steps and deposits on a few accounts.
class RandomTrading {
public:
    explicit RandomTrading(std::uint64_t seed) : random_(seed) {
        accounts_.push_back(m.trader);
        for (int i = 0; i < 4; ++i) {
            accounts_.push_back(m.open("t" + std::to_string(i), i == 0 ? "0" : "0.00075"));
            m.give(accounts_.back(), "USDT", "250000");
            m.give(accounts_.back(), "BTC", "3.5");
        }
    }

    void act() {
        auto const account = accounts_[random_.below(accounts_.size())];
        switch (random_.below(6)) {
            case 0:
                m.engine.step_price(m.btc, price_near(300), m.now, m.batch);
                break;
            case 1:
                cancel_some(account);
                break;
            case 2:
                (void)m.engine.deposit(account, AssetId(0), base::Decimal(random_.below(50)), m.now,
                                       m.batch);
                break;
            default:
                (void)m.engine.place(account, order(), m.now, m.batch);
        }
        m.now += std::chrono::milliseconds(7);
    }

    Market m;

private:
    base::Price price_near(std::uint64_t ticks) {
        auto const offset = static_cast<std::int64_t>(random_.below(2 * ticks + 1)) -
                            static_cast<std::int64_t>(ticks);
        return price("50000") + base::Price{base::Decimal::from_scaled(offset, 2)};
    }
    NewOrder order() {
        auto const side = random_.below(2) == 0 ? Side::buy : Side::sell;
        auto const amount =
            base::Decimal::from_scaled(static_cast<std::int64_t>(random_.below(200'000)), 5);
        NewOrder order{.symbol = m.btc, .side = side, .quantity = base::Quantity{amount}};
        switch (random_.below(5)) {
            case 0:
                return order;
            case 1:
                order.quote_quantity =
                    base::Money(static_cast<std::int64_t>(random_.below(60'000)));
                order.quantity = {};
                return order;
            default:
                order.kind = random_.below(6) == 0 ? OrderKind::limit_maker : OrderKind::limit;
                order.price = price_near(1'500);
                if (order.kind == OrderKind::limit) {
                    order.time_in_force = static_cast<TimeInForce>(random_.below(3));
                }
                return order;
        }
    }
    void cancel_some(AccountId account) {
        auto const& open = m.engine.state().find_account(account)->open_orders;
        if (open.empty()) return;
        (void)m.engine.cancel(account, m.btc, {.id = *open.begin(), .client_id = {}}, "", m.now,
                              m.batch);
    }

    base::SeededRandom random_;
    std::vector<AccountId> accounts_;
};

void expect_conserved(State const& state) {
    for (std::size_t i = 0; i < state.catalogue().assets().size(); ++i) {
        auto const asset = AssetId(static_cast<std::uint16_t>(i));
        base::Decimal held{};
        for (auto const& account : state.accounts()) {
            auto const& balance = account.balance(asset);
            EXPECT_FALSE(balance.free.is_negative());
            EXPECT_FALSE(balance.locked.is_negative());
            held += balance.free + balance.locked;
        }
        auto const& totals = state.totals(asset);
        EXPECT_EQ(held + totals.house + totals.fees, totals.deposited)
            << state.catalogue().asset(asset);
    }
}

/// What is locked is exactly what the open orders promise.
void expect_locks_match(State const& state, SymbolId symbol) {
    auto const& instrument = state.catalogue().instrument(symbol);
    for (auto const& account : state.accounts()) {
        base::Decimal quote{};
        base::Decimal base_amount{};
        for (auto const id : account.open_orders) {
            auto const& order = *state.find_order(id);
            if (order.side == Side::sell)
                base_amount += order.remaining().value;
            else
                quote +=
                    notional(order.price, order.remaining(), base::Rounding::toward_zero).value;
        }
        EXPECT_EQ(account.balance(instrument.quote_asset).locked, quote);
        EXPECT_EQ(account.balance(instrument.base_asset).locked, base_amount);
    }
}

class PaperConservation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PaperConservation, AssetsNeitherAppearNorVanish) {
    RandomTrading trading(GetParam());
    for (int i = 0; i < 1500; ++i) trading.act();
    auto const& state = trading.m.engine.state();
    expect_conserved(state);
    expect_locks_match(state, trading.m.btc);
    EXPECT_GT(state.order_count(), 300U);
}

TEST_P(PaperConservation, FactsAloneRebuildTheState) {
    RandomTrading trading(GetParam());
    trading.m.batch.clear();
    auto const before = trading.m.engine.state().snapshot();
    for (int i = 0; i < 600; ++i) trading.act();
    auto const& state = trading.m.engine.state();
    State again(trading.m.catalogue, EngineSettings{}.max_closed_orders);
    for (auto const& fact : before) again.apply(fact);
    for (auto const& fact : trading.m.batch.facts) again.apply(fact);
    expect_conserved(again);
    ASSERT_EQ(again.order_count(), state.order_count());
    for (auto const& account : state.accounts()) {
        auto const* copy = again.find_account(account.id);
        EXPECT_EQ(copy->orders, account.orders);
        EXPECT_EQ(copy->open_orders, account.open_orders);
        for (std::size_t i = 0; i < account.balances.size(); ++i) {
            EXPECT_EQ(copy->balances[i].free, account.balances[i].free);
            EXPECT_EQ(copy->balances[i].locked, account.balances[i].locked);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PaperConservation, testing::Values(1, 2, 3, 42, 20261122));

}  // namespace
}  // namespace obscura::paper::test
