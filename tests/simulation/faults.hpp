#pragma once

#include "simulation/world.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::simulation {

/// Where a fault strikes: a call of that kind, counted over all processes, or a thing.
enum class Where {
    acquire,
    renew,
    accept,
    move,
    sweep,
    plan,
    plan_commit,
    record,
    rearm,
    read,
    append,  // database
    sign,    // citadel
    order,
    query,
    fills,
    instruments,
    server_time,  // the venue, followers' side
    stream_event,
    rest_page,  // the venue, leaders' side
    gateway,    // a tenant's request
    database,
    redis,
    conductor_a,
    conductor_b,
    sentinel,  // things, at a time
};

/// What happens there.
enum class What {
    // to any call
    fail,         ///< no effect, an error
    lose_answer,  ///< the effect, and an error
    slow,         ///< the effect, late (`span`)
    kill_before,  ///< the caller dies before the effect
    kill_after,   ///< the caller dies between the effect and its answer
    pause,        ///< SIGSTOP of the caller just before, for `span`
    // to an order, besides
    lose,          ///< the bytes never arrive, nobody says so
    error_before,  ///< 5xx, not taken
    error_after,   ///< 5xx, taken
    throttle,      ///< 429
    busy,          ///< refused, may be tried again
    reject,        ///< refused for good (opens only)
    not_sent,      ///< no connection
    late,          ///< no answer; the bytes arrive just before they expire
    too_late,      ///< no answer; the bytes arrive after they expired
    partial,       ///< filled in parts over `span`; the answer shows the first
    rest,          ///< the answer shows no fill; it fills after `span`
    cut,           ///< filled in part, the rest expires
    expire,        ///< taken, and ended without a fill
    untold,        ///< filled; the answer leaves out the fills
    // to a query
    stale,  ///< "no such order" from a node that is behind
    // to an event of the stream
    duplicate,
    // to things, at `at`
    crash,       ///< kill -9 or a restart of the server; back after `span`
    stop,        ///< SIGSTOP for `span`
    terminate,   ///< SIGTERM; back after `span`
    step_clock,  ///< by `span`
    vanish,      ///< away for `span` with all it held (Redis; the leaders' stream for stream_event)
};

struct Fault {
    Where where = Where::order;
    What what = What::fail;
    std::uint64_t nth = 0;  ///< of calls, from 1
    microseconds at{0};     ///< of things
    microseconds span{0};
    friend bool operator==(Fault const&, Fault const&) = default;
};
[[nodiscard]] inline bool is(std::optional<Fault> const& fault, What what) {
    return fault && fault->what == what;
}
using Schedule = std::vector<Fault>;

[[nodiscard]] bool is_thing(Where where);
[[nodiscard]] std::string_view name_of(Where where);
[[nodiscard]] std::string_view name_of(What what);
/// "order #3 late", "conductor_a @4.2s stop 7s".
[[nodiscard]] std::string to_string(Fault const& fault);
[[nodiscard]] std::optional<Fault> fault_from(std::string_view text);
/// Sorted by when they may strike.
[[nodiscard]] Schedule schedule_of(std::uint64_t seed);

/// Hands each call the fault that is meant for it.
class Faults {
public:
    Faults(World& world, Schedule const& schedule);
    /// The fault of this call, which is counted.
    [[nodiscard]] std::optional<Fault> at(Where where);
    [[nodiscard]] std::vector<Fault> const& of_things() const { return things_; }
    /// When the last fault struck, or will have ended.
    [[nodiscard]] microseconds quiet_after() const { return quiet_after_; }
    [[nodiscard]] std::size_t struck() const { return struck_; }
    void count_thing(Fault const& fault);

private:
    World& world_;
    std::map<std::pair<Where, std::uint64_t>, Fault> of_calls_;
    std::map<Where, std::uint64_t> calls_;
    std::vector<Fault> things_;
    microseconds quiet_after_{0};
    std::size_t struck_ = 0;
};

/// Faults of things happen before this; the leader's last trades come after it.
inline constexpr microseconds fault_window = 25s;

}  // namespace obscura::simulation
