#include "venue/feed_machine.hpp"

#include <algorithm>

namespace obscura::venue {

using std::chrono::milliseconds;

std::string_view to_string(FeedState state) {
    switch (state) {
        case FeedState::idle:
            return "idle";
        case FeedState::waiting:
            return "waiting";
        case FeedState::connecting:
            return "connecting";
        case FeedState::logging_in:
            return "logging_in";
        case FeedState::catching_up:
            return "catching_up";
        case FeedState::live:
            return "live";
        case FeedState::stopped:
            return "stopped";
    }
    return "?";
}

bool FeedMachine::is_logged_in() const {
    return state_ == FeedState::catching_up || state_ == FeedState::live;
}

bool FeedMachine::has_socket() const { return state_ == FeedState::logging_in || is_logged_in(); }

bool FeedMachine::is_stale(base::Instant now) const {
    return timing_.answers_pings && has_socket() && now - last_data_ >= timing_.stale_after;
}

milliseconds FeedMachine::backoff(unsigned attempt) {
    auto cap = timing_.backoff_least;
    for (unsigned i = 0; i < attempt && cap < timing_.backoff_most; ++i) cap *= 2;
    cap = std::min(cap, timing_.backoff_most);
    // The upper half at random: a venue that comes back is not stormed by all feeds at once.
    auto const spread = static_cast<std::uint64_t>(cap.count() / 2 + 1);
    return cap - milliseconds(static_cast<std::int64_t>(random_.below(spread)));
}

void FeedMachine::connect(base::Instant now, Actions& out) {
    state_ = FeedState::connecting;
    deadline_ = now + timing_.connect_within;
    out.push_back(FeedAction::connect);
}

void FeedMachine::release(Actions& out) {
    if (!hold_until_) return;
    hold_until_.reset();
    out.push_back(FeedAction::release_held);
}

void FeedMachine::retry(base::Instant now, Actions& out) {
    if (is_logged_in() && now - logged_in_at_ >= timing_.settled_after) attempts_ = 0;
    // What was pushed is a fill, whether or not the socket lives on.
    release(out);
    renew_at_.reset();
    state_ = FeedState::waiting;
    deadline_ = now + backoff(attempts_++);
    auto const poll = now + timing_.poll_every;
    if (!is_fetching_) fetch_at_ = fetch_at_ ? std::min(*fetch_at_, poll) : poll;
}

void FeedMachine::fetch(base::Instant, Actions& out) {
    if (is_fetching_) {
        fetch_again_ = true;
        return;
    }
    is_fetching_ = true;
    fetch_again_ = false;
    fetch_at_.reset();
    out.push_back(FeedAction::fetch);
}

void FeedMachine::on_login_accepted(base::Instant now, Actions& out) {
    state_ = FeedState::catching_up;
    logged_in_at_ = now;
    next_ping_ = now + timing_.ping_every;
    if (timing_.renew_every) renew_at_ = now + *timing_.renew_every;
    hold_until_ = now + timing_.hold_at_most;
    // Subscribed first, asked second: between the two nothing can fall through. A pass that is
    // under way may have asked before the subscription, so it does not count.
    fetch(now, out);
}

void FeedMachine::on_fetch_ended(bool well, base::Instant now, Actions& out) {
    is_fetching_ = false;
    if (!well) {
        fetch_again_ = false;
        fetch_at_ = now + std::max(milliseconds(1'000), backoff(2 + fetch_failures_++));
        return;
    }
    fetch_failures_ = 0;
    if (fetch_again_) {
        fetch(now, out);
        return;
    }
    if (state_ == FeedState::catching_up) state_ = FeedState::live;
    release(out);
    fetch_at_ = now + (state_ == FeedState::live ? timing_.reconcile_every : timing_.poll_every);
}

void FeedMachine::on_tick(base::Instant now, Actions& out) {
    if (state_ == FeedState::waiting && now >= deadline_) connect(now, out);
    bool const too_slow =
        (state_ == FeedState::connecting || state_ == FeedState::logging_in) && now >= deadline_;
    if (too_slow || is_stale(now)) {
        out.push_back(FeedAction::drop_socket);
        retry(now, out);
    } else if (timing_.answers_pings && is_logged_in() && now >= next_ping_) {
        next_ping_ = now + timing_.ping_every;
        out.push_back(FeedAction::ping);
    }
    if (renew_at_ && now >= *renew_at_) {
        renew_at_ = now + *timing_.renew_every;
        out.push_back(FeedAction::renew);
    }
    if (hold_until_ && now >= *hold_until_) release(out);
    if (fetch_at_ && now >= *fetch_at_ && !is_fetching_) fetch(now, out);
}

// NOLINTNEXTLINE(readability-function-size): a line or two for each event
std::vector<FeedAction> FeedMachine::on(FeedEvent event, base::Instant now) {
    Actions out;
    if (state_ == FeedState::stopped) return out;
    switch (event) {
        case FeedEvent::start:
            if (state_ != FeedState::idle) break;
            fetch_at_ = now + timing_.poll_every;
            connect(now, out);
            break;
        case FeedEvent::connected:
            if (state_ != FeedState::connecting) break;
            state_ = FeedState::logging_in;
            deadline_ = now + timing_.login_within;
            last_data_ = now;
            out.push_back(FeedAction::log_in);
            break;
        case FeedEvent::connect_failed:
            if (state_ == FeedState::connecting) retry(now, out);
            break;
        case FeedEvent::data:
            last_data_ = now;
            break;
        case FeedEvent::login_accepted:
            if (state_ == FeedState::logging_in) on_login_accepted(now, out);
            break;
        case FeedEvent::login_refused:
            if (state_ != FeedState::logging_in) break;
            out.push_back(FeedAction::drop_socket);
            retry(now, out);
            break;
        case FeedEvent::login_lost:
            if (!is_logged_in()) break;
            out.push_back(FeedAction::drop_socket);
            retry(now, out);
            break;
        case FeedEvent::renew_failed:
            if (renew_at_) renew_at_ = now + timing_.renew_again_after;
            break;
        case FeedEvent::socket_lost:
            if (has_socket()) retry(now, out);
            break;
        case FeedEvent::fetch_done:
            on_fetch_ended(true, now, out);
            break;
        case FeedEvent::fetch_failed:
            on_fetch_ended(false, now, out);
            break;
        case FeedEvent::fetch_wanted:
            fetch(now, out);
            break;
        case FeedEvent::fill_missed:
            if (state_ != FeedState::live) break;
            out.push_back(FeedAction::drop_socket);
            retry(now, out);
            break;
        case FeedEvent::sink_full:
            if (!has_socket()) break;
            out.push_back(FeedAction::drop_socket);
            retry(now, out);
            break;
        case FeedEvent::tick:
            on_tick(now, out);
            break;
        case FeedEvent::stop:
            state_ = FeedState::stopped;
            hold_until_.reset();
            renew_at_.reset();
            out.push_back(FeedAction::drop_socket);
            break;
    }
    return out;
}

std::optional<base::Instant> FeedMachine::wake_at() const {
    if (state_ == FeedState::idle || state_ == FeedState::stopped) return std::nullopt;
    std::optional<base::Instant> earliest;
    auto const consider = [&](base::Instant at) {
        if (!earliest || at < *earliest) earliest = at;
    };
    if (state_ == FeedState::waiting || state_ == FeedState::connecting ||
        state_ == FeedState::logging_in)
        consider(deadline_);
    if (timing_.answers_pings && has_socket()) consider(last_data_ + timing_.stale_after);
    if (timing_.answers_pings && is_logged_in()) consider(next_ping_);
    if (renew_at_) consider(*renew_at_);
    if (hold_until_) consider(*hold_until_);
    if (fetch_at_ && !is_fetching_) consider(*fetch_at_);
    return earliest;
}

}  // namespace obscura::venue
