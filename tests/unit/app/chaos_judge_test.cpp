// A judge that never finds anything would make every fault run hold: each kind of harm is shown to
// it once.
#include "app/chaos_judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obscura::app {
namespace {

using Kind = ChaosFinding::Kind;

template <class Id>
Id id(std::uint8_t n) {
    base::Uuid uuid;
    uuid.bytes[15] = n;
    return Id{uuid};
}

base::Quantity quantity(char const* text) { return base::Quantity::parse(text).value(); }

/// One leader's purchase, copied once, and one tenant's signal that was refused.
class ChaosJudge : public testing::Test {
protected:
    ChaosJudge() {
        deeds_.leaders = {{"leader", {pool_}}, {"contracts", {}}};
        deeds_.contracts_leader = "contracts";
        deeds_.followers = {"f1"};
        deeds_.symbol = "BTCUSDT";
        deeds_.asset = "BTC";
        deeds_.contract = "ETHUSDT";
        deeds_.partner = partner_;
        deeds_.accepted = deeds_.sent = {"ref-1"};
        ledger_.orders = {{.order_id = 1,
                           .account = "leader",
                           .symbol = "BTCUSDT",
                           .side = "BUY",
                           .status = "FILLED",
                           .client_order_id = "lead-1",
                           .executed = quantity("0.05"),
                           .trade_ids = {"7"}},
                          {.order_id = 2,
                           .account = "f1",
                           .symbol = "BTCUSDT",
                           .side = "BUY",
                           .status = "FILLED",
                           .client_order_id = "ob1",
                           .executed = quantity("0.002"),
                           .trade_ids = {"8"}}};
        ledger_.free[{"f1", "BTC"}] = quantity("0.001998");
        record_.signals = {{trade_signal_, pool_, "t:conn:spot:BTCUSDT:7", "completed"},
                           {tenant_signal_, partner_, "x:ref-1", "completed"}};
        record_.subscriptions = {{id<model::SubscriptionId>(1), pool_, "f1"},
                                 {id<model::SubscriptionId>(2), partner_, "f1"}};
        record_.copies = {
            {copy_, trade_signal_, id<model::SubscriptionId>(1), "filled", ""},
            {id<model::CopyId>(2), tenant_signal_, id<model::SubscriptionId>(2), "refused", "why"}};
        record_.legs = {{.copy = copy_,
                         .account = "f1",
                         .symbol = "BTCUSDT",
                         .client_order_id = "ob1",
                         .state = "filled",
                         .executed = quantity("0.002"),
                         .filled = quantity("0.002")}};
        record_.positions = {{"f1", model::Market::spot, "BTCUSDT", quantity("0.001998")}};
    }

    /// Another leg of the copy, and its order.
    void add_leg(char const* client_order_id, int seq) {
        auto leg = record_.legs[0];
        leg.client_order_id = client_order_id;
        leg.seq = seq;
        leg.reduce_only = leg.continues = false;
        record_.legs.push_back(leg);
        auto order = ledger_.orders[1];
        order.client_order_id = client_order_id;
        ledger_.orders.push_back(order);
    }

    /// Exactly one finding, of this kind.
    void expect(Kind kind) {
        auto const verdict = judge_chaos(ledger_, record_, deeds_);
        ASSERT_EQ(verdict.findings.size(), 1U);
        EXPECT_EQ(verdict.findings[0].kind, kind) << verdict.findings[0].detail;
    }

