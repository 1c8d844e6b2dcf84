#pragma once

#include "engine_world.hpp"

#include <map>
#include <string>
#include <vector>

namespace obscura::test {

/// Random calls to the engine's record, told as text without the ids that a record makes itself:
/// two worlds that tell the same of the same calls have the same rules.
class EngineWalk {
public:
    EngineWalk(EngineWorld& world, std::uint64_t seed);
    /// One call; what it answered, or how it failed.
    std::string step();
    /// Everything that can be read.
    std::string dump();

private:
    std::string do_append();
    std::string do_move();
    std::string do_accept();
    std::string do_plan();
    std::string do_record();
    std::string do_rearm();
    std::string do_lease();
    std::string do_reads();
    std::string do_status();

    static void be_of_futures(model::Trade& trade, std::int64_t number);
    template <class T>
    T await(ports::Task<T> task);
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }
    [[nodiscard]] std::string name_of(model::SignalId id) const;
    [[nodiscard]] std::string name_of(model::SubscriptionId id) const;
    std::string tell(std::vector<model::Signal> const& signals);
    void know(model::Signal const& signal);
    [[nodiscard]] ports::Epoch some_epoch();
    [[nodiscard]] std::vector<ports::PlannedCopy> answers(
        model::Signal const& signal, std::vector<ports::PlanCandidate> const& candidates,
        std::uint64_t seed, std::string& told);
    [[nodiscard]] ports::Gone gone(model::Leg const& leg);
    ports::LegRecord outcome_of(model::Leg leg);

    EngineWorld& world_;
    base::SeededRandom dice_;
    std::vector<model::Subscription> followers_;
    std::vector<model::Signal> signals_;  ///< that the world has told of
    std::optional<model::Signal> next_;   ///< that the last planning left
    std::vector<model::Leg> legs_;        ///< that were planned, as they were armed
    std::vector<ports::LegRecord> records_;
    ports::Epoch epoch_ = 0;
    int made_ = 100;
    int fills_ = 0;
};

}  // namespace obscura::test
