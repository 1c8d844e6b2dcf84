#include "base/random.hpp"
#include "unit/paper/futures_market.hpp"

namespace obscura::paper::test {
namespace {

using namespace std::chrono_literals;

/// Random orders, stops, settings, price steps and rounds of funding on a few accounts.
class RandomFutures {
public:
    explicit RandomFutures(std::uint64_t seed) : random_(seed) {
        accounts_.push_back(m.trader);
        for (int i = 0; i < 3; ++i) {
            accounts_.push_back(m.open("f" + std::to_string(i)));
            EXPECT_TRUE(m.futures().deposit(accounts_.back(), dec("2500"), m.now, m.batch));
        }
        EXPECT_TRUE(m.futures().set_position_mode(accounts_[1], true, m.batch));
        m.futures().pass_time(m.now, m.batch);
    }

    void act() {
        auto const account = accounts_[random_.below(accounts_.size())];
        auto& market = m.futures();
        switch (random_.below(10)) {
            case 0:
            case 1:
                m.engine.step_price(m.btc, some_price(9'000), m.now, m.batch);
                break;
            case 2:
                cancel_some(account);
                break;
            case 3:
                (void)market.place_algo(account, algo(account), m.now, m.batch);
                break;
            case 4:
                (void)market.set_leverage(account, m.btc,
                                          static_cast<std::int64_t>(1 + random_.below(125)), m.now,
                                          m.batch);
                break;
            case 5:
                (void)market.set_margin_mode(
                    account, m.btc,
                    random_.below(2) == 0 ? MarginMode::cross : MarginMode::isolated, m.now,
                    m.batch);
                break;
            case 6:
                m.now += 3h;
                market.pass_time(m.now, m.batch);
                break;
            default:
                (void)market.place(account, order(account), m.now, m.batch);
        }
        m.now += 7ms;
    }

    FuturesMarket m;

private:
    /// On the tick, up to so many ticks from 50,000.
    base::Price some_price(std::uint64_t ticks) {
        auto const offset = static_cast<std::int64_t>(random_.below(2 * ticks + 1)) -
                            static_cast<std::int64_t>(ticks);
        return price("50000") + base::Price{base::Decimal::from_scaled(offset, 1)};
    }
    PositionSide side_for(AccountId account) {
        if (!m.engine.state().futures().account(account).hedge) return PositionSide::both;
        return random_.below(2) == 0 ? PositionSide::long_side : PositionSide::short_side;
    }
    base::Quantity some_quantity() {
        return base::Quantity{
            base::Decimal::from_scaled(static_cast<std::int64_t>(1 + random_.below(900)), 3)};
    }
    NewOrder order(AccountId account) {
        NewOrder order{.symbol = m.btc,
                       .side = random_.below(2) == 0 ? Side::buy : Side::sell,
                       .quantity = some_quantity()};
        order.contract.position_side = side_for(account);
        order.contract.reduce_only =
            order.contract.position_side == PositionSide::both && random_.below(4) == 0;
        if (random_.below(2) == 0) return order;
        order.kind = random_.below(5) == 0 ? OrderKind::limit_maker : OrderKind::limit;
        order.price = some_price(6'000);
        if (order.kind == OrderKind::limit) {
            order.time_in_force = static_cast<TimeInForce>(random_.below(3));
        }
        return order;
    }
    NewAlgoOrder algo(AccountId account) {
        NewAlgoOrder wanted{.symbol = m.btc,
                            .side = random_.below(2) == 0 ? Side::buy : Side::sell,
                            .kind = static_cast<AlgoKind>(random_.below(2)),
                            .working_type = static_cast<WorkingType>(random_.below(2)),
                            .position_side = side_for(account),
                            .trigger = some_price(4'000),
                            .client_id = ""};
        wanted.close_position = random_.below(3) == 0;
        if (!wanted.close_position) wanted.quantity = some_quantity();
        return wanted;
    }
    void cancel_some(AccountId account) {
        auto const& open = m.engine.state().futures().account(account).open_orders;
        if (open.empty()) return;
        (void)m.futures().cancel(account, m.btc, {.id = *open.begin(), .client_id = {}}, m.now,
                                 m.batch);
    }

    base::SeededRandom random_;
    std::vector<AccountId> accounts_;
};

void expect_same(FuturesState const& a, FuturesState const& b) {
    ASSERT_EQ(a.accounts().size(), b.accounts().size());
    EXPECT_EQ(a.orders().size(), b.orders().size());
    EXPECT_EQ(a.orders().next_id(), b.orders().next_id());
    EXPECT_EQ(a.next_algo(), b.next_algo());
    EXPECT_EQ(a.funded_until(), b.funded_until());
    EXPECT_EQ(a.totals().house, b.totals().house);
    EXPECT_EQ(a.totals().fees, b.totals().fees);
    for (std::size_t i = 0; i < a.accounts().size(); ++i) {
        auto const& one = a.accounts()[i];
        auto const& other = b.accounts()[i];
        EXPECT_EQ(one.wallet, other.wallet);
        EXPECT_EQ(one.hedge, other.hedge);
        EXPECT_EQ(one.orders, other.orders);
        EXPECT_EQ(one.open_orders, other.open_orders);
        EXPECT_EQ(one.algos, other.algos);
        EXPECT_EQ(one.income.size(), other.income.size());
        EXPECT_EQ(one.isolated(), other.isolated());
        ASSERT_EQ(one.positions.size(), other.positions.size());
        for (auto const& [key, position] : one.positions) {
            auto const same = other.position(key);
            EXPECT_EQ(position.quantity, same.quantity);
            EXPECT_EQ(position.cost, same.cost);
            EXPECT_EQ(position.realised, same.realised);
        }
    }
    auto const btc = SymbolId(0);
    EXPECT_EQ(a.open_algos(btc), b.open_algos(btc));
    EXPECT_EQ(a.next_trade(btc), b.next_trade(btc));
}

class PaperFuturesConservation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PaperFuturesConservation, MoneyNeitherAppearsNorVanishes) {
    RandomFutures trading(GetParam());
    std::size_t liquidations = 0;
    for (int i = 0; i < 1500; ++i) {
        trading.act();
        for (auto const& event : trading.m.batch.events) {
            auto const* report = std::get_if<FuturesReport>(&event);
            if (report != nullptr && report->order.contract.liquidates) ++liquidations;
        }
        trading.m.batch.events.clear();
    }
    expect_futures_conserved(trading.m.engine.state().futures());
    EXPECT_GT(trading.m.engine.state().futures().orders().size(), 100U);
    EXPECT_GT(liquidations, 0U);
}

TEST_P(PaperFuturesConservation, FactsAloneRebuildTheState) {
    RandomFutures trading(GetParam());
    auto const& state = trading.m.engine.state();
    trading.m.batch.clear();
    auto const before = state.snapshot();
    for (int i = 0; i < 500; ++i) trading.act();
    State again(trading.m.catalogue, EngineSettings{}.max_closed_orders);
    for (auto const& fact : before) again.apply(fact);
    for (auto const& fact : trading.m.batch.facts) again.apply(fact);
    expect_same(again.futures(), state.futures());
    State from_snapshot(trading.m.catalogue, EngineSettings{}.max_closed_orders);
    for (auto const& fact : state.snapshot()) from_snapshot.apply(fact);
    expect_same(from_snapshot.futures(), state.futures());
}

INSTANTIATE_TEST_SUITE_P(Seeds, PaperFuturesConservation, testing::Values(1, 2, 3, 42, 20261128));

}  // namespace
}  // namespace obscura::paper::test
