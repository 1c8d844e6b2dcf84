#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/client.hpp"
#include "net/runtime.hpp"
#include "net/websocket.hpp"
#include "ports/leader_feed.hpp"
#include "venue/binance_endpoints.hpp"
#include "venue/binance_history.hpp"
#include "venue/binance_stream.hpp"
#include "venue/feed_machine.hpp"
#include "venue/fill_tracker.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace obscura::venue {

struct BinanceFeedConfig {
    BinanceEndpoints endpoints;  ///< of the market
    model::Market market = model::Market::spot;
    /// Asked for at every REST pass besides the symbols that the account is known to have traded:
    /// where a fill is looked for before the stream ever told of one.
    std::vector<std::string> symbols;
    net::ClientConfig sockets;  ///< allow-list and TLS of the WebSockets
    FeedTiming timing;          ///< what the market's streams ask for is added to it
    std::chrono::milliseconds confirm_lag{10'000};
};

/// A followed account on one of Binance's markets: performs what `FeedMachine` decides. The
/// socket's fills go to the sink as they come, but wait for the backfill after a login; REST passes
/// hand on what the stream did not tell and move the cursors. Spot logs in on the socket; on
/// futures a listen key in its address is the login.
class BinanceLeaderFeed final : public ports::LeaderFeed {
public:
    BinanceLeaderFeed(BinanceFeedConfig const& config, ports::LeaderAccount account,
                      std::vector<ports::FeedCursor> const& cursors, net::HttpClient& client,
                      ports::Signer& signer, std::shared_ptr<RestGate> gate,
                      base::Clock const& clock, base::Random& random);

    [[nodiscard]] ports::Task<void> run(ports::FeedSink& sink) override;
    void request_stop() override;
    [[nodiscard]] ports::FeedStatus status() const override;

private:
    using Socket = std::shared_ptr<net::WebSocket>;

    void apply(FeedEvent event);
    void perform(FeedAction action);
    [[nodiscard]] ports::Task<void> connect(std::uint64_t generation);
    [[nodiscard]] ports::Task<base::Result<std::string>> stream_address();
    [[nodiscard]] ports::Task<void> renew(std::uint64_t generation);
    [[nodiscard]] ports::Task<void> log_in(Socket socket, std::uint64_t generation);
    [[nodiscard]] ports::Task<void> read(Socket socket, std::uint64_t generation);
    void take(StreamMessage message, base::Timestamp received_at);
    void take_fill(model::Trade trade);
    void hand_on(model::Trade trade);
    void release_held();

    [[nodiscard]] ports::Task<void> fetch();
    struct Round;
    [[nodiscard]] ports::Task<bool> fetch_all(std::uint64_t& missed);
    [[nodiscard]] ports::Task<bool> fetch_round(std::vector<PageAsk> asks, Round& round);
    [[nodiscard]] bool hand_on(Round& round);
    [[nodiscard]] std::uint64_t count_missed(Round const& round) const;

    void stamp(model::Trade& trade, bool via_backfill, base::Timestamp received_at) const;
    [[nodiscard]] ports::FeedCursor cursor_of(std::string const& symbol, std::int64_t id) const;
    void fail(std::string what);

    BinanceFeedConfig const& config_;
    BinanceEndpoint const& endpoint_;
    ports::LeaderAccount account_;
    BinanceAccountReader reader_;
    base::Clock const& clock_;
    FeedMachine machine_;
    FillTracker tracker_;

    ports::FeedSink* sink_ = nullptr;    ///< while `run` runs
    std::unique_ptr<net::Scope> scope_;  ///< likewise
    std::unique_ptr<net::Event> wake_;   ///< likewise
    bool stop_requested_ = false;
    Socket socket_;
    std::uint64_t generation_ = 0;  ///< of the socket: coroutines of older ones are void
    std::uint64_t next_request_ = 0;
    std::string login_id_;
    std::vector<model::Trade> held_;
    std::optional<base::Timestamp> live_since_;  ///< subscribed at, by the venue's clock
    ports::FeedStatus status_;
};

/// Makes them; owns what they share.
class BinanceLeaderFeeds final : public ports::LeaderFeeds {
public:
    BinanceLeaderFeeds(BinanceFeedConfig config, net::HttpClient& client, ports::Signer& signer,
                       base::Clock const& clock, base::Random& random);
    [[nodiscard]] base::Result<std::unique_ptr<ports::LeaderFeed>> open(
        ports::LeaderAccount account, std::vector<ports::FeedCursor> cursors) override;

private:
    BinanceFeedConfig config_;
    net::HttpClient& client_;
    ports::Signer& signer_;
    base::Clock const& clock_;
    base::Random& random_;
    std::map<model::Environment, std::shared_ptr<RestGate>> gates_;
};

}  // namespace obscura::venue
