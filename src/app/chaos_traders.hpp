#pragma once

#include "app/api_client.hpp"
#include "app/chaos_judge.hpp"
#include "app/chaos_plan.hpp"
#include "app/stack.hpp"
#include "base/random.hpp"

#include <map>
#include <string>

namespace obscura::app {

/// The leader and the tenant of a fault run. Both are good clients: whatever is killed under them,
/// they ask and try again under the same id until they know. Event-loop thread only.
class ChaosTraders {
public:
    /// All must outlive it.
    ChaosTraders(StackInfo const& stack, ApiClient& api, base::Clock const& clock);

    /// Finds pools, accounts and keys of the demo data with that many followers.
    [[nodiscard]] net::Task<void> find_demo(int followers);
    /// A new seed: what was done before is forgotten.
    void begin();
    /// Buys, sells a part, sells more than the rest. Throws ApiFailure when it cannot be done in
    /// minutes.
    [[nodiscard]] net::Task<void> lead(ChaosPlan plan);
    /// Sends a buy and a sell signal for the tenant.
    [[nodiscard]] net::Task<void> signal(ChaosPlan plan);
    /// Asks the venue for the plan's faults; returns when they are in force.
    [[nodiscard]] net::Task<void> ask_for_faults(ChaosPlan plan);
    /// Ends all faults; how often each kind has fired is added to `fired`.
    [[nodiscard]] net::Task<void> end_faults(std::map<std::string, std::int64_t>& fired);

    [[nodiscard]] ChaosDeeds const& deeds() const { return deeds_; }
    /// The ledger after an order; tried until the venue answers.
    [[nodiscard]] net::Task<VenueLedger> ledger(std::int64_t after_order_id);

private:
    [[nodiscard]] net::Task<ApiAnswer> persist(std::string method, std::string origin,
                                               std::string path, std::string token,
                                               base::Json body);
    [[nodiscard]] net::Task<void> order(std::string client_id, std::string side,
                                        base::Quantity quantity);
    [[nodiscard]] net::Task<std::optional<ApiAnswer>> ask_leader(std::string method,
                                                                 std::string params);
    [[nodiscard]] net::Task<void> find_accounts();
    [[nodiscard]] net::Task<void> find_pools();

    StackInfo const& stack_;
    ApiClient& api_;
    base::Clock const& clock_;
    std::string run_;  ///< in every id, so that a folder can be used for another run
    std::string tenant_key_, leader_key_, leader_secret_;
    std::map<std::string, std::string> account_ids_;  ///< by label
    ChaosDeeds deeds_;
};

}  // namespace obscura::app
