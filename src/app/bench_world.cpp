#include "app/bench_world.hpp"

#include "app/bench_child.hpp"
#include "app/bench_load.hpp"
#include "app/files.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"

#include <algorithm>
#include <array>

namespace obscura::app::bench {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr std::size_t api_width = 24;   // requests under way while a world is made
constexpr auto settle_patience = 300s;  // until everything is copied and recorded
constexpr auto settle_glance = 15ms;    // between two looks at conductor
constexpr auto investment = "10000";    // a tenth of it a position: within the book's first level
constexpr auto order_path = "/api/v3/order";
constexpr int most_allowed = 1'000'000;

std::vector<std::string> origins(ChaosStack const& stack) {
    std::vector<std::string> all;
    for (auto const& [name, url] : stack.info().urls) all.push_back(url);
    return all;
}

Json dollars(char const* amount) { return Json::object({{"USDT", amount}}); }

}  // namespace

void lift_limits(ChaosStack& stack) {
    make_folder(stack.folder().file("config"), 0700);
    stack.set_always("paper",
                     "OBSCURA_PAPER_MAX_ACCOUNTS=100000\n"
                     "OBSCURA_PAPER_MAX_CLOSED_ORDERS=5000000\n"
                     "OBSCURA_PAPER_WEIGHT_PER_MINUTE=1000000000\n"
                     "OBSCURA_PAPER_ORDERS_PER_10S=1000000\n"
                     "OBSCURA_PAPER_ORDERS_PER_DAY=1000000000");
    stack.set_always("conductor",
                     "OBSCURA_ENGINE_WEIGHT_PER_MINUTE=1000000000\n"
                     "OBSCURA_ENGINE_ORDERS_PER_10S=1000000\n"
                     // A backlog is what is measured: no open in it is to grow too old.
                     "OBSCURA_ENGINE_OPEN_LIFETIME=1h");
    // What a leader costs is measured on one market.
    stack.set_always("sentinel", "OBSCURA_MARKETS_FUTURES=false");
    stack.set_always("gateway", "OBSCURA_LIMITS_GENERAL_PER_MIN=1000000");
}

World::World(boost::asio::any_io_executor executor, ChaosStack const& stack)
    : executor_(executor),
      stack_(stack),
      api_(executor, clock_, origins(stack)),
      ledger_http_(executor,
                   {.allowed_origins = {stack.info().url("paper")}, .max_response_bytes = 1 << 30},
                   clock_),
      database_(executor, {.url = stack.info().engine_database_url, .connections = 1}, metrics_),
      run_("bench-" + std::to_string(base::to_unix_ms(clock_.now()))) {}

void World::close() {
    api_.close();
    ledger_http_.close();
    database_.close();
}

net::Task<Json> World::gateway(std::string path, std::string token, Json body) {
    co_return co_await api_.expect("POST", stack_.info().url("gateway"), std::move(path),
                                   std::move(token), std::move(body));
}

/// Registers a user and logs in; the access token. `tenant`: "" for the platform's own.
net::Task<std::string> World::join(std::string name, std::string tenant) {
    std::array<std::byte, 16> bytes{};
    random_.fill(bytes);
    auto const password =
        crypto::hex_encode({reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size()});
    auto who = Json::object(
        {{"email", name + "." + run_ + "@bench.obscura.local"}, {"password", password}});
    if (!tenant.empty()) who.set("tenant", tenant);
    (void)co_await gateway("/auth/register", tenant.empty() ? "" : tenant_key_, who);
    auto const answer = co_await gateway("/auth/login", "", who);
    co_return text_of(answer, "access_token");
}

net::Task<void> World::open() {
    auto admin = Json::object({{"email", stack_.info().admin_email},
                               {"password", stack_.info().admin_password.reveal()}});
    auto const session = co_await gateway("/auth/login", "", std::move(admin));
    admin_ = text_of(session, "access_token");
    auto limits =
        Json::object({{"general_per_min", most_allowed}, {"execution_per_min", most_allowed}});
    auto tenant = Json::object(
        {{"slug", run_}, {"name", "Measurements"}, {"rate_limits", std::move(limits)}});
    auto const made = co_await gateway("/v2/admin/tenants", admin_, std::move(tenant));
    tenant_ = text_of(made, "id");
    auto key = Json::object({{"name", "bench"},
                             {"mode", "test"},
                             {"scopes", Json::array({"signal:write", "pool:manage"})}});
    auto const path = "/v2/admin/tenants/" + tenant_ + "/api-keys";
    auto const answer = co_await gateway(path, admin_, std::move(key));
    tenant_key_ = text_of(answer, "key");
    leaders_ = co_await join("leaders", "");
    user_ = co_await join("followers", run_);
    // A price that stands still: sizes and fills are the same in every run.
    auto freeze = Json::object({{"symbol", "BTCUSDT"}, {"price", "50000"}});
    (void)co_await api_.expect("POST", stack_.info().url("paper"), "/admin/price", "",
                               std::move(freeze));
}

