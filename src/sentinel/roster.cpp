#include "sentinel/roster.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <set>

namespace obscura::sentinel {

using net::Task;

namespace {

/// Whether a running feed can go on with the account as it is now; who stands behind it may change.
bool same_login(ports::LeaderAccount const& a, ports::LeaderAccount const& b) {
    return a.venue == b.venue && a.environment == b.environment &&
           a.credential_context == b.credential_context && a.credentials == b.credentials;
}

}  // namespace

Roster::Roster(boost::asio::any_io_executor executor, std::chrono::milliseconds poll_every,
               ports::LeadDirectory& directory, ports::TradeStore& store, FeedsByVenue venues,
               ports::FeedSink& sink, base::Metrics& metrics)
    : poll_every_(poll_every),
      directory_(directory),
      store_(store),
      venues_(std::move(venues)),
      sink_(sink),
      wake_(executor),
      scope_(executor),
      followed_(metrics.gauge("sentinel_feeds", "Accounts followed")),
      live_(metrics.gauge("sentinel_feeds_live", "Accounts followed and live")) {}

Task<void> Roster::run() {
    while (!stopping_) {
        try {
            co_await refresh();
            last_error_.clear();
            has_looked_ = true;
        } catch (std::exception const& e) {
            if (last_error_.empty())
                base::log::warn("roster.refresh_failed", {{"error", e.what()}});
            last_error_ = e.what();
        }
        if (!stopping_) co_await wake_.wait(poll_every_);
    }
    for (auto const& [place, entry] : entries_) entry->feed->request_stop();
    // Not `stop`: feeds end by themselves once asked, and close what they own on the way.
    co_await scope_.join();
    entries_.clear();
}

void Roster::request_stop() {
    stopping_ = true;
    wake_.notify();
}

Task<void> Roster::refresh() {
    auto const leads = co_await directory_.active_leads();
    drop_removed(leads);
    for (auto const& lead : leads)
        for (auto const market : markets_of(lead.venue)) {
            if (stopping_) co_return;
            co_await refresh(lead, market);
        }
    followed_.set(static_cast<double>(entries_.size()));
    live_.set(static_cast<double>(std::ranges::count_if(
        entries_, [](auto const& item) { return item.second->feed->status().is_live; })));
}

Task<void> Roster::refresh(ports::LeaderAccount const& lead, model::Market market) {
    auto const found = entries_.find({lead.connection, market});
    if (found == entries_.end()) {
        co_await open(lead, market);
    } else if (!same_login(found->second->account, lead)) {
        // Its follower is started by a later look, when this one has ended.
        found->second->feed->request_stop();
    } else {
        found->second->account.traders = lead.traders;
    }
}

/// Of a venue that is not here spot, so that somebody complains.
std::vector<model::Market> Roster::markets_of(std::string const& venue) const {
    auto const found = venues_.find(venue);
    if (found == venues_.end()) return {model::Market::spot};
    std::vector<model::Market> markets;
    for (auto const& [market, feeds] : found->second) markets.push_back(market);
    return markets;
}

void Roster::drop_removed(std::vector<ports::LeaderAccount> const& leads) {
    std::set<model::ConnectionId> wanted;
    for (auto const& lead : leads) wanted.insert(lead.connection);
    std::erase_if(refused_, [&](auto const& item) { return !wanted.contains(item.first.first); });
    for (auto const& [place, entry] : entries_)
        if (!wanted.contains(place.first)) entry->feed->request_stop();
    std::erase_if(entries_, [](auto const& item) { return item.second->has_ended; });
}

Task<void> Roster::open(ports::LeaderAccount account, model::Market market) {
    auto const connection = account.connection;
    Place const place{connection, market};
    auto const complain = [&](std::string why) {
        auto& said = refused_[place];
        if (said != why)
            base::log::error("roster.cannot_follow", {{"connection", connection.to_string()},
                                                      {"market", model::to_string(market)},
                                                      {"why", why}});
        said = std::move(why);
    };
    auto const venue = venues_.find(account.venue);
    if (venue == venues_.end()) {
        complain("no adapter for the venue " + account.venue);
        co_return;
    }
    auto cursors = co_await store_.cursors(connection);
    std::erase_if(cursors, [&](ports::FeedCursor const& c) { return c.market != market; });
    auto feed = venue->second.at(market)->open(account, std::move(cursors));
    if (!feed) {
        complain(feed.error().detail);
        co_return;
    }
    refused_.erase(place);
    auto entry = std::make_shared<Entry>();
    entry->account = std::move(account);
    entry->feed = std::move(*feed);
    entries_[place] = entry;
    base::log::info("roster.follow",
                    {{"connection", connection.to_string()},
                     {"venue", entry->account.venue},
                     {"market", model::to_string(market)},
                     {"environment", model::to_string(entry->account.environment)}});
    scope_.spawn("feed " + connection.to_string(), follow(place, std::move(entry)));
}

Task<void> Roster::follow(Place place, std::shared_ptr<Entry> entry) {
    struct Ended {
        Entry& entry;
        ~Ended() { entry.has_ended = true; }
    } const ended{*entry};
    co_await entry->feed->run(sink_);
    base::log::info("roster.unfollow", {{"connection", place.first.to_string()},
                                        {"market", model::to_string(place.second)}});
}

std::vector<model::TraderId> Roster::traders_of(model::ConnectionId connection) const {
    auto const found = entries_.lower_bound({connection, model::Market::spot});
    if (found == entries_.end() || found->first.first != connection) return {};
    return found->second->account.traders;
}

std::vector<Roster::FeedView> Roster::feeds() const {
    std::vector<FeedView> out;
    out.reserve(entries_.size() + refused_.size());
    for (auto const& [place, entry] : entries_) {
        auto account = entry->account;
        account.credentials.clear();
        out.push_back({std::move(account), place.second, entry->feed->status()});
    }
    for (auto const& [place, why] : refused_) {
        FeedView view;
        view.account.connection = place.first;
        view.market = place.second;
        view.status.state = "refused";
        view.status.last_error = why;
        out.push_back(std::move(view));
    }
    return out;
}

}  // namespace obscura::sentinel
