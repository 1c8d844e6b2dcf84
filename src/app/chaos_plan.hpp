#pragma once

#include "base/json.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::app {

/// A failpoint as the fault suite uses it. The names are those of tests/failpoints.txt.
struct ChaosStep {
    /// What must go wrong at the venue for the step to be reached at all.
    enum class Needs { nothing, lost_answer, lost_order };
    std::string_view name;
    std::string_view owner;     ///< the process that passes it
    int most = 1;               ///< it is passed about so often in one seed
    bool per_follower = false;  ///< `most` counts for each follower
    Needs needs = Needs::nothing;
};
[[nodiscard]] std::span<ChaosStep const> chaos_steps();

/// What is struck while a step's owner is at its step. A process is killed; Redis loses its data
/// with its life, and as `redis_tail` a piece of the end of its file only. `takeover` stops the
/// conductor until another one leads, and then lets it go on. `clock` steps the wall clock of every
/// service but the venue, and later steps it back.
inline constexpr std::string_view chaos_victims[] = {
    "gateway", "conductor", "sentinel", "citadel",    "paper",
    "redis",   "postgres",  "takeover", "redis_tail", "clock"};

/// The race of a cancel with a fill, as a fault of its own: what its order was filled with is
/// copied, whoever came first.
inline constexpr std::string_view cancel_fill = "cancel_fill";

/// A fault asked of the paper venue, in the words of its admin API; `on` says whose account.
struct VenueFault {
    static constexpr int leader = -1;
    static constexpr int contracts_leader = -2;
    std::string kind;
    int on = leader;  ///< a leader, or the index of a follower
    base::Json members;
};

/// What happens in one seed. Everything follows from the seed, the filter and the guard.
struct ChaosPlan {
    std::uint64_t seed = 0;
    std::string victim;
    ChaosStep step;
    int nth = 1;
    bool rush = false;  ///< the traders do not wait until the armed process is back
    std::chrono::milliseconds pause{0};  ///< at most, between two actions of a trader
    /// How long a former owner still stands when another one leads; how long a clock is wrong.
    std::chrono::milliseconds meanwhile{0};
    std::chrono::seconds clock_step{0};
    bool restarts = false;  ///< the step's owner is killed and starts again under a wrong clock
    std::uint64_t tail_bytes = 0;  ///< cut off Redis' file
    bool cancels = false;          ///< the leaders cancel an order while the market fills it
    std::chrono::milliseconds cancel_after{0};  ///< the fall of the price that fills it; or before
    std::vector<VenueFault> venue_faults;

    /// The process kills itself at the step; else it stops there while the victim is struck.
    [[nodiscard]] bool is_suicide() const { return victim == step.owner; }
    /// "conductor.after_plan x redis"
    [[nodiscard]] std::string name() const;
    /// "redis", or "redis, latency" with the venue's faults.
    [[nodiscard]] std::string fault() const;
};

struct ChaosChoice {
    /// A victim, a step, "step x victim", a venue fault or "cancel_fill"; "": all.
    std::string fault;
    std::string guard_off;  ///< a safeguard that is switched off; "": none
    int followers = 8;
    std::chrono::seconds patience{120};  ///< until every copy is over, whatever was killed
};
/// Safeguards that can be switched off (base::guard), each of which must then be missed.
[[nodiscard]] std::span<std::string_view const> chaos_guards();
/// Nullopt when nothing is called what `choice.fault` says. Seeds that follow one another meet
/// different victims; as many seeds as there are pairs meet every pair once.
[[nodiscard]] std::optional<ChaosPlan> plan_chaos(std::uint64_t seed, ChaosChoice const& choice);

}  // namespace obscura::app
