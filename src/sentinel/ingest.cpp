#include "sentinel/ingest.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "sentinel/trade_identity.hpp"

#include <algorithm>

namespace obscura::sentinel {

using net::Task;

Ingest::Ingest(boost::asio::any_io_executor executor, IngestLimits limits, ports::TradeStore& store,
               ports::TradePublisher& publisher, TradersOf traders_of, base::Metrics& metrics,
               base::Clock const& clock)
    : limits_(limits),
      store_(store),
      publisher_(publisher),
      traders_of_(std::move(traders_of)),
      clock_(clock),
      wake_(std::move(executor)),
      ingest_(
          metrics.histogram("obscura_stage_seconds", "Time a stage took", {{"stage", "ingest"}})),
      committed_(
          metrics.counter("sentinel_trades_committed_total", "Fills stored for the first time")),
      known_(metrics.counter("sentinel_trades_known_total", "Fills that were stored before")),
      refused_(metrics.counter("sentinel_deliveries_refused_total", "Deliveries without room")),
      failures_(metrics.counter("sentinel_commit_failures_total", "Commits that failed")),
      depth_(metrics.gauge("sentinel_buffered_trades", "Fills waiting for the record")) {}

/// A delivery of cursors alone takes room too.
std::size_t Ingest::weight(ports::FeedDelivery const& delivery) {
    return std::max<std::size_t>(1, delivery.trades.size());
}

bool Ingest::has_room() const { return buffered_ < limits_.max_buffered_trades; }

bool Ingest::offer(ports::FeedDelivery delivery) {
    auto const added = weight(delivery);
    // An empty buffer takes a delivery of any size: a backfill's page must fit at some time.
    if (stopping_ || (buffered_ > 0 && buffered_ + added > limits_.max_buffered_trades)) {
        refused_.add();
        return false;
    }
    for (auto& trade : delivery.trades) trade.id = trade_id_of(model::venue_identity(trade));
    buffered_ += added;
    depth_.set(static_cast<double>(buffered_));
    buffer_.push_back(std::move(delivery));
    wake_.notify();
    return true;
}

ports::FeedDelivery Ingest::take_batch() {
    ports::FeedDelivery batch;
    while (!buffer_.empty()) {
        auto& next = buffer_.front();
        bool const fits = batch.trades.size() + next.trades.size() <= limits_.commit_batch;
        if (!fits && !batch.trades.empty()) break;
        if (!fits) {
            // Larger than a batch: its cursors hold only with its last trades, so they go last.
            auto const cut =
                next.trades.begin() + static_cast<std::ptrdiff_t>(limits_.commit_batch);
            batch.trades.assign(std::make_move_iterator(next.trades.begin()),
                                std::make_move_iterator(cut));
            next.trades.erase(next.trades.begin(), cut);
            buffered_ -= limits_.commit_batch;
            break;
        }
        buffered_ -= weight(next);
        std::ranges::move(next.trades, std::back_inserter(batch.trades));
        std::ranges::move(next.cursors, std::back_inserter(batch.cursors));
        buffer_.pop_front();
    }
    return batch;
}

/// False when the service stops while the record is out of reach.
Task<bool> Ingest::commit(ports::FeedDelivery const& batch, std::vector<model::Trade>& stored) {
    auto wait = limits_.retry_least;
    for (;;) {
        try {
            stored = co_await store_.append(batch);
            last_error_.clear();
            co_return true;
        } catch (std::exception const& e) {
            last_error_ = e.what();
        }
        failures_.add();
        base::log::warn("ingest.commit_failed",
                        {{"trades", batch.trades.size()}, {"error", last_error_}});
        if (stopping_) co_return false;
        co_await net::sleep_for(wait);
        wait = std::min(wait * 2, limits_.retry_most);
    }
}

void Ingest::announce(std::vector<model::Trade> stored) {
    std::vector<ports::PublishedTrade> published;
    published.reserve(stored.size());
    for (auto& trade : stored) {
        auto traders = traders_of_(trade.connection);
        published.push_back({std::move(trade), std::move(traders)});
    }
    publisher_.publish(published);
}

Task<void> Ingest::run() {
    for (;;) {
        if (buffer_.empty()) {
            if (stopping_) co_return;
            co_await wake_.wait(std::chrono::seconds(1));
            continue;
        }
        auto const batch = take_batch();
        std::vector<model::Trade> stored;
        if (!co_await commit(batch, stored)) co_return;
        depth_.set(static_cast<double>(buffered_));
        known_.add(static_cast<double>(batch.trades.size() - stored.size()));
        if (stored.empty()) continue;
        committed_.add(static_cast<double>(stored.size()));
        auto const now = clock_.now();
        for (auto const& trade : stored)
            ingest_.observe(std::max(now - trade.received_at, std::chrono::microseconds(0)));
        base::failpoint("sentinel.after_commit");
        announce(std::move(stored));
        base::failpoint("sentinel.after_publish");
    }
}

void Ingest::request_stop() {
    stopping_ = true;
    wake_.notify();
}

}  // namespace obscura::sentinel
