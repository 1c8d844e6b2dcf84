#pragma once

#include "app/chaos_plan.hpp"
#include "app/chaos_stack.hpp"
#include "store/pg.hpp"

#include <string>

namespace obscura::app {

/// What happens to the stack while the owner of a step stands still at it. Event-loop thread only.
class ChaosStrike {
public:
    /// `fences`: an owner of the past is expected to notice, and to end.
    ChaosStrike(ChaosStack& stack, store::PgPool& database, bool fences)
        : stack_(stack), database_(database), fences_(fences) {}

    /// Strikes the plan's victim and lets `owner`, who stands still, go on. What did not go as it
    /// must; "" when everything did.
    [[nodiscard]] net::Task<std::string> run(ChaosPlan plan, pid_t owner);

private:
    [[nodiscard]] net::Task<void> step_clock(ChaosPlan const& plan, pid_t owner);
    [[nodiscard]] net::Task<std::string> take_over(ChaosPlan const& plan, pid_t owner);
    [[nodiscard]] net::Task<bool> wait_for_standby();
    [[nodiscard]] net::Task<std::string> wait_for_end_of(pid_t former);

    ChaosStack& stack_;
    store::PgPool& database_;
    bool fences_;
};

}  // namespace obscura::app
