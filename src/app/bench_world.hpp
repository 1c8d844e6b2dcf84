#pragma once

#include "app/api_client.hpp"
#include "app/bench_ledger.hpp"
#include "app/chaos_stack.hpp"
#include "base/random.hpp"
#include "store/stage_report.hpp"

#include <string>
#include <vector>

namespace obscura::app::bench {

/// An account at the paper venue, with what signs for it.
struct PaperAccount {
    std::string label;
    std::string api_key;
    std::string secret;
};
struct Follower {
    PaperAccount account;
    std::string connection;
};
struct Leader {
    PaperAccount account;
    std::string trader;
};

/// What a leader's order did at the venue.
struct LeaderOrder {
    std::int64_t id = 0;
    base::Timestamp filled_at{};
};

/// Tenants, leaders, pools and followers of a private stack, made in bulk through the public API.
///
/// All followers are connections of one user: a login costs an Argon2id, a connection does not, and
/// to the order path a copy is a subscription with a connection, whoever owns it. Event-loop
/// thread.
class World {
public:
    World(boost::asio::any_io_executor executor, ChaosStack const& stack);

    /// The tenant with its key, and the users. Once, first.
    [[nodiscard]] net::Task<void> open();
    /// Until there are `count` followers.
    [[nodiscard]] net::Task<void> grow(std::size_t count);
    [[nodiscard]] net::Task<Leader> add_leader(std::string name);
    /// A pool that copies the leader; its id.
    [[nodiscard]] net::Task<std::string> add_curated_pool(std::string name, std::string trader);
    /// A pool that copies the tenant's signals; its id.
    [[nodiscard]] net::Task<std::string> add_partner_pool(std::string name);
    /// Followers `first` to `first + count - 1`.
    [[nodiscard]] net::Task<void> subscribe(std::string pool, std::size_t first, std::size_t count);

    /// A market order of a leader, which fills at once. Throws ApiFailure when it does not.
    [[nodiscard]] net::Task<LeaderOrder> trade(Leader const& leader, std::string side,
                                               std::string quantity);
    /// Orders accepted after the one of that id.
    [[nodiscard]] net::Task<std::vector<Acceptance>> accepted_after(std::int64_t order_id);
    [[nodiscard]] net::Task<std::int64_t> last_order_id();
    /// Waits until conductor holds no signal and no leg, and at least `orders` orders are at the
    /// venue after `order_id` on accounts of followers. Throws BenchFailure after five minutes.
    [[nodiscard]] net::Task<std::vector<Acceptance>> settled(std::int64_t order_id,
                                                             std::size_t orders);
    /// A market order as a complete, signed request, valid for a minute from now.
    [[nodiscard]] std::string signed_order(PaperAccount const& account, std::string const& side,
                                           std::string const& quantity) const;

    [[nodiscard]] ApiClient& api() { return api_; }
    [[nodiscard]] ChaosStack const& stack() const { return stack_; }
    [[nodiscard]] std::vector<Follower> const& followers() const { return followers_; }
    [[nodiscard]] std::string const& tenant_key() const { return tenant_key_; }
    [[nodiscard]] std::string const& tenant() const { return tenant_; }
    /// What every label of a follower begins with.
    [[nodiscard]] std::string follower_prefix() const { return run_ + "-follower-"; }
    [[nodiscard]] base::Clock const& clock() const { return clock_; }
    [[nodiscard]] boost::asio::any_io_executor executor() const { return executor_; }
    /// The signals of the pools accepted since then, at most 1,000 of each, with their stages.
    [[nodiscard]] net::Task<std::vector<store::SignalStages>> signals_of(
        std::vector<std::string> pools, base::Timestamp since);
    /// Waits until every signal of the pools accepted since then is over, which is when its copies
    /// are recorded. The copies that were filled. Throws BenchFailure after five minutes.
    [[nodiscard]] net::Task<std::int64_t> recorded(std::vector<std::string> pools,
                                                   base::Timestamp since, std::size_t signals);
    void close();

private:
    [[nodiscard]] net::Task<base::Json> gateway(std::string path, std::string token,
                                                base::Json body);
    [[nodiscard]] net::Task<std::string> join(std::string name, std::string tenant);
    [[nodiscard]] net::Task<PaperAccount> open_account(std::string label, base::Json balances);
    [[nodiscard]] net::Task<std::string> connect(std::string token, PaperAccount const& account,
                                                 std::string purpose);
    [[nodiscard]] net::Task<void> add_follower(std::size_t index);
    [[nodiscard]] net::Task<std::string> activated(std::string token, base::Json pool);
    [[nodiscard]] net::Task<bool> is_idle();

    boost::asio::any_io_executor executor_;
    ChaosStack const& stack_;
    base::SystemClock clock_;
    base::SystemRandom random_;
    ApiClient api_;
    net::HttpClient ledger_http_;
    base::Metrics metrics_;
    store::PgPool database_;
    std::string run_;  ///< in every name: a state folder may be used again
    std::string admin_, leaders_, user_;
    std::string tenant_, tenant_key_;
    std::vector<Follower> followers_;
    std::int64_t newest_order_ = 0;  ///< that the ledger has shown us
};

/// Settings of a private stack in which no limit that protects a venue or a door binds: what is
/// measured is the work. To be called before its start.
void lift_limits(ChaosStack& stack);

}  // namespace obscura::app::bench
