#include "copies_fixture.hpp"

#include <algorithm>

namespace obscura::store::test {
namespace {

using Try = ports::CopyStore::Try;

/// Five followers: one in the first part, then two.
class PlanParts : public CopiesTest {
protected:
    PlanParts() {
        for (int i = 0; i < 5; ++i) followers.push_back(subscribe(pool));
        std::ranges::sort(followers);
    }
    ports::CopyStore::Plan part(model::Signal const& s, Try which = Try::first) {
        ports::CopyStore::Planner planner = [&](std::vector<ports::PlanCandidate> const& all) {
            asked.clear();
            std::vector<ports::PlannedCopy> out;
            for (auto const& c : all) {
                asked.push_back(c.subscription.id);
                out.push_back(c.has_open_leg ? wait(arm(c, s, "0.002")) : arm(c, s, "0.002"));
            }
            return out;
        };
        return run(io, small.plan(epoch, s, which, std::move(planner)));
    }
    std::vector<model::SubscriptionId> those(std::size_t first, std::size_t count) const {
        auto const begin = followers.begin() + static_cast<std::ptrdiff_t>(first);
        return {begin, begin + static_cast<std::ptrdiff_t>(count)};
    }
    void end_all(ports::CopyStore::Plan const& plan) {
        std::vector<ports::LegRecord> records;
        for (auto const& copy : plan.planned)
            if (copy.leg) records.push_back(ended(*copy.leg, LegState::rejected));
        (void)record(std::move(records));
    }
    std::string cursor() { return sql("SELECT coalesce(plan_cursor::text, 'none') FROM signals"); }

    PgCopyStore small{database, clock, open_lifetime, 2};
    std::vector<model::SubscriptionId> followers;
    std::vector<model::SubscriptionId> asked;  ///< in the last part
};

TEST_F(PlanParts, EveryFollowerIsAskedOnce) {
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    EXPECT_FALSE(part(signal).is_whole);
    EXPECT_EQ(asked, those(0, 1));
    EXPECT_EQ(status_of(signal), "processing");
    EXPECT_FALSE(part(signal).is_whole);
    EXPECT_EQ(asked, those(1, 2));
    EXPECT_TRUE(part(signal).is_whole);
    EXPECT_EQ(asked, those(3, 2));
    EXPECT_EQ(copies_told(), "open, open, open, open, open");
    EXPECT_EQ(cursor(), "none");
    EXPECT_TRUE(part(signal).planned.empty()) << "nothing is left";
}

TEST_F(PlanParts, APartThatTakesNotAllIsNotTheLast) {
    auto const last = followers.back().to_string();
    sql("UPDATE subscriptions SET status = 'closed' WHERE id = '" + last + "'");
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    EXPECT_FALSE(part(signal).is_whole);
    EXPECT_FALSE(part(signal).is_whole);
    EXPECT_EQ(asked, those(1, 2));
    EXPECT_TRUE(part(signal).is_whole);
    EXPECT_EQ(asked, those(3, 1));
}

TEST_F(PlanParts, TheNextOwnerGoesOnWhereTheLastStopped) {
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    (void)part(signal);
    epoch = acquire("me").value();
    ASSERT_EQ(run(io, signals.unfinished(10)).size(), 1U);
    (void)part(signal);
    EXPECT_EQ(asked, those(1, 2));
}

// Its orders may have ended before the next part is planned.
TEST_F(PlanParts, ASignalIsNotOverBeforeAllOfItIsPlanned) {
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    end_all(part(signal));
    EXPECT_EQ(status_of(signal), "processing");
    end_all(part(signal));
    EXPECT_EQ(status_of(signal), "processing");
    end_all(part(signal));
    EXPECT_EQ(status_of(signal), "failed");
}

TEST_F(PlanParts, WhatTheLastPartFindsEndedIsCounted) {
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    end_all(part(signal));
    end_all(part(signal));
    for (auto const& id : those(3, 2))
        sql("UPDATE subscriptions SET status = 'paused' WHERE id = '" + id.to_string() + "'");
    EXPECT_TRUE(part(signal).is_whole);
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(status_of(signal), "failed");
}

TEST_F(PlanParts, NothingOvertakesASignalThatIsPlannedInPart) {
    auto const first = signal_of(fill(1, Side::buy, "1"));
    auto const second = signal_of(fill(2, Side::buy, "1"));
    (void)part(first);
    auto const held_up = part(second);
    ASSERT_EQ(held_up.earlier.size(), 1U);
    EXPECT_EQ(held_up.earlier[0].id, first.id);
    EXPECT_TRUE(held_up.planned.empty());
}

// They are told once the signal is whole, and then planned by themselves, whatever their number.
TEST_F(PlanParts, CopiesOfEveryPartThatWaitAreTold) {
    auto const before = signal_of(fill(1, Side::buy, "1"));
    auto const under_way = part(before);
    (void)part(before);
    (void)part(before);
    auto const signal = signal_of(fill(2, Side::buy, "1"));
    EXPECT_FALSE(part(signal).waits);
    EXPECT_FALSE(part(signal).waits);
    end_all(under_way);
    EXPECT_TRUE(part(signal).waits);
    auto const again = part(signal);
    EXPECT_EQ(asked, followers);
    EXPECT_TRUE(again.is_whole && again.waits);
    EXPECT_EQ(sql("SELECT count(*) FROM copy_legs l JOIN signals s ON s.id = l.signal_id "
                  "WHERE s.sequence = " +
                  std::to_string(signal.sequence)),
              "1");
}

TEST_F(PlanParts, OnlyACallThatIsMadeAgainLooksForUnsentLegs) {
    auto const signal = signal_of(fill(1, Side::buy, "1"));
    auto const committed = part(signal);
    EXPECT_TRUE(part(signal).unsent.empty());
    auto const again = part(signal, Try::again);
    EXPECT_EQ(again.unsent.size(), 3U);
    EXPECT_EQ(asked, those(3, 2));
    (void)committed;
}

TEST_F(PlanParts, AccountsOfFuturesAreLockedPartByPart) {
    auto signal = signal_of(fill(1, Side::buy, "1"));
    sql("UPDATE signals SET market = 'futures'");
    signal.market = model::Market::futures;
    EXPECT_FALSE(part(signal).is_whole);
    EXPECT_EQ(asked, those(0, 1));
    EXPECT_FALSE(part(signal).is_whole);
    EXPECT_TRUE(part(signal).is_whole);
    EXPECT_EQ(asked, those(3, 2));
}

}  // namespace
}  // namespace obscura::store::test
