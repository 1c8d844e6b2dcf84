#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "model/trade.hpp"
#include "ports/signer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

using base::Task;

/// A venue account whose fills are followed, with what it takes to log in.
struct LeaderAccount {
    model::TenantId tenant{};
    model::ConnectionId connection{};
    std::vector<model::TraderId> traders;  ///< leaders that stand behind it; never empty
    std::string venue;                     ///< "binance"
    model::Environment environment = model::Environment::paper;
    std::string credential_context;  ///< the AAD of `credentials`
    SealedCredentials credentials;
    base::Timestamp connected_at{};  ///< fills before it are not ours to follow

    friend bool operator==(LeaderAccount const&, LeaderAccount const&) = default;
};

/// How far REST has confirmed a symbol of an account: every fill with a smaller or equal venue
/// trade id has been delivered.
struct FeedCursor {
    /// The symbol was seen, but nothing of it is confirmed yet.
    static constexpr std::int64_t unconfirmed = -1;

    model::TenantId tenant{};
    model::ConnectionId connection{};
    model::Market market = model::Market::spot;
    std::string symbol;
    std::int64_t last_trade_id = unconfirmed;

    friend bool operator==(FeedCursor const&, FeedCursor const&) = default;
};

/// Fills and how far they confirm. The cursors hold only together with the trades: whoever stores
/// them stores both in one transaction, or the trades first.
struct FeedDelivery {
    std::vector<model::Trade> trades;  ///< without `id`, which the taker derives
    std::vector<FeedCursor> cursors;
};

/// Takes what a feed finds. A fill may be offered more than once, and late.
class FeedSink {
public:
    virtual ~FeedSink() = default;
    /// All or nothing; never waits. False: there is no room, nothing was taken, and the feed must
    /// fetch the fills again later.
    [[nodiscard]] virtual bool offer(FeedDelivery delivery) = 0;
    [[nodiscard]] virtual bool has_room() const = 0;
};

/// For people and for /health.
struct FeedStatus {
    std::string state;                         ///< "live", "catching_up", "connecting", ...
    bool is_live = false;                      ///< logged in, nothing missing as far as is known
    std::optional<base::Timestamp> last_data;  ///< anything at all from the venue's socket
    std::optional<base::Timestamp> last_trade;
    std::uint64_t connects = 0;
    std::uint64_t fills_missed_by_stream = 0;  ///< found by REST alone although the socket was up
    std::string last_error;                    ///< "" when all is well; never holds a secret
};

/// One account's private stream with REST behind it. Event-loop thread only.
class LeaderFeed {
public:
    virtual ~LeaderFeed() = default;
    /// Follows the account until `request_stop`, whatever happens on the way. `sink` must outlive
    /// it.
    [[nodiscard]] virtual Task<void> run(FeedSink& sink) = 0;
    /// `run` ends soon after, with all that it started.
    virtual void request_stop() = 0;
    [[nodiscard]] virtual FeedStatus status() const = 0;
};

/// Makes the feeds of one venue.
class LeaderFeeds {
public:
    virtual ~LeaderFeeds() = default;
    /// `cursors` are the stored ones of the account. invalid_argument "environment_not_served" when
    /// this venue is not configured for the account's environment.
    [[nodiscard]] virtual base::Result<std::unique_ptr<LeaderFeed>> open(
        LeaderAccount account, std::vector<FeedCursor> cursors) = 0;
};

}  // namespace obscura::ports
