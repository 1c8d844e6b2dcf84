// The leaders' side of the venue, as sentinel sees it.
#include "simulation/venue_ports.hpp"

#include <algorithm>
#include <deque>

namespace obscura::simulation {

using ports::Task;

/// One account: connect, backfill by REST from the cursors, then the stream, with REST behind it
/// from time to time. What it loses on the way, REST finds.
class SimulatedFeeds::Feed final : public ports::LeaderFeed {
public:
    Feed(SimulatedFeeds& feeds, ports::LeaderAccount account,
         std::vector<ports::FeedCursor> cursors)
        : feeds_(feeds), account_(std::move(account)), wake_(feeds.node_.io().get_executor()) {
        for (auto const& cursor : cursors) confirmed_[cursor.symbol] = cursor.last_trade_id;
        place_ = feeds_.feeds_.insert(feeds_.feeds_.end(), this);
    }
    ~Feed() override { feeds_.feeds_.erase(place_); }

    [[nodiscard]] Task<void> run(ports::FeedSink& sink) override {
        while (!is_stopping_) {
            co_await net::sleep_for(std::chrono::milliseconds(5));
            is_live_ = true;
            is_broken_ = !co_await backfill(sink);
            while (!is_stopping_ && !is_broken_) {
                if (!heard_.empty())
                    is_broken_ = !pass_on(sink);
                else if (!co_await wake_.wait(reconcile_every))
                    is_broken_ = !co_await backfill(sink);
            }
            is_live_ = false;
            heard_.clear();
            co_await net::sleep_for(std::chrono::milliseconds(200));
        }
    }
    void request_stop() override {
        is_stopping_ = true;
        wake_.notify();
    }
    [[nodiscard]] ports::FeedStatus status() const override {
        ports::FeedStatus status;
        status.state = is_live_ ? "live" : "connecting";
        status.is_live = is_live_;
        return status;
    }
    [[nodiscard]] std::string const& name() const { return account_.credential_context; }
    void hear(model::Trade const& trade) {
        if (!is_live_) return;
        heard_.push_back(trade);
        wake_.notify();
    }
    void cut() {
        is_broken_ = true;
        is_live_ = false;
        wake_.notify();
    }

private:
    static constexpr std::chrono::milliseconds reconcile_every{2'000};

    model::Trade ours(model::Trade trade, bool via_backfill) const {
        trade.tenant = account_.tenant;
        trade.connection = account_.connection;
        trade.environment = account_.environment;
        trade.received_at = feeds_.node_.clock().now();
        trade.via_backfill = via_backfill;
        return trade;
    }
    bool pass_on(ports::FeedSink& sink) {
        ports::FeedDelivery delivery;
        for (; !heard_.empty(); heard_.pop_front())
            delivery.trades.push_back(ours(heard_.front(), false));
        return sink.offer(std::move(delivery));
    }
    /// False when the venue gave no answer, or nobody took it.
    [[nodiscard]] Task<bool> backfill(ports::FeedSink& sink) {
        using Page = base::Result<std::vector<model::Trade>>;
        auto const fault = feeds_.faults_.at(Where::rest_page);
        std::move_only_function<void(Reply<Page>)> send = [&](Reply<Page> reply) {
            auto const took = feeds_.dice_.between(microseconds(1ms), microseconds(40ms));
            // The feed may be gone by then; the venue is not.
            feeds_.world_.after(took, [&venue = feeds_.venue_, market = feeds_.market_, fault,
                                       reply, who = name()] {
                if (is(fault, What::fail))
                    return reply.with(base::fail(base::Errc::unavailable, "venue_down", "down"));
                std::vector<model::Trade> all;
                for (auto const& lead : venue.leads())
                    if (lead.account == who && lead.trade.market == market)
                        all.push_back(lead.trade);
                reply.with(std::move(all));
            });
        };
        auto const page = co_await feeds_.node_.ask<Page>(std::move(send));
        if (!page) co_return false;
        ports::FeedDelivery delivery;
        auto cursors = confirmed_;
        for (auto const& trade : *page) {
            auto const id = std::stoll(trade.venue_trade_id);
            auto& cursor =
                cursors.try_emplace(trade.symbol, ports::FeedCursor::unconfirmed).first->second;
            if (id <= cursor) continue;
            cursor = id;
            delivery.trades.push_back(ours(trade, true));
        }
        for (auto const& [symbol, id] : cursors)
            delivery.cursors.push_back(
                {account_.tenant, account_.connection, feeds_.market_, symbol, id});
        if (delivery.trades.empty()) co_return true;
        bool const taken = sink.offer(std::move(delivery));
        if (taken) confirmed_ = std::move(cursors);
        co_return taken;
    }

    SimulatedFeeds& feeds_;
    ports::LeaderAccount account_;
    net::Event wake_;
    std::map<std::string, std::int64_t> confirmed_;
    std::deque<model::Trade> heard_;
    std::list<Feed*>::iterator place_;
    bool is_stopping_ = false;
    bool is_live_ = false;
    bool is_broken_ = false;
};

base::Result<std::unique_ptr<ports::LeaderFeed>> SimulatedFeeds::open(
    ports::LeaderAccount account, std::vector<ports::FeedCursor> cursors) {
    return std::make_unique<Feed>(*this, std::move(account), std::move(cursors));
}

void SimulatedFeeds::tell(Venue::Lead const& lead) {
    if (lead.trade.market != market_) return;
    auto const fault = faults_.at(Where::stream_event);
    if (is(fault, What::lose)) return;
    auto delay = dice_.between(microseconds(500us), microseconds(8ms));
    if (is(fault, What::slow)) delay += fault->span;
    auto const life = node_.life();
    auto const deliver = [this, lead, life] {
        if (!node_.lives(life)) return;
        for (auto* feed : feeds_)
            if (feed->name() == lead.account) feed->hear(lead.trade);
    };
    if (is(fault, What::vanish)) {
        for (auto* feed : feeds_)
            if (feed->name() == lead.account) feed->cut();
        return;
    }
    world_.after(delay, deliver);
    if (is(fault, What::duplicate)) world_.after(delay + 300ms, deliver);
}

}  // namespace obscura::simulation
