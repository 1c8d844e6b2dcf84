#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "venue/binance_leader_feed.hpp"

#include <algorithm>
#include <tuple>

/// The REST half of a followed account.
namespace obscura::venue {

using ports::Task;

namespace {

/// A streamed fill may be on its way for so long before it counts as missed.
constexpr std::chrono::seconds stream_grace{5};
/// A listen key lives for an hour.
constexpr std::chrono::minutes renew_listen_key_every{25};

/// The streams of futures answer no pings with data, and push for as long as the listen key lives.
BinanceFeedConfig as_the_market_is(BinanceFeedConfig config) {
    if (config.market != model::Market::futures) return config;
    config.timing.answers_pings = false;
    if (!config.timing.renew_every) config.timing.renew_every = renew_listen_key_every;
    return config;
}

}  // namespace

/// One page of every symbol that still has one.
struct BinanceLeaderFeed::Round {
    std::vector<std::pair<std::string, FillTracker::Verdict>> verdicts;
    std::vector<PageAsk> next;
};

/// False when a page could not be had; what came before it stays in `round`.
Task<bool> BinanceLeaderFeed::fetch_round(std::vector<PageAsk> asks, Round& round) {
    for (auto const& ask : asks) {
        auto page = co_await read_history(reader_, account_, ask);
        if (!page && page.error().reason == "unknown_symbol") continue;
        if (!page) {
            fail("REST: " + page.error().detail);
            co_return false;
        }
        for (auto& trade : *page) stamp(trade, true, clock_.now());
        // Fills are as old as the venue's clock says: by ours they might be confirmed too early.
        auto verdict = tracker_.judge(ask, std::move(*page), reader_.now().earliest);
        if (verdict.next) round.next.push_back(*verdict.next);
        round.verdicts.emplace_back(ask.symbol, std::move(verdict));
    }
    co_return true;
}

std::uint64_t BinanceLeaderFeed::count_missed(Round const& round) const {
    if (!live_since_) return 0;
    auto const latest = reader_.now().earliest - stream_grace;
    std::uint64_t missed = 0;
    for (auto const& [symbol, verdict] : round.verdicts)
        for (auto const& trade : verdict.fresh)
            if (tracker_.is_new(trade) && trade.executed_at > *live_since_ &&
                trade.executed_at < latest)
                ++missed;
    return missed;
}

bool BinanceLeaderFeed::hand_on(Round& round) {
    ports::FeedDelivery delivery;
    for (auto& [symbol, verdict] : round.verdicts) {
        // While other pages were on their way the stream may have told some of these.
        std::erase_if(verdict.fresh, [&](auto const& trade) { return !tracker_.is_new(trade); });
        for (auto const& trade : verdict.fresh) delivery.trades.push_back(trade);
        if (verdict.cursor) delivery.cursors.push_back(cursor_of(symbol, *verdict.cursor));
    }
    if (delivery.trades.empty() && delivery.cursors.empty()) return true;
    // Across symbols in the order of the venue's clock, as the stream would have told them.
    std::ranges::sort(delivery.trades, {}, [](model::Trade const& t) {
        return std::tuple(t.executed_at, std::string_view(t.symbol), t.venue_trade_id.size(),
                          std::string_view(t.venue_trade_id));
    });
    auto const last =
        delivery.trades.empty() ? std::nullopt : std::optional(delivery.trades.back().executed_at);
    if (!sink_->offer(std::move(delivery))) return false;
    for (auto const& [symbol, verdict] : round.verdicts) tracker_.settle(symbol, verdict);
    if (last) status_.last_trade = std::max(status_.last_trade.value_or(*last), *last);
    return true;
}

/// All pages of all symbols; false when the pass could not be ended. `missed` counts what the
/// socket should have told.
Task<bool> BinanceLeaderFeed::fetch_all(std::uint64_t& missed) {
    bool const was_live = machine_.state() == FeedState::live;
    auto const generation = generation_;
    auto asks = tracker_.first_pages();
    while (!asks.empty()) {
        Round round;
        bool const whole = co_await fetch_round(std::move(asks), round);
        if (was_live && generation == generation_) missed += count_missed(round);
        if (!hand_on(round)) {
            fail("no room for fills: the record is behind");
            co_return false;
        }
        if (!whole) co_return false;
        asks = std::move(round.next);
    }
    co_return true;
}

Task<void> BinanceLeaderFeed::fetch() {
    auto const generation = generation_;
    std::uint64_t missed = 0;
    bool good = false;
    base::failpoint("sentinel.before_backfill");
    try {
        good = !base::guard("backfill") || co_await fetch_all(missed);
    } catch (std::exception const& e) {
        fail(std::string("REST: ") + e.what());
    }
    apply(good ? FeedEvent::fetch_done : FeedEvent::fetch_failed);
    if (missed == 0) co_return;
    status_.fills_missed_by_stream += missed;
    base::log::warn("feed.fills_missed",
                    {{"connection", account_.connection.to_string()}, {"fills", missed}});
    if (generation != generation_) co_return;
    fail("the socket lost fills that REST has");
    apply(FeedEvent::fill_missed);
}

BinanceLeaderFeeds::BinanceLeaderFeeds(BinanceFeedConfig config, net::HttpClient& client,
                                       ports::Signer& signer, base::Clock const& clock,
                                       base::Random& random)
    : config_(as_the_market_is(std::move(config))),
      client_(client),
      signer_(signer),
      clock_(clock),
      random_(random) {
    for (auto const& [environment, endpoint] : config_.endpoints)
        gates_[environment] = std::make_shared<RestGate>();
}

base::Result<std::unique_ptr<ports::LeaderFeed>> BinanceLeaderFeeds::open(
    ports::LeaderAccount account, std::vector<ports::FeedCursor> cursors) {
    auto const gate = gates_.find(account.environment);
    if (gate == gates_.end())
        return base::fail(base::Errc::invalid_argument, "environment_not_served",
                          "Binance is not configured for this environment.");
    return std::make_unique<BinanceLeaderFeed>(config_, std::move(account), cursors, client_,
                                               signer_, gate->second, clock_, random_);
}

}  // namespace obscura::venue