net::Task<PaperAccount> World::open_account(std::string label, Json balances) {
    auto body = Json::object({{"label", label}, {"balances", std::move(balances)}});
    body.set("taker_fee", "0");
    auto const account = co_await api_.expect("POST", stack_.info().url("paper"), "/admin/accounts",
                                              "", std::move(body));
    co_return PaperAccount{.label = std::move(label),
                           .api_key = text_of(account, "api_key"),
                           .secret = text_of(account, "secret")};
}

net::Task<std::string> World::connect(std::string token, PaperAccount const& account,
                                      std::string purpose) {
    auto keys = Json::object({{"api_key", account.api_key}, {"secret", account.secret}});
    auto body = Json::object({{"venue", "binance"},
                              {"environment", "paper"},
                              {"purpose", std::move(purpose)},
                              {"label", account.label},
                              {"credentials", std::move(keys)}});
    auto const made = co_await gateway("/exchanges/connections", std::move(token), std::move(body));
    co_return text_of(made, "id");
}

net::Task<void> World::add_follower(std::size_t index) {
    auto& follower = followers_[index];
    auto const label = follower_prefix() + std::to_string(index);
    follower.account = co_await open_account(label, dollars("100000000"));
    follower.connection = co_await connect(user_, follower.account, "follow");
}

net::Task<void> World::grow(std::size_t count) {
    auto const there = followers_.size();
    if (count <= there) co_return;
    followers_.resize(count);
    auto const add = [this, there](std::size_t i) { return add_follower(there + i); };
    co_await in_parallel(executor_, count - there, api_width, add);
}

net::Task<Leader> World::add_leader(std::string name) {
    Leader leader;
    auto rich = dollars("1000000000");
    rich.set("BTC", "100000");
    leader.account = co_await open_account(run_ + "-leader-" + name, std::move(rich));
    auto const connection = co_await connect(leaders_, leader.account, "lead");
    auto trader = Json::object({{"connection_id", connection}, {"display_name", name}});
    auto const made = co_await gateway("/v2/traders", leaders_, std::move(trader));
    leader.trader = text_of(made, "id");
    co_return leader;
}

net::Task<std::string> World::activated(std::string token, Json pool) {
    auto const made = co_await gateway("/v2/pools", token, std::move(pool));
    auto id = text_of(made, "id");
    (void)co_await gateway("/v2/pools/" + id + "/activate", token, Json::object());
    co_return id;
}

net::Task<std::string> World::add_curated_pool(std::string name, std::string trader) {
    auto traders = Json::array({Json::object({{"trader_id", std::move(trader)}})});
    auto pool = Json::object({{"kind", "curated"}, {"name", run_ + " " + name}});
    pool.set("traders", std::move(traders));
    co_return co_await activated(admin_, std::move(pool));
}

net::Task<std::string> World::add_partner_pool(std::string name) {
    auto pool = Json::object({{"kind", "partner"}, {"name", run_ + " " + name}});
    co_return co_await activated(tenant_key_, std::move(pool));
}

net::Task<void> World::subscribe(std::string pool, std::size_t first, std::size_t count) {
    auto const path = "/v2/pools/" + pool + "/subscribe";
    auto const one = [this, path, first](std::size_t i) -> net::Task<void> {
        auto body = Json::object({{"connection_id", followers_[first + i].connection},
                                  {"mode", "fixed_amount"},
                                  {"total_investment_usd", investment},
                                  {"max_loss_usd", investment}});
        (void)co_await gateway(path, user_, std::move(body));
    };
    co_await in_parallel(executor_, count, api_width, one);
}

