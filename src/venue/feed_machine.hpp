#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace obscura::venue {

struct FeedTiming {
    std::chrono::milliseconds ping_every{5'000};    ///< a request that the venue must answer
    std::chrono::milliseconds stale_after{15'000};  ///< no data for so long: the socket is dead
    /// False where the venue has no such request: data may then be away for hours, and the age of
    /// whatever came last, pongs included, is for the socket to watch.
    bool answers_pings = true;
    /// What lets the venue push ends unless it is renewed, where there is such a thing.
    std::optional<std::chrono::milliseconds> renew_every;
    std::chrono::milliseconds renew_again_after{60'000};  ///< once it could not be renewed
    std::chrono::milliseconds connect_within{10'000};
    std::chrono::milliseconds login_within{10'000};
    std::chrono::milliseconds hold_at_most{
        5'000};  ///< streamed fills wait for the backfill, but not longer
    std::chrono::milliseconds reconcile_every{30'000};  ///< REST beside a live socket
    std::chrono::milliseconds poll_every{10'000};       ///< REST instead of a socket
    std::chrono::milliseconds backoff_least{250};
    std::chrono::milliseconds backoff_most{30'000};
    std::chrono::milliseconds settled_after{
        30'000};  ///< logged in for so long: backoff starts anew
};

enum class FeedState { idle, waiting, connecting, logging_in, catching_up, live, stopped };
[[nodiscard]] std::string_view to_string(FeedState state);

enum class FeedEvent {
    start,
    connected,
    connect_failed,
    data,            ///< any message of the socket
    login_accepted,  ///< subscribed: from here on the venue pushes
    login_refused,
    login_lost,  ///< the venue knows it no longer: nothing more will be pushed
    renew_failed,
    socket_lost,
    fetch_done,  ///< a REST pass over all symbols ended well
    fetch_failed,
    fetch_wanted,  ///< something hints at a fill that REST alone can tell
    fill_missed,   ///< REST found what the live socket should have pushed
    sink_full,     ///< a fill could not be handed on
    tick,          ///< time has passed
    stop,
};
enum class FeedAction {
    connect,
    log_in,
    ping,
    renew,         ///< so that the venue goes on pushing; tell of a failure only
    fetch,         ///< start a REST pass; it ends with fetch_done or fetch_failed
    release_held,  ///< hand on the streamed fills that waited
    drop_socket,   ///< also ends a connect or a login under way; no event of it may follow
};

/// When to connect, log in, ask REST, wait and give up: a pure machine. It performs nothing and
/// knows no venue; its caller feeds it events and performs the actions in order. One fetch runs at
/// a time. After `start` it goes on until `stop`; call `on(tick)` no later than at `wake_at`.
class FeedMachine {
public:
    FeedMachine(FeedTiming timing, base::Random& random) : timing_(timing), random_(random) {}

    [[nodiscard]] std::vector<FeedAction> on(FeedEvent event, base::Instant now);
    /// When time alone changes something; nullopt when idle or stopped.
    [[nodiscard]] std::optional<base::Instant> wake_at() const;

    [[nodiscard]] FeedState state() const { return state_; }
    /// Streamed fills must wait: the backfill that comes before them is under way.
    [[nodiscard]] bool is_holding() const { return hold_until_.has_value(); }

private:
    using Actions = std::vector<FeedAction>;
    [[nodiscard]] bool has_socket() const;
    [[nodiscard]] bool is_logged_in() const;
    [[nodiscard]] bool is_stale(base::Instant now) const;
    void connect(base::Instant now, Actions& out);
    void retry(base::Instant now, Actions& out);
    void fetch(base::Instant now, Actions& out);
    void release(Actions& out);
    void on_login_accepted(base::Instant now, Actions& out);
    void on_fetch_ended(bool well, base::Instant now, Actions& out);
    void on_tick(base::Instant now, Actions& out);
    [[nodiscard]] std::chrono::milliseconds backoff(unsigned attempt);

    FeedTiming timing_;
    base::Random& random_;
    FeedState state_ = FeedState::idle;
    unsigned attempts_ = 0;        ///< connections in a row that did not settle
    unsigned fetch_failures_ = 0;  ///< in a row
    bool is_fetching_ = false;
    bool fetch_again_ = false;  ///< the pass under way began too early to count
    base::Instant deadline_{};  ///< of waiting, connecting, logging_in
    base::Instant last_data_{};
    base::Instant next_ping_{};
    std::optional<base::Instant> renew_at_;
    base::Instant logged_in_at_{};
    std::optional<base::Instant> fetch_at_;
    std::optional<base::Instant> hold_until_;
};

}  // namespace obscura::venue
