#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"
#include "model/venue_clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::model {

/// The durable states of one order.
///
///     armed ----> working ----> filled
///       |  \         ^             ^
///       |   `--> unknown ----------'      rejected, alarmed from any of the first three
///       `<----------'  (only after absence is proven)
///
/// `armed` is committed before the first byte is signed, so after a crash an armed leg may have
/// reached the venue and is treated as `unknown`.
enum class LegState { armed, unknown, working, filled, rejected, alarmed };
inline constexpr std::array<base::EnumName<LegState>, 6> leg_state_names{
    {{"armed", LegState::armed},
     {"unknown", LegState::unknown},
     {"working", LegState::working},
     {"filled", LegState::filled},
     {"rejected", LegState::rejected},
     {"alarmed", LegState::alarmed}}};
[[nodiscard]] constexpr std::string_view to_string(LegState s) {
    return name_of(s, leg_state_names);
}

/// One order of a copy. `id` is its client order id at the venue.
struct Leg {
    LegId id{};
    TenantId tenant{};
    CopyId copy{};
    SignalId signal{};
    SubscriptionId subscription{};
    ConnectionId connection{};
    UserId user{};
    int seq = 0;
    std::string venue;
    Environment environment = Environment::paper;
    Market market = Market::spot;
    std::string symbol;
    std::string base_asset;
    std::string quote_asset;
    Side side = Side::buy;
    OrderType type = OrderType::market;
    base::Quantity quantity{};
    std::optional<base::Price> limit_price;
    bool reduce_only = false;
    // Futures.
    PositionSide position_side = PositionSide::both;
    int leverage = 1;  ///< opens: what the symbol is set to before
    MarginMode margin_mode = MarginMode::isolated;
    /// The copy is not over with this leg: once it has ended, what is then held is decided on anew.
    /// Planned so for the first half of a flip; found so for an exit that came short.
    bool continues = false;
    std::string client_order_id;
    LegState state = LegState::armed;
    int attempt = 1;  ///< sendings, this one included
    /// The venue refuses every byte of this attempt after it, by its own clock. The epoch when its
    /// clock was not known: such an attempt is never signed.
    base::Timestamp send_not_after{};
    /// An open is not tried again after it, by the record's clock; exits have none.
    std::optional<base::Timestamp> give_up_at;

    [[nodiscard]] bool is_final() const {
        return state == LegState::filled || state == LegState::rejected ||
               state == LegState::alarmed;
    }
};

/// "ob" and 32 hex digits: fits Binance's ^[.A-Z:/a-z0-9_-]{1,36}$.
[[nodiscard]] std::string client_order_id_of(LegId id);

struct LegPolicy {
    std::chrono::milliseconds send_window{5'000};  ///< life of one signed attempt
    /// How far past its expiry, by what the venue told of its clock, an order must be for its
    /// absence to be believed: covers how far the venue's own machines disagree, and how late they
    /// show one.
    std::chrono::milliseconds clock_error{1'000};
    std::chrono::milliseconds min_sign_margin{500};  ///< less life than this is not worth signing
    std::chrono::milliseconds retry_pause{200};
    std::chrono::milliseconds poll_pause{500};
    // Of sendings:
    int max_attempts_open = 3;
    int max_attempts_exit = 200;  ///< with growing pauses: half an hour of refusals, then the alarm
    /// Orders of one copy: as many times a thin book is tried, with growing pauses: a quarter of an
    /// hour, then the alarm.
    int max_legs = 100;
};

/// What happened to a leg; the shell reports, the machine decides.
struct LegEvent {
    enum class Kind {
        not_sent,      ///< nothing left us (no signature, no connection, no budget)
        throttled,     ///< the venue refused to look: nothing accepted
        refused,       ///< evidence that the venue did not take it; `retryable` may pass later
        lost,          ///< bytes left, no evidence
        found_open,    ///< the venue has the order, not final
        found_final,   ///< the venue has it and is done; `executed` says how much
        found_absent,  ///< the venue answered "no such order" to a query sent after `asked_after`
        query_failed,  ///< the query brought no answer
        // Of an exit that was refused since the account has nothing to close, by its holdings:
        holds_enough,     ///< it has
        holds_less,       ///< it has less, and said so twice
        holds_who_knows,  ///< no answer yet
    };
    Kind kind = Kind::not_sent;
    bool retryable = false;
    bool lacks_holdings = false;  ///< refused: there is less to close than the order says
    bool executed = false;
    bool in_part = false;  ///< executed: less than was ordered
    std::string evidence;
    std::chrono::milliseconds retry_after{0};
    /// A time that the venue itself had told before the query left; nullopt: it proves nothing.
    std::optional<base::Timestamp> asked_after;
};

/// The time as a leg sees it. No wall clock of ours is in it.
struct LegTime {
    std::optional<VenueTime> venue;                 ///< unknown: nothing is sent
    std::optional<std::chrono::milliseconds> left;  ///< until an open is given up; exits have none
    std::chrono::milliseconds age{0};               ///< of this attempt, since we have it
};

/// What to do next.
struct LegStep {
    enum class Action {
        send,    ///< sign and send this attempt (durable already), not before `after`
        rearm,   ///< commit `attempt` with a new `send_not_after`, then send
        query,   ///< ask the venue for the client id, not before `after`
        look,    ///< ask the venue what the account holds, not before `after`
        finish,  ///< `state` is final
    };
    Action action = Action::finish;
    LegState state = LegState::armed;
    std::chrono::milliseconds after{0};  ///< from now
    std::string evidence;
    int attempt = 0;  ///< of a rearm: one more when the last may have been sent, else the same
    bool continues = false;  ///< of a finish: the copy goes on, see Leg::continues
};

/// The whole policy of exactly-once for one leg, as a function. A leg is armed again only when it
/// is certain that the venue holds no order of the attempt before: nothing was sent, the venue said
/// no, or it had told a time past the attempt's expiry plus the clock error before a query that
/// found nothing left. What was sent, or may have been, uses up an attempt, and those are limited.
/// What never left us uses up none: an open then ends with its time, an exit goes on. An exit at
/// the market that the venue ended short of its quantity is over, and its copy goes on: another
/// order closes the rest. A final leg stays as it is.
[[nodiscard]] LegStep next_step(Leg const& leg, LegEvent const& event, LegPolicy const& policy,
                                LegTime const& now);
/// The first step of a leg read back after a restart: it may have been sent.
[[nodiscard]] LegStep recover(Leg const& leg);
/// `send_not_after` of an attempt that is armed now.
[[nodiscard]] base::Timestamp window_end(LegPolicy const& policy, VenueTime const& now);
/// How long a leg that was planned now is kept back: one that follows an exit which came short
/// gives the book time to fill.
[[nodiscard]] std::chrono::milliseconds first_pause(Leg const& leg, LegPolicy const& policy);
/// Whether an armed attempt still has enough life to be signed, and none that it was given by some
/// other clock.
[[nodiscard]] bool can_sign(Leg const& leg, LegPolicy const& policy,
                            std::optional<VenueTime> const& now);
/// Whether a query that finds nothing could prove that the venue holds nothing, once it leaves
/// after the venue has told `told`.
[[nodiscard]] bool is_past_expiry(Leg const& leg, LegPolicy const& policy, base::Timestamp told);

}  // namespace obscura::model