net::Task<LeaderOrder> World::trade(Leader const& leader, std::string side, std::string quantity) {
    auto params =
        "symbol=BTCUSDT&side=" + side + "&type=MARKET&newOrderRespType=FULL&quantity=" + quantity;
    auto const answer =
        co_await api_.signed_call("POST", stack_.info().url("paper"), order_path,
                                  leader.account.api_key, leader.account.secret, std::move(params));
    auto const id = answer.body["orderId"].to_int64();
    auto const time = answer.body["transactTime"].to_int64();
    if (answer.status != 200 || !id || !time || answer.body["fills"].as_array().empty())
        throw ApiFailure("the leader's order was not filled: " + answer.body.dump());
    co_return LeaderOrder{.id = *id, .filled_at = base::from_unix_ms(*time)};
}

/// With thousands of accounts a page is larger than what `read_ledger` takes.
net::Task<std::vector<Acceptance>> World::accepted_after(std::int64_t order_id) {
    net::Request request;
    request.target = "/admin/ledger?limit=100000&after=" + std::to_string(order_id);
    auto const answer =
        co_await ledger_http_.fetch(stack_.info().url("paper"), std::move(request), 60s);
    if (!answer) throw ApiFailure("the ledger cannot be read: " + answer.error().detail);
    auto const page = base::parse_json(answer->body, {.max_members = 100'000'000});
    if (!page) throw ApiFailure("the ledger cannot be read: " + page.error().detail);
    auto orders = acceptances_in(*page);
    for (auto const& order : orders) newest_order_ = std::max(newest_order_, order.order_id);
    co_return orders;
}

net::Task<std::int64_t> World::last_order_id() {
    (void)co_await accepted_after(newest_order_);
    co_return newest_order_;
}

net::Task<bool> World::is_idle() {
    auto const answer = co_await api_.call("GET", stack_.info().url("conductor"), "/health", "");
    if (answer.status != 200) throw ApiFailure("conductor is ill: " + answer.body.dump());
    co_return answer.body["queued_signals"].to_int64() == 0 &&
        answer.body["open_legs"].to_int64() == 0;
}

net::Task<std::vector<Acceptance>> World::settled(std::int64_t order_id, std::size_t orders) {
    std::vector<Acceptance> accepted;
    for (auto const deadline = clock_.steady() + settle_patience; clock_.steady() < deadline;) {
        co_await nap(settle_glance);
        if (!co_await is_idle()) continue;
        accepted = co_await accepted_after(order_id);
        std::erase_if(accepted, [prefix = follower_prefix()](Acceptance const& order) {
            return !order.account.starts_with(prefix);
        });
        if (accepted.size() >= orders) co_return accepted;
    }
    throw BenchFailure("only " + std::to_string(accepted.size()) + " of " + std::to_string(orders) +
                       " orders reached the venue");
}

net::Task<std::vector<store::SignalStages>> World::signals_of(std::vector<std::string> pools,
                                                              base::Timestamp since) {
    std::vector<store::SignalStages> all;
    for (auto const& pool : pools) {
        auto const id = model::PoolId::parse(pool).value();
        auto const some = co_await store::stages_since(database_, id, since);
        all.insert(all.end(), some.begin(), some.end());
    }
    co_return all;
}

net::Task<std::int64_t> World::recorded(std::vector<std::string> pools, base::Timestamp since,
                                        std::size_t signals) {
    std::vector<model::PoolId> ids;
    for (auto const& pool : pools) ids.push_back(model::PoolId::parse(pool).value());
    std::size_t over = 0;
    for (auto const deadline = clock_.steady() + settle_patience; clock_.steady() < deadline;) {
        co_await nap(settle_glance);
        if (!co_await is_idle()) continue;
        // Their copies are counted once, at the end: whoever looks on must not be what is measured.
        over = co_await store::ended_since(database_, ids, since);
        if (over < signals) continue;
        std::int64_t filled = 0;
        for (auto const& signal : co_await signals_of(pools, since)) filled += signal.filled;
        co_return filled;
    }
    throw BenchFailure("only " + std::to_string(over) + " of " + std::to_string(signals) +
                       " signals came to their end");
}

std::string World::signed_order(PaperAccount const& account, std::string const& side,
                                std::string const& quantity) const {
    auto body = "symbol=BTCUSDT&side=" + side + "&type=MARKET&quantity=" + quantity +
                "&recvWindow=60000&timestamp=" + std::to_string(base::to_unix_ms(clock_.now()));
    body += "&signature=" + crypto::hmac_sha256_hex(account.secret, body);
    return render_request(
        "POST", order_path, "paper",
        {"X-MBX-APIKEY: " + account.api_key, "Content-Type: application/x-www-form-urlencoded"},
        body);
}

}  // namespace obscura::app::bench
