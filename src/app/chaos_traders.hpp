#pragma once

#include "app/api_client.hpp"
#include "app/chaos_judge.hpp"
#include "app/chaos_plan.hpp"
#include "app/stack.hpp"
#include "base/random.hpp"

#include <map>
#include <string>

namespace obscura::app {

/// The leaders and the tenant of a fault run. All are good clients: whatever is killed under them,
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
    /// The leader of the perpetuals goes short, buys a part back, flips to long, and is out.
    [[nodiscard]] net::Task<void> lead_contracts(ChaosPlan plan);
    /// Sends a buy and a sell signal for the tenant.
    [[nodiscard]] net::Task<void> signal(ChaosPlan plan);
    /// Asks the venue for the plan's faults; returns when they are in force.
    [[nodiscard]] net::Task<void> ask_for_faults(ChaosPlan plan);
    /// Ends all faults; how often each kind has fired is added to `fired`.
    [[nodiscard]] net::Task<void> end_faults(std::map<std::string, std::int64_t>& fired);

    [[nodiscard]] ChaosDeeds const& deeds() const { return deeds_; }
    /// The last order of each market.
    struct LedgerMark {
        std::int64_t spot = 0;
        std::int64_t contracts = 0;
    };
    struct Ledger {
        VenueLedger all;  ///< of both markets
        LedgerMark last;
    };
    /// The ledger after these orders; tried until the venue answers.
    [[nodiscard]] net::Task<Ledger> ledger(LedgerMark after);

private:
    [[nodiscard]] net::Task<ApiAnswer> persist(std::string method, std::string origin,
                                               std::string path, std::string token,
                                               base::Json body);
    /// A leader's account and where its orders go.
    struct Trader {
        std::string path;
        std::string symbol;
        std::string key, secret;
    };
    [[nodiscard]] net::Task<void> order(Trader trader, std::string client_id, std::string side,
                                        base::Quantity quantity);
    /// Sends an order of these terms (parameters of the venue) until it is there, once.
    [[nodiscard]] net::Task<void> place(Trader trader, std::string client_id, std::string terms);
    /// A purchase that rests below the price, cancelled by its owner as the price falls to it.
    /// Returns what it has bought, when it is over.
    [[nodiscard]] net::Task<base::Quantity> race_cancel(Trader trader, std::string client_id,
                                                        ChaosPlan plan);
    [[nodiscard]] net::Task<void> cancel(Trader trader, std::string client_id,
                                         std::chrono::milliseconds after);
    [[nodiscard]] net::Task<base::Quantity> how_it_ended(Trader trader, std::string client_id);
    [[nodiscard]] net::Task<void> fall(std::string symbol, base::Price to,
                                       std::chrono::milliseconds after);
    /// Sets the price, or lets it go; returns it.
    [[nodiscard]] net::Task<base::Price> freeze(std::string symbol, std::optional<base::Price> at,
                                                bool frozen);
    [[nodiscard]] net::Task<std::optional<ApiAnswer>> ask_as(Trader trader, std::string method,
                                                             std::string params);
    [[nodiscard]] net::Task<Trader> find_leader(std::string label, std::string path,
                                                std::string symbol);
    [[nodiscard]] net::Task<void> find_accounts();
    [[nodiscard]] net::Task<void> find_pools();

    StackInfo const& stack_;
    ApiClient& api_;
    base::Clock const& clock_;
    std::string run_;  ///< in every id, so that a folder can be used for another run
    std::string tenant_key_;
    Trader spot_leader_, contracts_leader_;
    std::map<std::string, std::string> account_ids_;  ///< by label
    ChaosDeeds deeds_;
};

}  // namespace obscura::app
