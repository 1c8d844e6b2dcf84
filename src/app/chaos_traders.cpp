#include "app/chaos_traders.hpp"

#include "app/chaos_client.hpp"
#include "app/chaos_stack.hpp"
#include "app/demo.hpp"

#include <algorithm>
#include <iterator>

namespace obscura::app {
namespace {

using base::Json;
using base::Quantity;
using namespace std::chrono_literals;

std::chrono::milliseconds pause_of(base::SeededRandom& random, ChaosPlan const& plan) {
    auto const most = static_cast<std::uint64_t>(plan.pause.count()) + 1;
    return std::chrono::milliseconds(static_cast<std::int64_t>(random.below(most)));
}

Quantity hundredths(std::int64_t units) { return Quantity{base::Decimal::from_scaled(units, 2)}; }

model::PoolId pool_id(Json const& pool) {
    auto const id = model::PoolId::parse(text_of(pool, "id"));
    if (!id) throw ApiFailure("no pool id in " + pool.dump());
    return *id;
}

}  // namespace

ChaosTraders::ChaosTraders(StackInfo const& stack, ApiClient& api, base::Clock const& clock)
    : stack_(stack), api_(api), clock_(clock), run_(std::to_string(base::to_unix_ms(clock.now()))) {
    deeds_.contracts_leader = demo::futures_leader_label;
    deeds_.symbol = "BTCUSDT";
    deeds_.asset = "BTC";
    deeds_.contract = "ETHUSDT";
}

/// Until the answer is neither missing nor a passing trouble.
net::Task<ApiAnswer> ChaosTraders::persist(std::string method, std::string origin, std::string path,
                                           std::string token, Json body) {
    std::string last;
    for (auto const deadline = clock_.steady() + client_patience; clock_.steady() < deadline;) {
        try {
            auto answer = co_await api_.call(method, origin, path, token, body);
            if (!may_pass(answer.status)) co_return answer;
            last = std::to_string(answer.status) + " " + answer.body.dump();
        } catch (ApiFailure const& e) {
            last = e.what();
        }
        co_await nap(pause_between_tries);
    }
    throw ApiFailure(method + " " + path + " never passed, last: " + last);
}

net::Task<void> ChaosTraders::find_demo(int followers) {
    for (auto const& login : load_logins(stack_.state_dir))
        if (login.name == demo::tenant_key_login) tenant_key_ = login.secret;
    for (int i = 0; i < followers; ++i) deeds_.followers.push_back(demo::follower_label(i));
    co_await find_pools();
    co_await find_accounts();
    auto const path = "/admin/accounts/" + account_ids_.at(demo::leader_label) + "/deposit";
    auto gift = Json::object({{"asset", deeds_.asset}, {"amount", "10000"}});
    (void)co_await api_.expect("POST", stack_.url("paper"), path, "", std::move(gift));
}

net::Task<void> ChaosTraders::find_pools() {
    auto const pools =
        co_await api_.expect("GET", stack_.url("gateway"), "/v2/pools?limit=100", tenant_key_);
    for (auto const& pool : pools["data"].as_array()) {
        auto const name = text_of(pool, "name");
        if (name == demo::partner_pool)
            deeds_.partner = pool_id(pool);
        else if (name == demo::curated_pool || name == demo::second_pool)
            deeds_.leaders[demo::leader_label].push_back(pool_id(pool));
        else if (name == demo::futures_pool)
            deeds_.leaders[demo::futures_leader_label].push_back(pool_id(pool));
    }
}

net::Task<ChaosTraders::Trader> ChaosTraders::find_leader(std::string label, std::string path,
                                                          std::string symbol) {
    auto body = Json::object({{"label", label}});
    auto const leader =
        co_await api_.expect("POST", stack_.url("paper"), "/admin/accounts", "", std::move(body));
    co_return Trader{.path = std::move(path),
                     .symbol = std::move(symbol),
                     .key = text_of(leader, "api_key"),
                     .secret = text_of(leader, "secret")};
}

net::Task<void> ChaosTraders::find_accounts() {
    spot_leader_ = co_await find_leader(demo::leader_label, "/api/v3/order", deeds_.symbol);
    contracts_leader_ =
        co_await find_leader(demo::futures_leader_label, "/fapi/v1/order", deeds_.contract);
    auto const accounts = co_await api_.expect("GET", stack_.url("paper"), "/admin/accounts", "");
    for (auto const& account : accounts["data"].as_array())
        account_ids_[text_of(account, "label")] = text_of(account, "account_id");
}

void ChaosTraders::begin() {
    deeds_.accepted.clear();
    deeds_.cancelled.clear();
    deeds_.sent.clear();
}

// The leaders

/// Nullopt when there was no answer.
net::Task<std::optional<ApiAnswer>> ChaosTraders::ask_as(Trader trader, std::string method,
                                                         std::string params) {
    try {
        co_return co_await api_.signed_call(std::move(method), stack_.url("paper"), trader.path,
                                            trader.key, trader.secret, std::move(params));
    } catch (ApiFailure const&) {
        // The venue may have it or not: the caller asks.
    }
    co_return std::nullopt;
}

net::Task<void> ChaosTraders::order(Trader trader, std::string client_id, std::string side,
                                    Quantity quantity) {
    auto terms = "side=" + side + "&type=MARKET&quantity=" + quantity.to_string();
    co_await place(std::move(trader), std::move(client_id), std::move(terms));
}

net::Task<void> ChaosTraders::place(Trader trader, std::string client_id, std::string terms) {
    auto const wanted = "symbol=" + trader.symbol + "&newClientOrderId=" + client_id + "&" + terms;
    auto const name = "symbol=" + trader.symbol + "&origClientOrderId=" + client_id;
    bool may_be_there = false;
    std::string last = "no answer";
    for (auto const deadline = clock_.steady() + client_patience; clock_.steady() < deadline;) {
        auto const answer =
            co_await ask_as(trader, may_be_there ? "GET" : "POST", may_be_there ? name : wanted);
        if (answer && answer->status == 200) co_return;
        if (answer) last = answer->body.dump();
        auto const code = answer ? answer->body["code"].to_int64().value_or(0) : 0;
        bool const known = code == no_such_order || code == too_late;
        if (answer && !known && !may_pass(answer->status))
            throw ApiFailure("the leader's order: " + last);
        if (code == no_such_order) may_be_there = false;
        if (!known) may_be_there = true;
        co_await nap(pause_between_tries);
    }
    throw ApiFailure("the leader's order never passed, last: " + last);
}

net::Task<void> ChaosTraders::lead(ChaosPlan plan) {
    base::SeededRandom random(plan.seed * 2 + 1);
    auto const id = "lead-" + run_ + "-" + std::to_string(plan.seed) + "-";
    co_await order(spot_leader_, id + "1", "BUY", hundredths(5));
    co_await nap(pause_of(random, plan));
    co_await order(spot_leader_, id + "2", "SELL", hundredths(2));
    co_await nap(pause_of(random, plan));
    // More than was bought: the rest, and something that the leader held before anybody watched.
    auto bought = hundredths(10);
    if (plan.cancels) bought += co_await race_cancel(spot_leader_, id + "cancel", plan);
    co_await order(spot_leader_, id + "3", "SELL", bought);
}

net::Task<void> ChaosTraders::lead_contracts(ChaosPlan plan) {
    base::SeededRandom random(plan.seed * 2 + 1);
    auto const id = "contracts-" + run_ + "-" + std::to_string(plan.seed) + "-";
    co_await order(contracts_leader_, id + "1", "SELL", hundredths(100));
    co_await nap(pause_of(random, plan));
    co_await order(contracts_leader_, id + "2", "BUY", hundredths(40));
    co_await nap(pause_of(random, plan));
    co_await order(contracts_leader_, id + "3", "BUY", hundredths(160));
    co_await nap(pause_of(random, plan));
    auto bought = hundredths(100);
    if (plan.cancels) bought += co_await race_cancel(contracts_leader_, id + "cancel", plan);
    co_await order(contracts_leader_, id + "4", "SELL", bought);
}

net::Task<ChaosTraders::Ledger> ChaosTraders::ledger(LedgerMark after) {
    std::string last;
    for (auto const deadline = clock_.steady() + client_patience; clock_.steady() < deadline;) {
        try {
            auto const paper = stack_.url("paper");
            Ledger out{.all = co_await read_ledger(api_, paper, after.spot), .last = after};
            out.last.spot = std::max(after.spot, out.all.last_order_id());
            auto contracts =
                co_await read_ledger(api_, paper, after.contracts, model::Market::futures);
            out.last.contracts = std::max(after.contracts, contracts.last_order_id());
            std::ranges::move(contracts.orders, std::back_inserter(out.all.orders));
            out.all.positions = std::move(contracts.positions);
            co_return out;
        } catch (ApiFailure const& e) {
            last = e.what();
        }
        co_await nap(pause_between_tries);
    }
    throw ApiFailure("the ledger cannot be read: " + last);
}

// The tenant

net::Task<void> ChaosTraders::signal(ChaosPlan plan) {
    base::SeededRandom random(plan.seed * 2);
    auto const path = "/v2/pools/" + deeds_.partner.to_string() + "/signals";
    for (auto const* side : {"buy", "sell"}) {
        auto const reference = "chaos-" + run_ + "-" + std::to_string(plan.seed) + "-" + side;
        auto body = Json::object({{"symbol", deeds_.symbol},
                                  {"side", side},
                                  {"quantity", "0.2"},
                                  {"external_trade_id", reference}});
        deeds_.sent.insert(reference);
        auto const answer =
            co_await persist("POST", stack_.url("gateway"), path, tenant_key_, std::move(body));
        if (answer.status != 202 && answer.status != 200)
            throw ApiFailure("the tenant's signal: " + std::to_string(answer.status) + " " +
                             answer.body.dump());
        deeds_.accepted.insert(reference);
        co_await nap(pause_of(random, plan));
    }
}

// The venue's faults

net::Task<void> ChaosTraders::ask_for_faults(ChaosPlan plan) {
    if (plan.venue_faults.empty()) co_return;
    auto faults = Json::array();
    for (auto const& fault : plan.venue_faults) {
        auto json = fault.members;
        auto match = json["match"];
        auto const label = fault.on == VenueFault::leader ? demo::leader_label
                           : fault.on == VenueFault::contracts_leader
                               ? demo::futures_leader_label
                               : demo::follower_label(fault.on);
        match.set("account", account_ids_.at(label));
        json.set("match", std::move(match));
        json.set("fault", fault.kind);
        faults.push_back(std::move(json));
    }
    auto const answer =
        co_await persist("POST", stack_.url("paper"), "/admin/faults", "", std::move(faults));
    if (answer.status != 201) throw ApiFailure("the venue refuses faults: " + answer.body.dump());
}

net::Task<void> ChaosTraders::end_faults(std::map<std::string, std::int64_t>& fired) {
    auto const list = co_await persist("GET", stack_.url("paper"), "/admin/faults", "", {});
    for (auto const& fault : list.body["data"].as_array())
        fired[text_of(fault, "fault")] += fault["fired"].to_int64().value_or(0);
    (void)co_await persist("DELETE", stack_.url("paper"), "/admin/faults", "", {});
}

}  // namespace obscura::app
