#pragma once

#include "app/api_client.hpp"
#include "app/stack.hpp"
#include "app/tour_report.hpp"
#include "app/venue_ledger.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "model/ids.hpp"
#include "model/types.hpp"
#include "net/runtime.hpp"
#include "store/pg.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace obscura::app {

/// What trades as a leader does: by its own key, as any client would.
struct TourLeader {
    std::string label;  ///< of its paper account
    std::string key;
    std::string secret;
};

/// What every part of the tour stands on: a running stack, the demo data in it, the report. One
/// action at a time; event-loop thread only.
class TourScene {
public:
    /// All must outlive it.
    TourScene(StackInfo const& stack, boost::asio::any_io_executor executor, TourReport& report);
    void close();

    using Work = std::function<net::Task<std::string>()>;
    /// Runs a step; what it returns or throws is the report's detail. After one that failed the
    /// others are skipped.
    [[nodiscard]] net::Task<void> step(std::string name, Work work);

    /// Reads what the demo data is called here. ApiFailure when there is none.
    [[nodiscard]] net::Task<void> find_demo();
    [[nodiscard]] std::string const& tenant_key() const { return tenant_key_; }
    /// Nullopt when the demo data has no pool of that name.
    [[nodiscard]] std::optional<model::PoolId> pool(std::string const& name) const;
    [[nodiscard]] net::Task<TourLeader> leader(std::string label);

    /// From here on everything belongs to a new action in that market.
    [[nodiscard]] net::Task<void> begin(model::Market market);
    /// The venue's orders of the action under way, and what is held now.
    [[nodiscard]] net::Task<VenueLedger> ledger();
    /// All that the venue's ledger has of a market.
    [[nodiscard]] net::Task<VenueLedger> whole_ledger(model::Market market);
    /// Waits until `count` signals of the action are over in the pool; their way through the stages
    /// goes into the report as `what`.
    [[nodiscard]] net::Task<void> finish(model::PoolId pool, std::size_t count, std::string what);

    /// A call that must succeed: of the gateway with the tenant's key, of the venue without any.
    [[nodiscard]] net::Task<base::Json> gateway(std::string method, std::string path,
                                                base::Json body = {});
    [[nodiscard]] net::Task<base::Json> venue(std::string method, std::string path,
                                              base::Json body = {});
    [[nodiscard]] net::Task<base::Json> as_leader(TourLeader const& leader, std::string method,
                                                  std::string path, std::string params);
    /// An identifier that was never used.
    [[nodiscard]] std::string new_reference();

private:
    StackInfo const& stack_;
    TourReport& report_;
    base::SystemClock clock_;
    base::SystemRandom random_;
    base::Metrics metrics_;
    ApiClient api_;
    store::PgPool database_;
    std::string tenant_key_;
    std::map<std::string, model::PoolId> pools_;  ///< by name

    // Of the action under way.
    model::Market market_ = model::Market::spot;
    std::int64_t ledger_mark_ = 0;
    base::Timestamp since_{};
};

}  // namespace obscura::app
