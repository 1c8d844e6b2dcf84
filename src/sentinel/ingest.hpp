#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "net/runtime.hpp"
#include "ports/leader_feed.hpp"
#include "ports/trade_publisher.hpp"
#include "ports/trade_store.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <vector>

namespace obscura::sentinel {

struct IngestLimits {
    std::size_t max_buffered_trades = 50'000;
    std::size_t commit_batch = 1'000;
    std::chrono::milliseconds retry_least{50};
    std::chrono::milliseconds retry_most{2'000};
};

/// From the feeds to the record: a bounded buffer and one committer. Whatever arrived while the
/// last commit ran goes into the next one, in order. What was taken is committed before anything
/// later, however often the record fails; only the end of the process loses it, and then the feeds
/// fetch it again, since their cursors are stored with it. Event-loop thread only.
class Ingest final : public ports::FeedSink {
public:
    /// Which leaders stand behind a connection right now.
    using TradersOf = std::function<std::vector<model::TraderId>(model::ConnectionId)>;

    Ingest(boost::asio::any_io_executor executor, IngestLimits limits, ports::TradeStore& store,
           ports::TradePublisher& publisher, TradersOf traders_of, base::Metrics& metrics,
           base::Clock const& clock);

    [[nodiscard]] bool offer(ports::FeedDelivery delivery) override;
    [[nodiscard]] bool has_room() const override;

    /// Commits until `request_stop`, then what is left if the record takes it at once.
    [[nodiscard]] net::Task<void> run();
    void request_stop();

    [[nodiscard]] std::size_t buffered() const { return buffered_; }
    /// "" while the record takes what it gets.
    [[nodiscard]] std::string const& last_error() const { return last_error_; }

private:
    [[nodiscard]] static std::size_t weight(ports::FeedDelivery const& delivery);
    [[nodiscard]] ports::FeedDelivery take_batch();
    [[nodiscard]] net::Task<bool> commit(ports::FeedDelivery const& batch,
                                         std::vector<model::Trade>& stored);
    void announce(std::vector<model::Trade> stored);

    IngestLimits limits_;
    ports::TradeStore& store_;
    ports::TradePublisher& publisher_;
    TradersOf traders_of_;
    base::Clock const& clock_;
    net::Event wake_;
    std::deque<ports::FeedDelivery> buffer_;
    std::size_t buffered_ = 0;
    bool stopping_ = false;
    std::string last_error_;

    base::Histogram& ingest_;
    base::Counter& committed_;
    base::Counter& known_;
    base::Counter& refused_;
    base::Counter& failures_;
    base::Gauge& depth_;
};

}  // namespace obscura::sentinel
