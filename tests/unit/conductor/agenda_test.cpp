#include "conductor/agenda.hpp"

#include <gtest/gtest.h>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using Action = Agenda::Action;

TEST(AgendaTest, GivesWhatIsDueInItsOrder) {
    base::SeededRandom random(5);
    base::Instant const start{1'000s};
    auto const a = model::LegId::make({}, random);
    auto const b = model::LegId::make({}, random);
    auto const c = model::LegId::make({}, random);
    Agenda agenda;
    EXPECT_FALSE(agenda.next());
    agenda.put(b, Action::query, start + 2s);
    agenda.put(a, Action::send, start + 1s);
    agenda.put(c, Action::rearm, start + 3s);
    EXPECT_EQ(agenda.next(), start + 1s);
    EXPECT_TRUE(agenda.due(start).empty());

    auto const due = agenda.due(start + 2s);  // the moment itself is due
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0], std::pair(a, Action::send));
    EXPECT_EQ(due[1], std::pair(b, Action::query));
    EXPECT_EQ(agenda.size(), 1U);
    EXPECT_EQ(agenda.next(), start + 3s);
    EXPECT_EQ(agenda.due(start + 1h).size(), 1U);
    EXPECT_FALSE(agenda.next());
}

}  // namespace
}  // namespace obscura::conductor
