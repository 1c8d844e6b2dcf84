#include "app/tour_scene.hpp"

#include "app/demo.hpp"

#include <algorithm>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;
using base::Json;
using base::Quantity;

constexpr auto longest_way_of_copies =
    120s;  // tells alive from stuck; a venue counts by the minute

}  // namespace

TourScene::TourScene(StackInfo const& stack, boost::asio::any_io_executor executor,
                     TourReport& report)
    : stack_(stack),
      report_(report),
      api_(executor, clock_, {stack.url("gateway"), stack.url("paper")}),
      database_(executor, {.url = stack.engine_database_url, .connections = 1}, metrics_) {}

void TourScene::close() {
    api_.close();
    database_.close();
}

net::Task<void> TourScene::step(std::string name, Work work) {
    if (report_.failed()) co_return;
    auto const started = clock_.steady();
    std::string detail;
    bool ok = false;
    try {
        detail = co_await work();
        ok = true;
    } catch (std::exception const& e) {
        detail = e.what();
    }
    report_.add(std::move(name), ok, clock_.steady() - started, std::move(detail));
}

// The demo data

net::Task<void> TourScene::find_demo() {
    for (auto const& login : load_logins(stack_.state_dir))
        if (login.name == demo::tenant_key_login) tenant_key_ = login.secret;
    if (tenant_key_.empty()) throw ApiFailure("no demo data: start without --bare");
    auto const pools = co_await gateway("GET", "/v2/pools?limit=100");
    for (auto const& pool : pools["data"].as_array()) {
        auto const id = model::PoolId::parse(text_of(pool, "id"));
        if (!id) throw ApiFailure("no pool id in " + pool.dump());
        pools_[text_of(pool, "name")] = *id;
    }
}

std::optional<model::PoolId> TourScene::pool(std::string const& name) const {
    auto const found = pools_.find(name);
    if (found == pools_.end()) return std::nullopt;
    return found->second;
}

net::Task<TourLeader> TourScene::leader(std::string label) {
    // Opening an account that is there tells its keys.
    auto body = Json::object({{"label", label}});
    auto const account = co_await venue("POST", "/admin/accounts", std::move(body));
    co_return TourLeader{.label = std::move(label),
                         .key = text_of(account, "api_key"),
                         .secret = text_of(account, "secret")};
}

// Actions

net::Task<void> TourScene::begin(model::Market market) {
    market_ = market;
    auto const before = co_await whole_ledger(market);
    ledger_mark_ = before.last_order_id();
    since_ = clock_.now();
}

net::Task<VenueLedger> TourScene::ledger() {
    co_return co_await read_ledger(api_, stack_.url("paper"), ledger_mark_, market_);
}

net::Task<VenueLedger> TourScene::whole_ledger(model::Market market) {
    co_return co_await read_ledger(api_, stack_.url("paper"), 0, market);
}

net::Task<void> TourScene::finish(model::PoolId pool, std::size_t count, std::string what) {
    auto const deadline = clock_.steady() + longest_way_of_copies;
    while (clock_.steady() < deadline) {
        auto const signals = co_await store::stages_since(database_, pool, since_);
        bool const over = std::ranges::all_of(signals, &store::SignalStages::is_over);
        if (signals.size() >= count && over) {
            report_.add_stages(std::move(what), signals);
            co_return;
        }
        co_await net::sleep_for(10ms);
    }
    throw ApiFailure("the signals were not over within two minutes");
}

// Calls

net::Task<Json> TourScene::gateway(std::string method, std::string path, Json body) {
    co_return co_await api_.expect(std::move(method), stack_.url("gateway"), std::move(path),
                                   tenant_key_, std::move(body));
}

net::Task<Json> TourScene::venue(std::string method, std::string path, Json body) {
    co_return co_await api_.expect(std::move(method), stack_.url("paper"), std::move(path), "",
                                   std::move(body));
}

net::Task<Json> TourScene::as_leader(TourLeader const& leader, std::string method, std::string path,
                                     std::string params) {
    auto answer = co_await api_.signed_call(std::move(method), stack_.url("paper"), std::move(path),
                                            leader.key, leader.secret, std::move(params));
    if (answer.status != 200) throw ApiFailure("the venue answered " + answer.body.dump());
    co_return std::move(answer.body);
}

std::string TourScene::new_reference() {
    return base::make_uuid_v7(clock_.now(), random_).to_string();
}

}  // namespace obscura::app