    model::PoolId pool_ = id<model::PoolId>(1), partner_ = id<model::PoolId>(2);
    model::SignalId trade_signal_ = id<model::SignalId>(1), tenant_signal_ = id<model::SignalId>(2);
    model::CopyId copy_ = id<model::CopyId>(1);
    VenueLedger ledger_;
    store::AuditRecord record_;
    ChaosDeeds deeds_;
};

TEST_F(ChaosJudge, FindsNothingWhereAllIsWell) {
    auto const verdict = judge_chaos(ledger_, record_, deeds_);
    EXPECT_TRUE(verdict.findings.empty());
    EXPECT_EQ(verdict.copies, 2);
    EXPECT_EQ(verdict.orders, 1);
    EXPECT_EQ(verdict.refusals, 1);
}

TEST_F(ChaosJudge, FindsAnOrderPlacedTwice) {
    ledger_.orders.push_back(ledger_.orders[1]);
    auto const verdict = judge_chaos(ledger_, record_, deeds_);
    EXPECT_EQ(verdict.count(Kind::doubled), 1);
}

TEST_F(ChaosJudge, FindsASecondOrderOfACopy) {
    add_leg("ob2", 1);
    expect(Kind::doubled);
    record_.legs[1].seq = 0;
    expect(Kind::doubled);
}

// A close and what follows it: its rest, or the other side of a flip.
TEST_F(ChaosJudge, LetsALegFollowOneThatContinues) {
    record_.legs[0].reduce_only = record_.legs[0].continues = true;
    add_leg("ob2", 1);
    EXPECT_TRUE(judge_chaos(ledger_, record_, deeds_).findings.empty());
    add_leg("ob3", 2);
    expect(Kind::doubled);
}

TEST_F(ChaosJudge, FindsARestThatIsLeft) {
    auto& leg = record_.legs[0];
    leg.reduce_only = true;
    leg.quantity = quantity("0.003");
    expect(Kind::lost);
    leg.continues = true;  // its copy is not over, which is told of the copy
    EXPECT_TRUE(judge_chaos(ledger_, record_, deeds_).findings.empty());
}

TEST_F(ChaosJudge, FindsContractsThatAreHeldWhenTheirLeaderIsOut) {
    ledger_.positions[{"f1", "ETHUSDT"}] = quantity("-0.01");
    record_.positions.push_back({"f1", model::Market::futures, "ETHUSDT", quantity("-0.01")});
    expect(Kind::lost);
    ledger_.positions[{"contracts", "ETHUSDT"}] = quantity("-1");
    EXPECT_TRUE(judge_chaos(ledger_, record_, deeds_).findings.empty());
    record_.positions.pop_back();
    expect(Kind::mismatch);
}

TEST_F(ChaosJudge, FindsAnOrderOfNobody) {
    auto order = ledger_.orders[1];
    order.client_order_id = "other";
    ledger_.orders.push_back(order);
    expect(Kind::stray);
}

// A cancelled order is copied as far as it was filled, and no further than its owner was told.
TEST_F(ChaosJudge, FindsFillsOfACancelledOrder) {
    auto& order = ledger_.orders[0];
    order.status = "CANCELED";
    deeds_.cancelled[order.client_order_id] = {quantity("0.6"), quantity("0.05")};
    EXPECT_TRUE(judge_chaos(ledger_, record_, deeds_).findings.empty());
    deeds_.cancelled[order.client_order_id].executed = quantity("0.04");
    expect(Kind::mismatch);
    deeds_.cancelled[order.client_order_id].executed = quantity("0.05");
    order.trade_ids.emplace_back("8");
    expect(Kind::lost);
}

TEST_F(ChaosJudge, FindsAFillThatBecameNoSignal) {
    ledger_.orders[0].trade_ids.push_back("9");
    expect(Kind::lost);
}

TEST_F(ChaosJudge, FindsAFillThatBecameTwoSignals) {
    auto signal = record_.signals[0];
    signal.id = id<model::SignalId>(3);
    record_.signals.push_back(signal);
    auto copy = record_.copies[0];
    copy.id = id<model::CopyId>(3);
    copy.signal = signal.id;
    copy.status = "refused";
    copy.reason = "why";
    record_.copies.push_back(copy);
    expect(Kind::doubled);
}

TEST_F(ChaosJudge, FindsAnAcceptedSignalThatIsNotThere) {
    deeds_.accepted.insert("ref-2");
    expect(Kind::lost);
}

TEST_F(ChaosJudge, FindsASignalThatNobodySent) {
    deeds_.accepted.clear();
    deeds_.sent.clear();
    expect(Kind::stray);
}

TEST_F(ChaosJudge, FindsAMissingCopy) {
    record_.copies.pop_back();
    expect(Kind::lost);
}

TEST_F(ChaosJudge, FindsACopyWithoutAnEnd) {
    record_.copies[1].status = "waiting";
    expect(Kind::unresolved);
}

TEST_F(ChaosJudge, FindsARefusalWithoutAReason) {
    record_.copies[1].reason.clear();
    expect(Kind::mismatch);
}

TEST_F(ChaosJudge, FindsAFilledLegWithoutAnOrder) {
    ledger_.orders.pop_back();
    expect(Kind::mismatch);
}

TEST_F(ChaosJudge, FindsAnotherQuantityThanTheVenues) {
    record_.legs[0].executed = quantity("0.001");
    expect(Kind::mismatch);
}

TEST_F(ChaosJudge, FindsARejectedLegThatWasExecuted) {
    record_.legs[0].state = "rejected";
    expect(Kind::mismatch);
}

TEST_F(ChaosJudge, FindsAPositionThatTheAccountDoesNotHold) {
    record_.positions[0].quantity = quantity("0.002");
    expect(Kind::mismatch);
}

}  // namespace
}  // namespace obscura::app
