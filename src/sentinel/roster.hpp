#pragma once

#include "base/metrics.hpp"
#include "net/runtime.hpp"
#include "ports/lead_directory.hpp"
#include "ports/leader_feed.hpp"
#include "ports/trade_store.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace obscura::sentinel {

/// A feed per account and market to follow: looks into the directory every `poll_every` (or when
/// nudged), starts feeds for new accounts, stops those of removed ones, restarts where the
/// credential changed or a feed ended by itself. Event-loop thread only.
class Roster {
public:
    /// An account is followed on every market of its venue that is here.
    using FeedsByVenue = std::map<std::string, std::map<model::Market, ports::LeaderFeeds*>>;

    Roster(boost::asio::any_io_executor executor, std::chrono::milliseconds poll_every,
           ports::LeadDirectory& directory, ports::TradeStore& store, FeedsByVenue venues,
           ports::FeedSink& sink, base::Metrics& metrics);

    /// Until `request_stop`; then stops every feed and returns when the last has ended.
    [[nodiscard]] net::Task<void> run();
    void request_stop();
    /// Look now rather than at the next poll.
    void nudge() { wake_.notify(); }

    [[nodiscard]] std::vector<model::TraderId> traders_of(model::ConnectionId connection) const;

    struct FeedView {
        ports::LeaderAccount account;  ///< without credentials
        model::Market market = model::Market::spot;
        ports::FeedStatus status;
    };
    [[nodiscard]] std::vector<FeedView> feeds() const;
    /// "" while the directory answers.
    [[nodiscard]] std::string const& last_error() const { return last_error_; }
    [[nodiscard]] bool has_looked() const { return has_looked_; }

private:
    struct Entry {
        ports::LeaderAccount account;
        std::unique_ptr<ports::LeaderFeed> feed;
        bool has_ended = false;
    };
    using Place = std::pair<model::ConnectionId, model::Market>;
    using Entries = std::map<Place, std::shared_ptr<Entry>>;

    [[nodiscard]] net::Task<void> refresh();
    [[nodiscard]] net::Task<void> refresh(ports::LeaderAccount const& lead, model::Market market);
    [[nodiscard]] net::Task<void> open(ports::LeaderAccount account, model::Market market);
    [[nodiscard]] std::vector<model::Market> markets_of(std::string const& venue) const;
    [[nodiscard]] net::Task<void> follow(Place place, std::shared_ptr<Entry> entry);
    void drop_removed(std::vector<ports::LeaderAccount> const& leads);

    std::chrono::milliseconds poll_every_;
    ports::LeadDirectory& directory_;
    ports::TradeStore& store_;
    FeedsByVenue venues_;
    ports::FeedSink& sink_;
    net::Event wake_;
    net::Scope scope_;
    Entries entries_;
    std::map<Place, std::string> refused_;  ///< cannot be followed, and why
    bool stopping_ = false;
    bool has_looked_ = false;
    std::string last_error_;
    base::Gauge& followed_;
    base::Gauge& live_;
};

}  // namespace obscura::sentinel
