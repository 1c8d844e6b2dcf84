#pragma once

#include "net/runtime.hpp"
#include "ports/lead_directory.hpp"
#include "ports/leader_feed.hpp"
#include "ports/trade_publisher.hpp"
#include "ports/trade_reader.hpp"

#include <map>
#include <stdexcept>
#include <vector>

namespace obscura::test {

class FakePublisher final : public ports::TradePublisher {
public:
    std::vector<std::vector<ports::PublishedTrade>> calls;
    void publish(std::vector<ports::PublishedTrade> const& trades) noexcept override {
        calls.push_back(trades);
    }
};

class FakeDirectory final : public ports::LeadDirectory {
public:
    std::vector<ports::LeaderAccount> leads;
    bool is_down = false;
    int looks = 0;
    [[nodiscard]] ports::Task<std::vector<ports::LeaderAccount>> active_leads() override {
        ++looks;
        if (is_down) throw std::runtime_error("the record is away");
        co_return leads;
    }
};

/// Feeds that do nothing until they are stopped or told to end.
class FakeFeeds final : public ports::LeaderFeeds {
public:
    struct Feed final : ports::LeaderFeed {
        explicit Feed(FakeFeeds& o, ports::LeaderAccount a) : owner(o), account(std::move(a)) {
            ++owner.opened;
            owner.running[account.connection] = this;
        }
        ~Feed() override { owner.running.erase(account.connection); }
        ports::Task<void> run(ports::FeedSink&) override {
            while (!stop) co_await net::sleep_for(std::chrono::milliseconds(1));
        }
        void request_stop() override { stop = true; }
        [[nodiscard]] ports::FeedStatus status() const override {
            return {.state = "live", .is_live = true};
        }
        FakeFeeds& owner;
        ports::LeaderAccount account;
        bool stop = false;
    };
    int opened = 0;
    bool refuses = false;
    std::map<model::ConnectionId, Feed*> running;
    std::vector<ports::FeedCursor> last_cursors;

    [[nodiscard]] base::Result<std::unique_ptr<ports::LeaderFeed>> open(
        ports::LeaderAccount account, std::vector<ports::FeedCursor> cursors) override {
        if (refuses)
            return base::fail(base::Errc::invalid_argument, "environment_not_served", "no");
        last_cursors = std::move(cursors);
        return std::make_unique<Feed>(*this, std::move(account));
    }
};

class FakeTradeReader final : public ports::TradeReader {
public:
    std::vector<ports::TradeQuery> queries;
    base::Result<ports::TradePage> answer;
    [[nodiscard]] ports::Task<base::Result<ports::TradePage>> list(
        ports::TradeQuery query) override {
        queries.push_back(std::move(query));
        co_return answer;
    }
};

}  // namespace obscura::test
